"""Members of zip archives."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from protocol.data.compression import most_bytes, refuse_beyond
from protocol.errors import DatasetError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZIP = b"PK\x03\x04"
"""The first bytes of every zip archive that is not empty."""

_CHUNK = 1 << 20
_FEW = 10

_NO_DATA = {
    "xl/workbook.xml": "an Excel file: save it as CSV",
    "word/document.xml": "a Word file: save the table in it as CSV",
    "content.xml": "an OpenDocument file: save it as CSV",
}
"""Members that show that an archive is a document of another program, and how to convert that."""


def extracted(archive: Path, member: str, target: Path) -> Path:
    """Write a member of an archive into ``target``, and return that.

    Raises
    ------
    UnavailableError
        If the file is no zip archive, is damaged, or has no such member.
    DatasetError
        If the member says that it unpacks to too many bytes; more than it says are not unpacked.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            info = opened.getinfo(member)
            limit = most_bytes(info.compress_size)
            refuse_beyond(limit, f"{archive.name}, {member}", info.compress_size, info.file_size)
            with opened.open(info) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, _CHUNK)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError) as error:
        raise UnavailableError(f"{archive.name} is no archive with {member} in it ({error})") from error
    return target


@contextmanager
def opened_member(archive: BinaryIO, name: str, member: str | None) -> Iterator[tuple[BinaryIO, int]]:
    """Give a member as a stream of bytes, and how many packed bytes it has.

    Parameters
    ----------
    name
        What messages call the archive.
    member
        Which one; None for the only one.

    Raises
    ------
    DatasetError
        If there is no such member, it says that it unpacks to too many bytes, or the archive is damaged, locked, or
        packed in a way that Python does not know.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            info = opened.getinfo(_only_member(opened, name) if member is None else _known(opened, name, member))
            limit = most_bytes(info.compress_size)
            refuse_beyond(limit, f"{name}, {info.filename}", info.compress_size, info.file_size)
            with opened.open(info) as stream:
                yield cast("BinaryIO", stream), info.compress_size
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DatasetError(f"{name} is a damaged zip archive ({error}); get it again") from error
    except (NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"{name} cannot be unpacked here ({error}); unpack it, and name the file") from error


def _only_member(archive: zipfile.ZipFile, name: str) -> str:
    """Return the one file in an archive."""
    members = [one for one in archive.namelist() if not _is_hidden(one)]
    advice = next((advice for shown, advice in _NO_DATA.items() if shown in members), None)
    if members and all(one.endswith(".npy") for one in members):
        advice = "a file of NumPy arrays (npz): make a table of them with pandas, and save it as CSV or Parquet"
    if advice is not None:
        raise DatasetError(f"{name} is {advice}")
    if not members:
        raise DatasetError(f"{name} is a zip archive without a file in it; expected one with interactions")
    if len(members) > 1:
        more = f" and {len(members) - _FEW:,} more" if len(members) > _FEW else ""
        raise DatasetError(
            f"{name} is a zip archive of {len(members):,} files; say which one, as in {name}/{members[0]}; "
            f"it has {', '.join(members[:_FEW])}{more}"
        )
    return members[0]


def _known(archive: zipfile.ZipFile, name: str, member: str) -> str:
    if member not in archive.namelist():
        raise DatasetError(f"{name} has no {member} in it; it has {', '.join(archive.namelist()[:_FEW])}")
    return member


def _is_hidden(member: str) -> bool:
    """Whether a member is a folder, or one of the files that macOS adds."""
    return member.endswith("/") or member.startswith("__MACOSX/") or member.rpartition("/")[2].startswith(".")
