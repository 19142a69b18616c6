"""The memory that a job's processes hold together, looked at while they run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.machine.processes import held_beyond, processes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAUSE = 0.05, 0.5
"""The least and the most seconds between two looks."""

_SHARE = 0.05
"""The share of a core that looking may take: it takes long to count shared pages once where there are many."""


class Meter:
    """Looks at what a job's processes hold together; pages that they share are counted once, where the system can.

    Parameters
    ----------
    limit
        Bytes; None for no limit.

    Attributes
    ----------
    pause
        The seconds until the next look.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._peaks: dict[str, int] = {}
        self.pause = _PAUSE[0]

    @property
    def peaks_mib(self) -> Mapping[str, float]:
        """The most that was seen in each phase, in MiB; none of a process alone, whose peak the system knows."""
        return {phase: peak / 2**20 for phase, peak in self._peaks.items()}

    def look(self, leader: int, phase: str) -> int | None:
        """Look once; return what is held, in bytes, where that is beyond the limit.

        Parameters
        ----------
        leader
            See `bench.machine.processes.processes_of`.
        phase
            What the job is doing.
        """
        started = time.thread_time()
        held = self._held(processes_of(leader), phase)
        self.pause = min(max(_PAUSE[0], (time.thread_time() - started) / _SHARE), _PAUSE[1])
        return held if held and self._limit is not None and held > self._limit else None

    def _held(self, pids: list[int], phase: str) -> int | None:
        """Return what processes hold where that is a new peak or beyond the limit."""
        peak = self._peaks.get(phase, 0)
        if len(pids) > 1:
            held = held_beyond(pids, peak if self._limit is None else min(peak, self._limit))
            self._peaks[phase] = max(peak, held or 0)
            return held
        return None if self._limit is None else held_beyond(pids, self._limit)
