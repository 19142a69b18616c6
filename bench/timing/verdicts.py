"""What has become slower: times of now against those of a baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from bench.timing.timings import MEDIAN_PENALTY, Measured, Timing
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

Verdict: TypeAlias = Literal["slower", "unclear", "faster", "same", "new", "missing"]

TOLERANCE = 0.20
"""A ratio within 1 / 1.2 .. 1.2 is nothing to talk about."""

STANDARD_ERRORS = 3
"""How many of its standard errors a ratio must be away from 1 to be more than noise."""


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
        shares = 1 / len(self.now.medians) + 1 / len(self.baseline.medians)
        return math.expm1(STANDARD_ERRORS * MEDIAN_PENALTY * spread * math.sqrt(shares))

    @property
    def verdict(self) -> Verdict:
        """``slower`` and ``faster`` are beyond tolerance and noise, ``unclear`` is slower beyond tolerance alone."""
        if self.ratio is None or self.noise is None:
            return "new" if self.baseline is None else "missing"
        if self.ratio > 1 + TOLERANCE:
            return "slower" if self.ratio > 1 + self.noise else "unclear"
        return "faster" if 1 / self.ratio > 1 + max(TOLERANCE, self.noise) else "same"


def judge(now: Measured, baseline: Measured) -> list[Row]:
    """Return a row for each benchmark: those of now in their order, then those that only the baseline has.

    Raises
    ------
    RecbenchError
        If a benchmark's two times are in units of different reference workloads.
    """
    return list(_rows(now, baseline))


def _rows(now: Measured, baseline: Measured) -> Iterator[Row]:
    for name, timing in now.timings.items():
        before = baseline.timings.get(name)
        if before is not None and before.reference != timing.reference:
            raise RecbenchError(
                f"{name} is timed against {timing.reference!r}, in the baseline against {before.reference!r}; "
                "such times do not compare: measure the baseline again, with --save"
            )
        yield Row(name, timing, before)
    for name, before in baseline.timings.items():
        if name not in now.timings:
            yield Row(name, None, before)
