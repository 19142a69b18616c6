"""Files are written beside their place and renamed into it: a reader finds the old one or the new one, always whole.

A draft lies in a folder ``.writing-...``. Its writer holds a lock on that folder, and the lock ends with the process:
the next writer removes the folders of writers that are gone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".writing-"
"""How the names of folders with drafts begin."""

_DEVICES = ("/dev/", "/proc/")


@contextlib.contextmanager
def drafts(folder: Path) -> Iterator[Path]:
    """Yield a new folder inside another one, for what will be renamed to a place on the same file system.

    It is removed afterwards. What writers that are gone left there is removed before.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    _remove_abandoned(folder)
    made, lock = _locked_folder(folder)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def write_output(path: Path, content: bytes) -> None:
    """Write a file that a user named: whole, or not at all. A link stays, and leads to the new content.

    What is no file, such as ``/dev/stdout`` or a pipe, is written to directly.

    Raises
    ------
    OSError
        If the file cannot be written; it names the file.
    """
    if _is_written_through(path):
        path.write_bytes(content)
        return
    try:
        replace_file(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def replace_file(path: Path, content: bytes, *, drafts_in: Path | None = None) -> None:
    """Put a new file in the place of what is there, if anything.

    Parameters
    ----------
    drafts_in
        Where the draft is written; by default beside the file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with drafts(drafts_in or path.parent) as folder:
        draft = folder / path.name
        draft.write_bytes(content)
        _keep_mode(path, draft)
        draft.replace(path)


def _is_written_through(path: Path) -> bool:
    if str(path.absolute()).startswith(_DEVICES):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _keep_mode(place: Path, draft: Path) -> None:
    """Give a draft the mode of the file that it will replace; a file that may not be written is not replaced."""
    try:
        mode = place.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    draft.chmod(stat.S_IMODE(mode))


def _locked_folder(parent: Path) -> tuple[Path, int]:
    """Make a folder and lock it; return it with the open descriptor that holds the lock."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = _lock(made)
        # Before it was locked, another writer may have taken it for an abandoned one.
        if lock is not None and made.exists():
            return made, lock
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder; None where another process holds it, or it is no folder, or it is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES):
            return None
        raise
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_abandoned(parent: Path) -> None:
    for left in parent.glob(f"{PREFIX}*"):
        lock = _lock(left)
        if lock is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
