"""The formats of files of interactions. A new format is one entry here and a module that reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from msgspec import structs

from protocol.data.columns import checked
from protocol.data.feather_files import read_feather
from protocol.data.foreign import refuse_foreign
from protocol.data.json_files import read_json
from protocol.data.parquet_files import read_parquet
from protocol.data.sequences import read_sequences, refuse_unsaid
from protocol.data.settled import AS_FOUND
from protocol.data.sources import source_of
from protocol.data.text_files import read_text
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Columns, Origin, Values
    from protocol.data.files import DataFile
    from protocol.data.settled import Settled

    Reader: TypeAlias = Callable[[DataFile, Mapping[str, str], Sequence[str]], tuple[dict[str, Values], Origin]]


@dataclass(frozen=True)
class Format:
    """A file format.

    Parameters
    ----------
    endings
        Endings of file names, in small letters and without those of compressions, by which the format is recognised
        where the first bytes show none.
    read
        Reads a file. It takes the file, the file's own names of columns and the wanted columns (both by
        `protocol.data.layout.KNOWN_NAMES`). It returns the values of each wanted column, ``(n_rows,)``, and where
        they come from, so that an error can name a row. It raises a DatasetError if it cannot.
    begins
        Matches the first bytes of a file of this format; None where they do not show it.
    is_text
        Whether the file is text, which may have another encoding than UTF-8.
    """

    endings: tuple[str, ...]
    read: Reader
    begins: re.Pattern[bytes] | None = None
    is_text: bool = True


FORMATS = (
    Format((".parquet", ".pq"), read_parquet, re.compile(rb"PAR1"), is_text=False),
    Format((".feather", ".arrow", ".ipc"), read_feather, re.compile(rb"ARROW1|\xff{4}..\x00\x00"), is_text=False),
    Format((".json", ".jsonl", ".ndjson"), read_json, re.compile(rb'(\xef\xbb\xbf)?\s*(\[\s*[\[{]|\{\s*["}])')),
)
"""Formats that a file's first bytes or its name show."""

TEXT = Format((), read_text)
"""The format of every other file; its delimiter and header are found in its first line."""

SEQUENCES = Format((), read_sequences)
"""The format that only its user can know."""


def read_file(
    path: Path,
    names: Mapping[str, str],
    *,
    with_ratings: bool = False,
    member: str | None = None,
    encoding: str | None = None,
    form: Format | None = None,
    settled: Settled = AS_FOUND,
) -> Columns:
    """Read a file of interactions, in any of `FORMATS` or as `TEXT`, packed or not.

    Parameters
    ----------
    path
        A file, a pipe, a folder of parts, or ``ARCHIVE.zip/FILE``.
    names
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual; in text
        without a header their positions, from 0.
    with_ratings
        Whether to read the ratings, too.
    member
        The file to read inside ``path``, if that is a zip archive.
    encoding
        How text is encoded, by Python's names; UTF-8 by default.
    form
        The format, if neither the first bytes nor the name show it.
    settled
        How values that can be read in several ways are taken.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, cut short, in another encoding, of a kind that is not read, or lacks
        a column or a value.
    """
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    values, origin = read_values(path, names, wanted, member=member, encoding=encoding, form=form)
    return checked(values, origin, chosen=names, settled=settled)


def read_values(
    path: Path,
    names: Mapping[str, str],
    wanted: Sequence[str],
    *,
    member: str | None = None,
    encoding: str | None = None,
    form: Format | None = None,
) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a file unchecked, ``(n_rows,)`` each, and where they come from.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, cut short, in another encoding, of a kind that is not read, or lacks
        a column.
    """
    file = source_of(path, member=member, encoding=encoding)
    if file is None:
        raise DatasetError(f"{path} is not there")
    values, origin = (form or _format_of(file)).read(file, names, wanted)
    if len(file.parts) > 1 and origin.reading is not None:
        origin = replace(origin, reading=structs.replace(origin.reading, n_parts=len(file.parts)))
    return values, origin


def _decoded(file: DataFile, head: bytes, encoding: str) -> bytes:
    """Return the first bytes of a text in UTF-8; the last character may be cut off."""
    try:
        return head.decode(encoding, errors="ignore").encode()
    except (UnicodeError, LookupError) as error:
        raise DatasetError(f"{file} is no text in {encoding} ({error}); give another --encoding") from error


def _format_of(file: DataFile) -> Format:
    """Return the format that the first bytes of a file show, else its name, else `TEXT`."""
    head = file.head()
    if file.encoding is not None:
        head = _decoded(file, head, file.encoding)
    shown = next((form for form in FORMATS if form.begins is not None and form.begins.match(head)), None)
    if shown is None:
        refuse_foreign(file, head)
        refuse_unsaid(file, head)
        shown = next((form for form in FORMATS if file.name.endswith(form.endings)), TEXT)
    if file.encoding is not None and not shown.is_text:
        raise DatasetError(f"{file} is no text; leave out --encoding {file.encoding}")
    return shown
