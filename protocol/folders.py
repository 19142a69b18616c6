"""Folders of the user: homes, and the one in which fetched datasets and built environments are kept."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from protocol.errors import RecbenchError

VARIABLE = "RECBENCH_CACHE"
"""The environment variable that names another folder; ``~`` is the user's home."""


def expanded(path: Path | str) -> Path:
    """Return a path with ``~`` and ``~user`` replaced, as far as such a home is known; else as it is, like a shell."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def cache_folder() -> Path:
    """Return the cache folder: `VARIABLE` if it is set, else ``recbench`` in the user's cache folder.

    The user's cache folder is the system's own: ``XDG_CACHE_HOME`` or ``~/.cache`` on Linux, ``~/Library/Caches`` on
    macOS. The folder need not exist. A user without a home has a folder among the temporary files.

    Raises
    ------
    RecbenchError
        If the variable names the home of an unknown user, or the folder among the temporary files is someone else's.
    """
    named = os.environ.get(VARIABLE)
    if named:
        folder = expanded(named)
        if str(folder).startswith("~"):
            raise RecbenchError(f"{VARIABLE} is {named!r}, and there is no such home; write the whole path")
        return folder
    from platformdirs import user_cache_path

    try:
        folder = user_cache_path("recbench", appauthor=False)
    except RuntimeError:
        return _temporary_folder()
    # Older versions of platformdirs do not raise.
    return folder if folder.is_absolute() else _temporary_folder()


def _temporary_folder() -> Path:
    """Make a folder that only this user can write; its name is known to others, who may have made it before."""
    user = os.getuid()
    folder = Path(tempfile.gettempdir(), f"cache-of-recbench-{user}")
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != user or state.st_mode & 0o022:
        raise RecbenchError(
            f"there is no home folder, and {folder} may be written by others; name a folder of your own in {VARIABLE}"
        )
    return folder
