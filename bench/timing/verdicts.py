"""Compare times with those of a baseline, and judge which benchmarks have become slower."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from bench.timing.timings import Measured, Timing, check_comparable, variance_share
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

Verdict: TypeAlias = Literal["slower", "unclear", "faster", "same", "new", "missing"]

FAILURES: tuple[Verdict, ...] = ("slower", "missing")

TOLERANCE = 0.20
"""A ratio within 1 / 1.2 .. 1.2 counts as unchanged."""

STANDARD_ERRORS = 3
"""A ratio that is more standard errors than this away from 1 is more than noise."""

MOST_ERROR = 3.0
"""The largest standard error that counts: it is noise of a factor of 8,000."""

NINETEEN_IN_TWENTY = 1.645
"""In standard errors: a normal value is above minus this nineteen times in twenty."""

SEEMING = 1.8
"""The factor by which few sessions may overstate the noise, from the simulation in the tests."""


@dataclass(frozen=True)
class BenchmarkRow:
    """A benchmark now and in the baseline; one of the two may be None, but not both."""

    name: str
    now: Timing | None
    baseline: Timing | None

    @property
    def ratio(self) -> float | None:
        """The time now divided by the baseline's: above 1 is slower; None unless both were measured."""
        return self.now.centre / self.baseline.centre if self.now and self.baseline else None

    @property
    def noise(self) -> float | None:
        """The amount by which chance alone may lift the ratio above 1: .08 is 8 %; None unless both were measured."""
        if self.now is None or self.baseline is None:
            return None
        spread = max(self.now.session_spread, self.baseline.session_spread)
        return _noise(_standard_error(spread, len(self.now.medians), len(self.baseline.medians)))

    @property
    def verdict(self) -> Verdict:
        """``slower`` and ``faster``: beyond tolerance and noise; ``unclear``: slower beyond the tolerance only."""
        if self.ratio is None or self.noise is None:
            return "new" if self.baseline is None else "missing"
        if self.ratio > 1 + TOLERANCE:
            return "slower" if self.ratio > 1 + self.noise else "unclear"
        return "faster" if 1 / self.ratio > 1 + max(TOLERANCE, self.noise) else "same"


def detectable(baseline: Timing, n_sessions: int) -> float:
    """Return the smallest ratio that is judged slower nineteen times in twenty, if sessions scatter as the baseline's.

    Parameters
    ----------
    n_sessions
        The number of sessions that are compared with the baseline.
    """
    error = _standard_error(baseline.session_spread, n_sessions, len(baseline.medians))
    return (1 + max(TOLERANCE, _noise(SEEMING * error))) * math.exp(NINETEEN_IN_TWENTY * error)


def _standard_error(spread: float, *n_sessions: int) -> float:
    """Return the standard error of the logarithm of a ratio of medians, given the number of sessions of each median."""
    return min(spread * math.sqrt(sum(map(variance_share, n_sessions))), MOST_ERROR)


def _noise(error: float) -> float:
    return math.expm1(STANDARD_ERRORS * error)


def judge(now: Measured, baseline: Measured) -> list[BenchmarkRow]:
    """Return a row for each benchmark: first those measured now, in their order, then those only in the baseline.

    Raises
    ------
    RecbenchError
        If the two have no benchmark in common, or the two times of a benchmark are in different units.
    """
    if not now.timings.keys() & baseline.timings.keys():
        raise RecbenchError(
            f"no measured benchmark is in the baseline, not even {next(iter(now.timings), None)}; run from the folder "
            "in which the baseline was saved, or renew it with --save"
        )
    return list(_rows(now, baseline))


def _rows(now: Measured, baseline: Measured) -> Iterator[BenchmarkRow]:
    for name, timing in now.timings.items():
        before = baseline.timings.get(name)
        if before is not None:
            check_comparable(name, timing, before, "the baseline")
        yield BenchmarkRow(name, timing, before)
    for name, before in baseline.timings.items():
        if name not in now.timings:
            yield BenchmarkRow(name, None, before)
