"""How many jobs of a run its machine runs at once: each element of an array is a file while it runs."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from pathlib import Path

LOOK_SECONDS = 1.0
"""How often an element counts; it also does when it begins and when it ends."""


class Neighbours:
    """Counts the elements of a run on this machine while one of them runs.

    Parameters
    ----------
    folder
        Which all elements of the run share.

    Attributes
    ----------
    most
        The most that were there at the same time, with this one.
    """

    def __init__(self, folder: Path) -> None:
        self._here = folder / platform.node()
        self._file = self._here / str(os.getpid())
        self._is_over = threading.Event()
        self._counting = threading.Thread(target=self._keep_counting, daemon=True)
        self.most = 1

    def __enter__(self) -> Self:
        self._here.mkdir(exist_ok=True)
        self._file.touch()
        self._count()
        self._counting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._counting.join()
        self._count()
        with contextlib.suppress(OSError):
            self._file.unlink()

    def _keep_counting(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self._count()

    def _count(self) -> None:
        with contextlib.suppress(OSError):
            # An element that was killed leaves its file.
            alive = [path for path in self._here.iterdir() if psutil.pid_exists(int(path.name))]
            self.most = max(self.most, len(alive))
