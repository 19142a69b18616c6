"""What a job uses while it fits and while it scores: memory and processor time."""

from __future__ import annotations

import time

from bench.machine.memory import PeakMemory
from bench.machine.processor_time import processor_seconds, usable_cores
from bench.records.outcome import Memory, Processor


class Usage:
    """Memory and processor time from the start of fitting, when this object is made."""

    def __init__(self) -> None:
        self._peak = PeakMemory()
        self._before_mib = self._peak.before_mib
        self._began = processor_seconds()

    def fitted(self) -> None:
        """Say that fitting has ended."""
        self._fit_seconds = processor_seconds() - self._began
        self._fit_peak = self._peak.mib()
        self._peak = PeakMemory()
        self._scoring_began, self._scoring_started = processor_seconds(), time.perf_counter()

    def scored(self) -> tuple[Memory, Processor]:
        """Return what was used, now that scoring has ended."""
        seconds = processor_seconds() - self._scoring_began
        wall_seconds = time.perf_counter() - self._scoring_started
        memory = Memory(self._fit_peak, self._before_mib, self._peak.mib())
        return memory, Processor(self._fit_seconds, seconds, wall_seconds, usable_cores())
