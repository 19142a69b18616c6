"""Measure one benchmark: rounds of some work, with a reference workload timed before and after each round."""

from __future__ import annotations

import contextlib
import gc
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from bench.machine.environment import describe_environment
from bench.timing import clock
from bench.timing.reference_workloads import Reference, ReferenceName, find_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INFO = "recbench"
"""The name of our measurements in pytest-benchmark's ``extra_info``."""

LEAST_ROUND = 0.01
"""The shortest round, in seconds: shorter work is called several times. The clock costs half a percent of it."""

LONGEST_PREPARATION = 0.03
"""A round whose arguments take longer to make, in seconds, gets no more calls."""

MOST_CALLS = 2**20
"""The largest number of calls in a round."""

REFERENCE_SHARE, LONGEST_REFERENCE = 0.5, 0.02
"""The share of a round that the reference takes, and its most seconds."""

BUDGET = 1.2
"""Seconds for all rounds of a benchmark, if they allow `FEWEST_ROUNDS`."""

FEWEST_ROUNDS, MOST_ROUNDS = 11, 41


def measure(
    benchmark: Any,
    call: Callable[..., object],
    *,
    fresh: Callable[[], tuple[Any, ...]] = tuple,
    against: ReferenceName = "compute",
) -> None:
    """Time ``call(*fresh())`` in units of a reference workload; if benchmarks are disabled, only call it once.

    `recbench timing` judges the median over rounds of this ratio: a call's time, divided by the mean of the
    reference's times before and after the round. The garbage collector is off meanwhile.

    The work must run in one thread, the calling one (see `bench.timing.clock`). BLAS and OpenMP are limited to one
    thread. Compiled kernels are limited by ``NUMBA_NUM_THREADS=1``, which must be set before numba is imported; the
    sessions of `recbench timing` set it. The number of threads of kernels is recorded, and times with different numbers
    are not compared.

    Parameters
    ----------
    benchmark
        The fixture of pytest-benchmark.
    fresh
        Makes the arguments of one call; its time does not count. By default there are no arguments.
    against
        The reference workload: ``"memory"`` for work that waits for memory beyond a core's own caches, ``"compute"``
        for all other work.
    """
    if benchmark.disabled:
        benchmark.pedantic(call, args=fresh())
        return
    with _undisturbed():
        rounds = _Rounds(call, fresh, find_reference(against))
        n_rounds = rounds.calibrate()
        benchmark.pedantic(rounds.run, setup=rounds.prepare, rounds=n_rounds)
        rounds.time_reference()
    benchmark.extra_info[INFO] = rounds.info()


@dataclass
class _Rounds:
    """The rounds of a benchmark: their seconds, and those of the reference before each round and after the last."""

    call: Callable[..., object]
    fresh: Callable[[], tuple[Any, ...]]
    reference: Reference
    n_calls: int = 1
    n_repeats: int = 1
    call_seconds: list[float] = field(default_factory=list)
    reference_seconds: list[float] = field(default_factory=list)

    def calibrate(self) -> int:
        """Choose the calls of a round and the repeats of the reference; return the number of rounds."""
        self.call(*self.fresh())  # the first call may compile, import or fill caches
        round_seconds = self._choose_calls()
        unit = self.reference.seconds(3)
        self.n_repeats = max(1, round(min(REFERENCE_SHARE * round_seconds, LONGEST_REFERENCE) / unit))
        n_affordable = int(BUDGET / (round_seconds + self.n_repeats * unit))
        return max(FEWEST_ROUNDS, min(n_affordable, MOST_ROUNDS))

    def _choose_calls(self) -> float:
        """Double the calls of a round until it is long enough; return its duration in seconds."""
        while True:
            started = clock.seconds()
            arguments = self._arguments()
            preparation = clock.seconds() - started
            taken = self._seconds(arguments)
            if taken >= LEAST_ROUND or preparation >= LONGEST_PREPARATION or 2 * self.n_calls > MOST_CALLS:
                return taken
            self.n_calls *= 2

    def _arguments(self) -> list[tuple[Any, ...]]:
        return [self.fresh() for _ in range(self.n_calls)]

    def prepare(self) -> tuple[tuple[list[tuple[Any, ...]]], dict[str, Any]]:
        """Return the arguments of `run`, and time the reference after they are made."""
        arguments = self._arguments()
        self.time_reference()
        return (arguments,), {}

    def run(self, arguments: list[tuple[Any, ...]]) -> None:
        """Make the calls of a round."""
        self.call_seconds.append(self._seconds(arguments) / self.n_calls)

    def _seconds(self, arguments: list[tuple[Any, ...]]) -> float:
        def make_calls() -> None:
            for one in arguments:
                self.call(*one)

        return clock.duration(make_calls)

    def time_reference(self) -> None:
        """Time the reference once more."""
        self.reference_seconds.append(self.reference.seconds(self.n_repeats))

    def info(self) -> dict[str, Any]:
        """Return the measurements that `bench.timing.sessions` reads, in JSON's types."""
        around = pairwise(self.reference_seconds)
        return {
            "reference": self.reference.definition,
            "threads": _n_threads(),
            "seconds": median(self.call_seconds),
            "ratios": [one / mean(both) for one, both in zip(self.call_seconds, around, strict=True)],
            "reference_seconds": self.reference_seconds,
            "environment": _environment(),
        }


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread, and switch off the garbage collector."""
    from threadpoolctl import threadpool_limits

    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        with threadpool_limits(1):
            yield
    finally:
        if was_enabled:
            gc.enable()


def _n_threads() -> int:
    """Return the number of threads that compiled kernels may use."""
    from recommenders.kernels.threads import n_threads

    return n_threads()


@cache
def _environment() -> dict[str, Any]:
    return describe_environment()
