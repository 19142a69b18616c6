"""What has become slower: times of now against those of a baseline."""

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
"""A ratio within 1 / 1.2 .. 1.2 is nothing to talk about."""

STANDARD_ERRORS = 3
"""How many of its standard errors a ratio must be away from 1 to be more than noise."""

MOST_ERROR = 3.0
"""A standard error of more is as good as none: noise of a factor of 8,000."""

NINETEEN_IN_TWENTY = 1.645
"""Standard errors: a normal value is above minus so many nineteen times in twenty."""

SEEMING = 1.8
"""How many times more than it is noise may seem in few sessions; by the simulation in the tests."""


@dataclass(frozen=True)
class Row:
    """A benchmark now and in the baseline; one of the two may be None, not both."""

    name: str
    now: Timing | None
    baseline: Timing | None

    @property
    def ratio(self) -> float | None:
        """Now, in units of the baseline: above 1 is slower; None unless both were measured."""
        return self.now.centre / self.baseline.centre if self.now and self.baseline else None

    @property
    def noise(self) -> float | None:
        """How far above 1 the ratio may be by chance: .08 is 8 %; None unless both were measured."""
        if self.now is None or self.baseline is None:
            return None
        spread = max(self.now.session_spread, self.baseline.session_spread)
        return _noise(_standard_error(spread, len(self.now.medians), len(self.baseline.medians)))

    @property
    def verdict(self) -> Verdict:
        """``slower`` and ``faster`` are beyond tolerance and noise, ``unclear`` is slower beyond tolerance alone."""
        if self.ratio is None or self.noise is None:
            return "new" if self.baseline is None else "missing"
        if self.ratio > 1 + TOLERANCE:
            return "slower" if self.ratio > 1 + self.noise else "unclear"
        return "faster" if 1 / self.ratio > 1 + max(TOLERANCE, self.noise) else "same"


def detectable(baseline: Timing, n_sessions: int) -> float:
    """Return the least ratio that is called slower nineteen times in twenty, where sessions scatter as the baseline's.

    Parameters
    ----------
    n_sessions
        How many are compared with the baseline.
    """
    error = _standard_error(baseline.session_spread, n_sessions, len(baseline.medians))
    return (1 + max(TOLERANCE, _noise(SEEMING * error))) * math.exp(NINETEEN_IN_TWENTY * error)


def _standard_error(spread: float, *n_sessions: int) -> float:
    """Return the standard error of a ratio of two medians, over so many sessions each; of its logarithm, that is."""
    return min(spread * math.sqrt(sum(map(variance_share, n_sessions))), MOST_ERROR)


def _noise(error: float) -> float:
    return math.expm1(STANDARD_ERRORS * error)


def judge(now: Measured, baseline: Measured) -> list[Row]:
    """Return a row for each benchmark: those of now in their order, then those that only the baseline has.

    Raises
    ------
    RecbenchError
        If they have no benchmark in common, or a benchmark's two times are in different units.
    """
    if not now.timings.keys() & baseline.timings.keys():
        raise RecbenchError(
            f"nothing measured is in the baseline, not even {next(iter(now.timings), None)}; run from the folder "
            "that it was saved from, or renew it with --save"
        )
    return list(_rows(now, baseline))


def _rows(now: Measured, baseline: Measured) -> Iterator[Row]:
    for name, timing in now.timings.items():
        before = baseline.timings.get(name)
        if before is not None:
            check_comparable(name, timing, before, "the baseline")
        yield Row(name, timing, before)
    for name, before in baseline.timings.items():
        if name not in now.timings:
            yield Row(name, None, before)
