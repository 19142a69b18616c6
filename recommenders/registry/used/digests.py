"""Digests of used files as they are now."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.registry.source import digest_of_file
from recommenders.registry.used.outcome import ABSENT

if TYPE_CHECKING:
    from pathlib import Path


def digest_now(path: Path | None) -> str:
    """Return the digest of a file (see `recommenders.registry.source.digest_of_file`).

    `ABSENT` where there is no such file, and where it may not be read: what was used cannot be told from it then.
    """
    try:
        state = path.stat() if path else None
        return _digest(path, state.st_mtime_ns, state.st_size) if path and state else ABSENT
    except (OSError, RecommenderError):
        return ABSENT


@lru_cache(maxsize=4096)  # The jobs of one run use mostly the same files.
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    return digest_of_file(path)
