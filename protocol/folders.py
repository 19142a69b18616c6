"""The folder on the user's disk in which fetched datasets and built environments are kept."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "RECBENCH_CACHE"
"""The environment variable that names another folder; ``~`` is the user's home."""


def cache_folder() -> Path:
    """Return the cache folder: `VARIABLE` if it is set, else ``recbench`` in the user's cache folder.

    The user's cache folder is the system's own: ``XDG_CACHE_HOME`` or ``~/.cache`` on Linux, ``~/Library/Caches`` on
    macOS. The folder need not exist.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("recbench", appauthor=False)
