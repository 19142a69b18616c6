"""Change a stored record in place, and give its document the digests and the seal that fit what it then says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.records.files import ARRAYS, DOCUMENT, SEAL, file_digest, seal_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def reseal(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
    """Change the document in a record's folder, and seal it anew, with the arrays that lie beside it."""
    path = folder / DOCUMENT
    document = json.loads(path.read_text())
    change(document)
    if (folder / ARRAYS).is_file():
        document["files"] = {ARRAYS: file_digest(folder / ARRAYS)}
    path.write_text(json.dumps(document | {SEAL: seal_of(document)}))
