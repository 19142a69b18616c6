"""Folders of parts, as Spark, Dask and Hive write a table: files of one kind whose names differ by a number."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.data.files import DataFile
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNIQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+")
"""What differs between the names of parts: numbers, and the identifiers of Spark's jobs."""

_NUMBER = re.compile(rb'(^|[\t,;| :"])-?[0-9]+(\.[0-9]*)?($|[\t,;| :"])')
_FEW = 5


@dataclass(frozen=True)
class FolderOfParts(DataFile):
    """A folder whose files together are one table.

    Parameters
    ----------
    files
        The parts, by name.
    """

    files: tuple[DataFile, ...] = ()

    @property
    def name(self) -> str:
        """The name of the first part, which shows the format."""
        return self.files[0].name

    @property
    def parts(self) -> Sequence[DataFile]:
        """The files that have the rows."""
        return self.files

    def head(self) -> bytes:
        """Return the first bytes of the first part that has any."""
        return next((head for head in (part.head() for part in self.files) if head.strip()), b"")

    def content(self) -> bytes:
        """Return the bytes of all parts, one after the other; a header that each part has is kept once.

        Raises
        ------
        DatasetError
            If a part cannot be read, or parts begin with different headers.
        """
        contents = {part.path.name: part.content().removeprefix(_BYTE_ORDER_MARK) for part in self.files}
        filled = {name: _ended(content) for name, content in contents.items() if content.strip()}
        beginnings = {name: content.partition(b"\n")[0].strip() for name, content in filled.items()}
        first, *others = filled.values()
        if beginnings and _have_one_header(beginnings, self):
            others = [content.partition(b"\n")[2] for content in others]
        return b"".join([first, *others])


def folder_of_parts(folder: Path, encoding: str | None) -> FolderOfParts:
    """Return the table that a folder holds, in it or in folders below it.

    What begins with a dot or an underscore, such as ``_SUCCESS``, is no part.

    Raises
    ------
    DatasetError
        If the folder cannot be listed, is empty, or has files that are no parts of one table.
    """
    try:
        found = sorted(path for path in _files_below(folder) if not _is_marker(path, folder))
    except OSError as error:
        raise DatasetError(f"{folder} cannot be listed: {error.strerror}") from error
    if not found:
        raise DatasetError(f"{folder} is a folder without files; expected the parts of one table, or name a file")
    if len({_UNIQUE.sub("#", path.name) for path in found}) > 1:
        names = ", ".join(str(path.relative_to(folder)) for path in found[:_FEW])
        raise DatasetError(
            f"{folder} is a folder of {len(found):,} files: {names}{' and more' if len(found) > _FEW else ''}; name "
            "the one with the interactions. Only parts, whose names differ by a number, are read together"
        )
    return FolderOfParts(folder, encoding=encoding, files=tuple(DataFile(path, encoding=encoding) for path in found))


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield each file in a folder and the folders below; `Path.rglob` would leave out what it may not list."""

    def fail(error: OSError) -> None:
        raise error

    for above, _, names in os.walk(folder, onerror=fail):
        yield from (Path(above, name) for name in names)


def _is_marker(path: Path, folder: Path) -> bool:
    return any(name.startswith((".", "_")) for name in path.relative_to(folder).parts)


def _ended(content: bytes) -> bytes:
    return content if content.endswith(b"\n") else content + b"\n"


def _have_one_header(beginnings: dict[str, bytes], folder: FolderOfParts) -> bool:
    """Return whether all parts begin with the same header; False if at most the first one has a header.

    Raises
    ------
    DatasetError
        If another part has a header, too, and it differs.
    """
    first, *others = beginnings.values()
    if others and all(line == first for line in others):
        return not first.startswith((b"{", b"["))
    strange = next((name for name in list(beginnings)[1:] if not _shows_data(beginnings[name])), None)
    if strange is not None:
        text = beginnings[strange][:60].decode(errors="replace")
        raise DatasetError(
            f"{folder}: the part {strange} begins with {text!r}, which differs from how the first part begins; "
            "expected the same header in all parts, or none"
        )
    return False


def _shows_data(line: bytes) -> bool:
    """Whether a line is no header: it has a number, or is JSON."""
    return line.startswith((b"{", b"[")) or _NUMBER.search(line) is not None
