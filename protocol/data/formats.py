"""The formats of files of interactions. A new format is one entry here and a module that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from protocol.data.columns import checked
from protocol.data.files import DataFile
from protocol.data.parquet_files import read_parquet
from protocol.data.text_files import read_text
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Columns, Origin, Values

    Reader: TypeAlias = Callable[[DataFile, Mapping[str, str], Sequence[str]], tuple[dict[str, Values], Origin]]


@dataclass(frozen=True)
class Format:
    """A file format.

    Parameters
    ----------
    endings
        Endings of file names, in small letters and without ``.gz``, by which the format is recognised.
    read
        Reads a file. It takes the file, the file's own names of columns and the wanted columns (both by
        `protocol.data.layout.KNOWN_NAMES`). It returns the values of each wanted column, ``(n_rows,)``, and where
        they come from, so that an error can name a row. It raises a DatasetError if it cannot.
    """

    endings: tuple[str, ...]
    read: Reader


FORMATS = (Format((".parquet", ".pq"), read_parquet),)
"""Formats that a file's name shows."""

TEXT = Format((), read_text)
"""The format of every other file; its delimiter and header are found in its first line."""


def read_file(
    path: Path, names: Mapping[str, str], *, with_ratings: bool = False, member: str | None = None
) -> Columns:
    """Read a file of interactions, in any of `FORMATS` or as `TEXT`, gzipped or not.

    Parameters
    ----------
    names
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    with_ratings
        Whether to read the ratings, too.
    member
        The file to read inside ``path``, if that is a zip archive.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, cut short, not UTF-8, or lacks a column or a value.
    """
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    return checked(*read_values(path, names, wanted, member=member), chosen=names)


def read_values(
    path: Path, names: Mapping[str, str], wanted: Sequence[str], *, member: str | None = None
) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a file unchecked, ``(n_rows,)`` each, and where they come from.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, cut short, not UTF-8, or lacks a column.
    """
    if not path.is_file():
        raise DatasetError(f"{path} is {'a folder, expected a file' if path.is_dir() else 'not there'}")
    file = DataFile(path, member)
    form = next((form for form in FORMATS if file.name.endswith(form.endings)), TEXT)
    return form.read(file, names, wanted)
