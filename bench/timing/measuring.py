"""One benchmark: rounds of some work, each with a reference workload timed right before and right after it."""

from __future__ import annotations

import contextlib
import gc
import math
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from bench.environment import describe_environment
from bench.timing import clock
from bench.timing.references import Reference, ReferenceName, find_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INFO = "recbench"
"""Under what name pytest-benchmark's ``extra_info`` holds what is measured here."""

LEAST_ROUND = 0.01
"""Seconds: what takes less is called several times in a round."""

MOST_CALLS = 1000
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

    All is done in one thread and without garbage collection. What counts for `recbench timing` is the median over
    rounds of a call's time divided by the mean of the reference's times before and after the round.

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
        arguments = self.fresh()
        call_seconds = clock.duration(lambda: self.call(*arguments))
        unit = self.reference.seconds(3)
        self.n_calls = min(MOST_CALLS, math.ceil(LEAST_ROUND / call_seconds))
        round_seconds = self.n_calls * call_seconds
        self.n_repeats = max(1, round(min(REFERENCE_SHARE * round_seconds, LONGEST_REFERENCE) / unit))
        n_affordable = int(BUDGET / (round_seconds + self.n_repeats * unit))
        return max(FEWEST_ROUNDS, min(n_affordable, MOST_ROUNDS))

    def prepare(self) -> tuple[tuple[list[tuple[Any, ...]]], dict[str, Any]]:
        """Return what `run` is called with, and time the reference last."""
        arguments = [self.fresh() for _ in range(self.n_calls)]
        self.time_reference()
        return (arguments,), {}

    def run(self, arguments: list[tuple[Any, ...]]) -> None:
        """Make the calls of a round."""

        def make_calls() -> None:
            for one in arguments:
                self.call(*one)

        self.call_seconds.append(clock.duration(make_calls) / self.n_calls)

    def time_reference(self) -> None:
        """Time the reference once more."""
        self.reference_seconds.append(self.reference.seconds(self.n_repeats))

    def info(self) -> dict[str, Any]:
        """Return what `bench.timing.sessions` reads, in JSON's types."""
        around = pairwise(self.reference_seconds)
        return {
            "reference": self.reference.definition,
            "seconds": median(self.call_seconds),
            "ratios": [one / mean(both) for one, both in zip(self.call_seconds, around, strict=True)],
            "reference_seconds": self.reference_seconds,
            "environment": _environment(),
        }


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold numerical libraries to one thread, and garbage collection off."""
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


@cache
def _environment() -> dict[str, Any]:
    return describe_environment()
