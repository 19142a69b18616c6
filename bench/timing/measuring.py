"""Measure one benchmark: rounds of some work, with a reference workload timed before and after each round."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from bench.machine.environment import describe_environment
from bench.timing import clock
from bench.timing.quiet import one_thread_and_no_collection
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
    reference's times before and after the round. The garbage collector is off meanwhile. pytest-benchmark's own
    figures are wall-clock times of a call, too: its rounds are these rounds, and its iterations the calls of a round.

    The work must run in one thread, the calling one (see `bench.timing.clock`). BLAS, OpenMP and compiled kernels are
    limited to one thread. The number of threads of kernels is recorded, and times with different numbers are not
    compared.

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
    with one_thread_and_no_collection():
        rounds = _Rounds(call, fresh, find_reference(against))
        n_rounds = rounds.calibrate()
        rounds.start(n_rounds)
        benchmark.pedantic(rounds.run, teardown=rounds.end_round, rounds=n_rounds, iterations=rounds.n_calls)
        benchmark.extra_info[INFO] = rounds.info()


@dataclass
class _Rounds:
    """The rounds of a benchmark: their seconds, and those of the reference before each round and after the last."""

    call: Callable[..., object]
    fresh: Callable[[], tuple[Any, ...]]
    reference: Reference
    n_calls: int = 1
    n_repeats: int = 1
    rounds_left: int = 0
    ready: Iterator[tuple[Any, ...]] = field(default_factory=lambda: iter(()))
    started: float = 0.0
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

    def _seconds(self, arguments: list[tuple[Any, ...]]) -> float:
        def make_calls() -> None:
            for one in arguments:
                self.call(*one)

        return clock.duration(make_calls)

    def start(self, n_rounds: int) -> None:
        """Start the first of the rounds: `run` is now called `n_calls` times, then `end_round`, and so on."""
        self.rounds_left = n_rounds
        self._start_round()

    def _start_round(self) -> None:
        self.ready = iter(self._arguments())  # a list's iterator keeps all of it, so nothing is freed during the round
        self._time_reference()
        self.started = clock.seconds()

    def run(self) -> None:
        """Make one call. After the last round, pytest-benchmark may make more, which do not count."""
        arguments = next(self.ready, None)
        self.call(*(self.fresh() if arguments is None else arguments))

    def end_round(self) -> None:
        """Note the time of a call in the round that ended, and start the next one, or time the last reference."""
        taken = clock.seconds() - self.started
        if not self.rounds_left:
            return
        self.rounds_left -= 1
        self.call_seconds.append(max(clock.LEAST, taken) / self.n_calls)
        if self.rounds_left:
            self._start_round()
        else:
            self._time_reference()

    def _time_reference(self) -> None:
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


def _n_threads() -> int:
    """Return the number of threads that compiled kernels may use."""
    from recommenders.kernels.threads import n_threads

    return n_threads()


@cache
def _environment() -> dict[str, Any]:
    return describe_environment()
