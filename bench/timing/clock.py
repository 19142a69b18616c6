"""A wall clock that stops while this thread waits for a core."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEDULE = Path("/proc/thread-self/schedstat")
"""On Linux, this file holds nanoseconds on a core, nanoseconds of waiting for a core, and the number of turns."""

LEAST = 1e-9
"""The shortest duration, in seconds, so that durations can be divided by each other."""


def seconds() -> float:
    """Return a time in seconds; only differences have a meaning.

    A difference is the wall-clock time, which includes waits for files, locks and other processes, less the time in
    which this thread could have run but had no core. Other threads are not measured: the timed work must run in the
    calling thread.

    The waiting time is known on Linux only. On macOS and Windows a busy machine makes times longer and noisier, unless
    it slows down the reference workload equally.
    """
    waited = _waited()
    while True:
        now = time.perf_counter()
        # If the thread lost its core between the two readings, only one of them would include that wait.
        before, waited = waited, _waited()
        if waited == before:
            return now - waited / 1e9


def duration(work: Callable[[], object]) -> float:
    """Return the duration of some work, in seconds.

    It includes one reading of the clock, some tens of microseconds, so the work should take milliseconds.
    """
    started = seconds()
    work()
    return max(LEAST, seconds() - started)


def _waited() -> int:
    """Return how long this thread has waited for a core, in nanoseconds; 0 where the system does not say."""
    try:
        return int(_SCHEDULE.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
