"""Files of interactions for tests: written, packed, read, refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from backports import zstd

from protocol.data.loading import load_dataset
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = "user,item,rating,timestamp\n"
ROWS = "1,10,5,881250100\n1,20,3,881250300\n2,10,4,881250200\n"
TRIPLES = [(1, 10, 881250100), (1, 20, 881250300), (2, 10, 881250200)]
"""What `ROWS` say: user, item and time, by user and time."""


def zipped(**members: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
    ".zip": lambda content: zipped(inside=content),
}
"""What packs bytes, by the ending that it adds to a name."""


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def triples(path: Path | str, **options: Any) -> list[tuple[Any, Any, int]]:
    """Return user, item and time of each interaction of a dataset, by user and time."""
    dataset = load_dataset(path, **options)
    own = dataset.interactions
    columns = (dataset.user_ids[own.users], dataset.item_ids[own.items], own.timestamps)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def refused(path: Path | str, **options: Any) -> str:
    """Return why a dataset is refused."""
    with pytest.raises(DatasetError) as error:
        load_dataset(path, **options)
    return str(error.value)
