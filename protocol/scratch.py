"""Scratch folders: locked while they are used, and cleared by a later run if that was killed.

The lock is on the folder itself, and the system gives it up when the process ends, however it ends.
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

PREFIX = "recbench-scratch-"
"""The beginning of the name of each scratch folder."""


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder that only this user can read; remove it afterwards.

    Parameters
    ----------
    parent
        Where it is made; the temporary folder by default.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    folder, lock = _locked_folder(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def clear_abandoned(parent: Path | None = None) -> int:
    """Remove this user's scratch folders that no living process holds; return how many there were."""
    folders = [folder for folder in (parent or Path(tempfile.gettempdir())).glob(f"{PREFIX}*") if _is_ours(folder)]
    return sum(_clear(folder) for folder in folders)


def _locked_folder(parent: Path | None) -> tuple[Path, int]:
    """Make a folder and lock it; return it with the descriptor that holds the lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            # Another process found the folder before it was locked, and cleared it.
            os.close(lock)


def _is_ours(folder: Path) -> bool:
    """Return whether this is a folder, no link, and belongs to this user."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _clear(folder: Path) -> bool:
    """Remove a folder unless a process holds its lock; return whether it is gone."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return False
        raise
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()
    finally:
        os.close(lock)
