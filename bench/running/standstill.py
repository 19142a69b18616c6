"""For how long a job may not have run: Slurm suspends a job with all that runs beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_SECONDS = 5.0
"""On a busy machine a thread may wait for less."""


class Standstill:
    """Adds up for how long a job stood still at the most, from the moment when this object is made.

    The thread that watches the job notices that it did not run itself. The job may have run on, as after Ctrl-Z, which
    stops the run alone: the processor time that it used meanwhile says for how long at the least.

    Parameters
    ----------
    job_seconds
        Returns the processor time of the job so far, in seconds; always 0 where that is not known.
    threads
        With which the job may use processor time.

    Attributes
    ----------
    seconds
        So far.
    """

    def __init__(self, job_seconds: Callable[[], float], threads: int) -> None:
        self.seconds = 0.0
        self._job_seconds, self._threads = job_seconds, threads
        self._looked, self._worked, self._used = time.monotonic(), time.thread_time(), job_seconds()

    def look(self, waited: float) -> None:
        """Look whether more time has passed since the last look than this thread has worked and waited.

        Parameters
        ----------
        waited
            The most seconds that it waited itself since then.
        """
        now, worked, used = time.monotonic(), time.thread_time(), self._job_seconds()
        seen = worked - self._worked + waited
        beyond = now - self._looked - seen
        # What the job cannot have used while this thread ran, it has used while this thread stood still.
        ran_on = max(0.0, (used - self._used) / self._threads - seen)
        self._looked, self._worked, self._used = now, worked, used
        if beyond - ran_on >= LEAST_SECONDS:
            self.seconds += beyond - ran_on
