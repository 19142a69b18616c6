"""A wall clock that stands still while the machine runs something else in this thread's place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEDULE = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds on a core, nanoseconds ready to run but without a core, and the number of turns."""


def seconds() -> float:
    """Return a time in seconds, of which only differences mean anything.

    They are differences of wall-clock time, waits for files, locks and other processes included, less the time in which
    this thread could have run and had no core. Where the system does not tell that time, nothing is taken off.
    """
    waited = _waited()
    while True:
        now = time.perf_counter()
        # A turn that was lost between the two readings would be in one and not in the other.
        before, waited = waited, _waited()
        if waited == before:
            return now - waited / 1e9


def duration(work: Callable[[], object]) -> float:
    """Return what some work takes, in seconds."""
    started = seconds()
    work()
    return seconds() - started


def _waited() -> int:
    """Return for how long this thread has been ready to run without a core, in nanoseconds."""
    try:
        return int(_SCHEDULE.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
