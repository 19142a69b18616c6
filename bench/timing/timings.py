"""How long a benchmark takes, in units of its reference workload, over one session or several; and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CONSISTENCY = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""

MEDIAN_PENALTY = math.sqrt(math.pi / 2)
"""How much wider a median scatters than a mean does, over many normal values."""

FEWEST_FOR_SPREAD = 3
"""Sessions; fewer say nothing of how sessions differ."""


@dataclass(frozen=True)
class Timing:
    """One benchmark. Spreads are of logarithms: .02 is about 2 %.

    Parameters
    ----------
    reference
        The definition of the reference workload.
    seconds
        Of a call: what the clock said, for the reader. Nothing is judged by it.
    medians
        For each session, the median over rounds of a call's time in units of the reference.
    errors
        For each session, the standard error of the median's logarithm, from the spread of the rounds.
    """

    reference: str
    seconds: float
    medians: tuple[float, ...]
    errors: tuple[float, ...]

    def __post_init__(self) -> None:
        numbers = (self.seconds, *self.medians, *self.errors)
        if not all(math.isfinite(number) and number >= 0 for number in numbers) or min(self.medians, default=0) <= 0:
            raise ValueError("times must be finite and above 0")
        if len(self.medians) != len(self.errors):
            raise ValueError(f"{len(self.medians)} medians have {len(self.errors)} standard errors")

    @classmethod
    def of_rounds(cls, reference: str, seconds: float, ratios: Sequence[float]) -> Timing:
        """Return the timing of one session, from the ratio of each round."""
        logs = [math.log(ratio) for ratio in ratios]
        error = MEDIAN_PENALTY * _spread(logs) / math.sqrt(len(logs))
        return cls(reference, seconds, (math.exp(median(logs)),), (error,))

    @property
    def centre(self) -> float:
        """The median over sessions, in units of the reference."""
        return math.exp(median(math.log(one) for one in self.medians))

    @property
    def session_spread(self) -> float:
        """The standard deviation of a session's median, by its rounds or by other sessions, whichever is more."""
        within = median(self.errors)
        if len(self.medians) < FEWEST_FOR_SPREAD:
            return within
        return max(within, _spread([math.log(one) for one in self.medians]))


@dataclass(frozen=True)
class Measured:
    """Benchmarks by name, and the machine that they ran on (see `bench.environment.describe_environment`)."""

    environment: Mapping[str, Any]
    timings: Mapping[str, Timing]

    def __post_init__(self) -> None:
        if not isinstance(self.environment.get("versions"), dict):
            raise ValueError("the environment names no versions")


def joined(sessions: Iterable[Measured]) -> Measured:
    """Return all sessions as one; each benchmark has those sessions that measured it."""
    sessions = list(sessions)
    names = dict.fromkeys(name for session in sessions for name in session.timings)
    return Measured(
        sessions[0].environment,
        {name: _joined([one.timings[name] for one in sessions if name in one.timings]) for name in names},
    )


def _joined(parts: Sequence[Timing]) -> Timing:
    return Timing(
        parts[-1].reference,
        median(part.seconds for part in parts),
        tuple(value for part in parts for value in part.medians),
        tuple(value for part in parts for value in part.errors),
    )


def _spread(values: Sequence[float]) -> float:
    """Return a standard deviation that outliers do not move."""
    centre = median(values)
    return CONSISTENCY * median(abs(value - centre) for value in values)
