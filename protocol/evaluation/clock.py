"""The clock of what a recommender does (P22)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once() -> None:
    """Wait for nothing: what a processor is told to do is done when the call returns."""


@dataclass
class Stopwatch:
    """Adds up the time spent inside its ``with`` blocks, in seconds.

    Parameters
    ----------
    synchronise
        Waits for work that goes on after the call that began it, as that of a GPU does. It is called before each
        reading of the clock, so that such work counts where it was begun, and nowhere else.
    """

    synchronise: Callable[[], None] = at_once
    seconds: float = 0.0
    _started: float = field(default=0.0, repr=False)

    def __enter__(self) -> None:
        self.synchronise()
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.synchronise()
        self.seconds += time.perf_counter() - self._started
