"""Files that are read once to see whether they are whole, and again only when they have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ReadOnce:
    """Knows of files that it has read whether they were whole.

    Parameters
    ----------
    reads_whole
        Reads a file, and returns whether it is whole; False where there is none.
    """

    def __init__(self, reads_whole: Callable[[Path], bool]) -> None:
        self._reads_whole = reads_whole
        self._seen: dict[Path, tuple[tuple[int, int, int], bool]] = {}

    def is_whole(self, path: Path) -> bool:
        """Return whether there is a file, and it is whole."""
        try:
            found = path.stat()
        except OSError:
            return self._reads_whole(path)
        # Before it is read: what changes it meanwhile is seen the next time.
        state = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._seen.get(path)
        if known is None or known[0] != state:
            known = self._seen[path] = (state, self._reads_whole(path))
        return known[1]
