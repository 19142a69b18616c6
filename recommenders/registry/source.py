"""Digests of a recommender's source, so that a changed recommender is never answered by an old result."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.registry.code_digest import code_digest, parse
from recommenders.registry.source_files import read, source_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def digest_of(reference: str, folder: str = "") -> str:
    """Return the SHA-256, in hexadecimal, of what the source of ``place:Name`` does.

    Comments, docstrings and formatting of Python files do not change it (see
    `recommenders.registry.code_digest.code_digest`). The folder of the source does not change it either; the names of
    the files within the source do. Nothing of the source is run.

    Parameters
    ----------
    folder
        Where a package is looked for, too (see `recommenders.registry.Entry`).

    Raises
    ------
    RecommenderError
        If there is no such source.
    """
    return _digest(reference, folder, _of_code)


def text_digest_of(reference: str, folder: str = "") -> str:
    """Return the same of every byte of the source: comments and docstrings change it, too."""
    return _digest(reference, folder, _of_bytes)


def digest_of_file(path: Path) -> str:
    """Return the SHA-256, in hexadecimal, of what one file holds; of a Python file, of what its code does.

    Raises
    ------
    RecommenderError
        If it cannot be read.
    """
    if path.suffix == ".py":
        return _of_code(path.suffix, read(path))
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecommenderError(f"{path} cannot be read: {error.strerror}") from error


def _digest(reference: str, folder: str, digest: Callable[[str, bytes], str]) -> str:
    files = source_files(reference, folder)
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{digest(files[name].suffix, read(files[name]))}\n".encode())
    return total.hexdigest()


@lru_cache(maxsize=1024)  # Recommenders share most of their files.
def _of_code(suffix: str, source: bytes) -> str:
    tree = parse(source) if suffix == ".py" else None
    return _of_bytes(suffix, source) if tree is None else code_digest(tree)


def _of_bytes(_: str, source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()
