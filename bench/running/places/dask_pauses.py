"""Say that jobs wait because no worker of a cluster of dask takes any, and that one does again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bench.running.places.dask_member import Member

PAUSED_SECONDS = 5.0
"""A shorter pause is not worth a word: dask may pause a worker for less than a second."""


class Pauses:
    """Watches whether any worker takes jobs.

    Parameters
    ----------
    address
        Of the scheduler.
    explain
        Is called with what a reader is to know.
    clock
        Returns seconds.
    """

    def __init__(
        self, address: str, explain: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address, self._explain, self._clock = address, explain, clock
        self._since: float | None = None
        self._said = False

    def look(self, members: Collection[Member], n_waiting: int) -> None:
        """Say it once if jobs have waited for `PAUSED_SECONDS`, and once more when they wait no longer.

        Parameters
        ----------
        members
            All workers that may run jobs.
        n_waiting
            How many jobs have no worker.
        """
        one_takes = any(member.takes_jobs for member in members)
        if one_takes or not members or not n_waiting:
            if self._said and one_takes:
                self._explain("a worker of dask takes jobs again: the run goes on")
            self._since, self._said = None, False
            return
        if self._since is None:
            self._since = self._clock()
        if not self._said and self._clock() - self._since >= PAUSED_SECONDS:
            self._said = True
            self._explain(self._text(len(members), n_waiting))

    def _text(self, n_workers: int, n_waiting: int) -> str:
        jobs = f"{count_text(n_waiting, 'job')} {'waits' if n_waiting == 1 else 'wait'}"
        which = "the one worker of dask is" if n_workers == 1 else f"all {n_workers} workers of dask are"
        return (
            f"{jobs}: {which} paused or being closed; dask pauses a worker whose memory is nearly full: free it, "
            f"restart the worker, or start others with `dask worker {self._address}`; the run goes on as soon as one "
            "takes jobs"
        )
