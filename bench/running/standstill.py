"""For how long the thread that watches a job did not run: Slurm suspends a job with all that runs beside it."""

from __future__ import annotations

import time

LEAST_SECONDS = 5.0
"""On a busy machine a thread may wait for less."""


class Standstill:
    """Adds up for how long this thread stood still, from the moment when this object is made.

    Attributes
    ----------
    seconds
        So far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._looked, self._worked = time.monotonic(), time.thread_time()

    def look(self, waited: float) -> None:
        """Look whether more time has passed since the last look than this thread has worked and waited.

        Parameters
        ----------
        waited
            The most seconds that it waited itself since then.
        """
        now, worked = time.monotonic(), time.thread_time()
        beyond = now - self._looked - (worked - self._worked) - waited
        self._looked, self._worked = now, worked
        if beyond >= LEAST_SECONDS:
            self.seconds += beyond
