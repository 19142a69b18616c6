"""What a job uses while it fits and while it scores: memory and processor time."""

from __future__ import annotations

import os
import time
from importlib import import_module

from bench.machine.background import Background
from bench.machine.memory import PeakMemory
from bench.machine.processor_time import processor_seconds, usable_cores
from bench.records.outcome import Memory, Usage
from protocol.processes.descendants import descendants


class UsageMeter:
    """Measures a job from the start of fitting, when this object is made.

    Parameters
    ----------
    build_seconds
        Of the recommender's constructor.
    """

    def __init__(self, build_seconds: float) -> None:
        self._build_seconds = build_seconds
        self._peak = PeakMemory()
        self._before_mib = self._peak.before_mib
        self._background = Background()
        self._fit_began = processor_seconds()

    def fitted(self, *, ranks_all: bool) -> None:
        """Note that fitting has ended.

        Parameters
        ----------
        ranks_all
            Whether the whole catalogue is ranked next. What recbench loads for that, which can be more than a small
            model takes, is not counted.
        """
        self._fit_cpu_seconds = processor_seconds() - self._fit_began
        self._memory = Memory(max(self._peak.mib(), _held_with_workers()), self._before_mib)
        self._works_after_fit = self._background.works()
        self._own_mib = _loaded_to_rank_all() if ranks_all else 0.0
        self._scoring_began, self._scoring_started = processor_seconds(), time.perf_counter()
        self._peak = PeakMemory()

    def scored(self) -> tuple[Memory, Usage]:
        """Return what was used, now that scoring has ended."""
        usage = Usage(
            self._build_seconds,
            fit_cpu_seconds=self._fit_cpu_seconds,
            scoring_seconds=time.perf_counter() - self._scoring_started,
            scoring_cpu_seconds=processor_seconds() - self._scoring_began,
            scoring_peak_mib=max(0.0, self._peak.mib() - self._own_mib),
            cores=usable_cores(),
            works_after_fit=self._works_after_fit,
            ranking_mib=self._own_mib,
        )
        return self._memory, usage


def _held_with_workers() -> float:
    """Return what this process and those that it started hold just now, in MiB; 0 where it has none.

    Of processes that still live, the system keeps no peak, and a short fit may end between two looks of the harness.
    """
    own = os.getpid()
    workers = descendants(own)
    if not workers:
        return 0.0
    from bench.machine.processes import held_bytes  # It imports psutil, which few jobs need.

    return held_bytes([own, *workers]) / 2**20


def _loaded_to_rank_all() -> float:
    """Load what ranks the whole catalogue; return the memory that it takes, in MiB."""
    before = PeakMemory().before_mib
    import_module("protocol.evaluation.full_ranking")
    return max(0.0, PeakMemory().before_mib - before)
