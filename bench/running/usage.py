"""What a job uses while it fits and while it scores: memory and processor time."""

from __future__ import annotations

import time

from bench.machine.background import Background
from bench.machine.memory import PeakMemory
from bench.machine.processor_time import processor_seconds, usable_cores
from bench.records.outcome import Memory, Usage


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

    def fitted(self) -> None:
        """Note that fitting has ended."""
        self._fit_cpu_seconds = processor_seconds() - self._fit_began
        self._memory = Memory(self._peak.mib(), self._before_mib)
        self._works_after_fit = self._background.works()
        self._scoring_began, self._scoring_started = processor_seconds(), time.perf_counter()
        self._peak = PeakMemory()

    def scored(self) -> tuple[Memory, Usage]:
        """Return what was used, now that scoring has ended."""
        usage = Usage(
            self._build_seconds,
            fit_cpu_seconds=self._fit_cpu_seconds,
            scoring_seconds=time.perf_counter() - self._scoring_started,
            scoring_cpu_seconds=processor_seconds() - self._scoring_began,
            scoring_peak_mib=self._peak.mib(),
            cores=usable_cores(),
            works_after_fit=self._works_after_fit,
        )
        return self._memory, usage
