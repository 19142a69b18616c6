"""One benchmark: rounds of some work, each with a reference workload timed right before and right after it."""

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
from bench.timing.references import Reference, ReferenceName, find_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INFO = "recbench"
"""Under what name pytest-benchmark's ``extra_info`` holds what is measured here."""

LEAST_ROUND = 0.01
"""Seconds: what takes less is called several times in a round. The clock's own cost is half a percent of it."""

LONGEST_PREPARATION = 0.03
"""Seconds: where making the arguments of a round takes more, it gets no more calls."""

MOST_CALLS = 2**20
"""In a round."""

REFERENCE_SHARE, LONGEST_REFERENCE = 0.5, 0.02
"""The reference takes about this share of a round, and at most so many seconds."""

BUDGET = 1.2
"""Seconds for all rounds of a benchmark, where these are enough rounds."""

FEWEST_ROUNDS, MOST_ROUNDS = 11, 41


def measure(
    benchmark: Any,
    call: Callable[..., object],
    *,
    fresh: Callable[[], tuple[Any, ...]] = tuple,
    against: ReferenceName = "compute",
) -> None:
    """Time ``call(*fresh())`` in units of a reference workload; where benchmarks are disabled, call it once.

    What counts for `recbench timing` is the median over rounds of a call's time divided by the mean of the reference's
    times before and after the round. Garbage is not collected meanwhile.

    The work has to be done in one thread, the calling one (see `bench.timing.clock`). BLAS and OpenMP are held to one.
    For compiled kernels the environment has to say so before numba is imported, ``NUMBA_NUM_THREADS=1``, as it does in
    the sessions of `recbench timing`; how many they may use is recorded, and times with different numbers are not
    compared.

    Parameters
    ----------
    benchmark
        The fixture of that name, of pytest-benchmark.
    fresh
        Makes the arguments of one call; its time does not count. None are made by default.
    against
        ``"memory"`` for what waits for memory beyond a core's own caches, ``"compute"`` for all else.
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
    """What a round does, and the seconds of each, with the reference's around them: one more in the end."""

    call: Callable[..., object]
    fresh: Callable[[], tuple[Any, ...]]
    reference: Reference
    n_calls: int = 1
    n_repeats: int = 1
    call_seconds: list[float] = field(default_factory=list)
    reference_seconds: list[float] = field(default_factory=list)

    def calibrate(self) -> int:
        """Choose how many calls make a round and how many repeats a reference time; return how many rounds to make."""
        self.call(*self.fresh())  # what is compiled, imported or cached at the first call
        round_seconds = self._choose_calls()
        unit = self.reference.seconds(3)
        self.n_repeats = max(1, round(min(REFERENCE_SHARE * round_seconds, LONGEST_REFERENCE) / unit))
        n_affordable = int(BUDGET / (round_seconds + self.n_repeats * unit))
        return max(FEWEST_ROUNDS, min(n_affordable, MOST_ROUNDS))

    def _choose_calls(self) -> float:
        """Double the calls of a round until it is long enough; return what it takes, in seconds."""
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
        """Return what `run` is called with, and time the reference last."""
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
        """Return what `bench.timing.sessions` reads, in JSON's types."""
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
    """Hold BLAS and OpenMP to one thread, and garbage collection off."""
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
    """Return how many threads compiled kernels may use."""
    from recommenders.kernels.threads import n_threads

    return n_threads()


@cache
def _environment() -> dict[str, Any]:
    return describe_environment()
