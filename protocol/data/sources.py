"""From the path that a user gives to what it names: a file, a pipe, a folder of parts, a file in a zip archive."""

from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

from protocol.data.files import DataFile
from protocol.data.folders_of_parts import folder_of_parts
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def source_of(path: Path, *, member: str | None = None, encoding: str | None = None) -> DataFile | None:
    """Return what a path names; None if there is nothing.

    ``ml-1m.zip/ml-1m/ratings.dat`` names a file in the archive ``ml-1m.zip``.

    Parameters
    ----------
    member
        The file to read inside ``path``, if that is a zip archive.
    encoding
        How text is encoded, if not in UTF-8.

    Raises
    ------
    DatasetError
        If it may not be looked at, or is something that gives no bytes.
    """
    mode = _mode(path)
    if mode is None:
        archive = _archive_above(path)
        return None if archive is None else DataFile(archive, path.relative_to(archive).as_posix(), encoding)
    if stat.S_ISDIR(mode):
        return folder_of_parts(path, encoding)
    strange = next((called for is_one, called in _NO_BYTES.items() if is_one(mode)), None)
    if strange is not None:
        raise DatasetError(f"{path} is {strange}; expected a file, a folder of parts, or a pipe")
    return DataFile(path, member, encoding)


def is_pipe(path: Path) -> bool:
    """Return whether a path gives its bytes once: a FIFO, a shell's ``<(...)``, or the standard input."""
    mode = _mode(path)
    return mode is not None and stat.S_ISFIFO(mode)


_NO_BYTES: Mapping[Callable[[int], bool], str] = {
    stat.S_ISCHR: "a terminal or another device",
    stat.S_ISBLK: "a disk",
    stat.S_ISSOCK: "a socket",
}


def _mode(path: Path) -> int | None:
    """Return the kind of what a path names; None if there is nothing."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error


def _archive_above(path: Path) -> Path | None:
    """Return the zip archive that a path leads through, as if that were a folder."""
    above = next((one for one in path.parents if _mode(one) is not None), path.parent)
    return above if above.is_file() and zipfile.is_zipfile(above) else None
