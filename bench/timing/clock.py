"""A wall clock that stands still while the machine runs something else in this thread's place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEDULE = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds on a core, nanoseconds ready to run but without a core, and the number of turns."""

LEAST = 1e-9
"""Seconds: nothing takes less, so that durations can be divided by each other."""


def seconds() -> float:
    """Return a time in seconds, of which only differences mean anything.

    They are differences of wall-clock time, waits for files, locks and other processes included, less the time in which
    this thread could have run and had no core. Of other threads nothing is known: what is timed has to do its work in
    the thread that calls it.

    Where the system does not tell that time, nothing is taken off; macOS and Windows do not. There a busy machine makes
    times longer and noisier, as far as the reference workload does not slow down likewise.
    """
    waited = _waited()
    while True:
        now = time.perf_counter()
        # A turn that was lost between the two readings would be in one and not in the other.
        before, waited = waited, _waited()
        if waited == before:
            return now - waited / 1e9


def duration(work: Callable[[], object]) -> float:
    """Return what some work takes, in seconds.

    It includes one reading of the clock, some tens of microseconds: time work of milliseconds.
    """
    started = seconds()
    work()
    return max(LEAST, seconds() - started)


def _waited() -> int:
    """Return for how long this thread has been ready to run without a core, in nanoseconds."""
    try:
        return int(_SCHEDULE.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
