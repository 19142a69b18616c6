"""The time of a benchmark in units of its reference workload, over one session or several, and its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.writing.text import count_text
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CONSISTENCY = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""

MEDIAN_PENALTY = math.sqrt(math.pi / 2)
"""The standard error of a median in units of that of a mean, for many normal values."""

FEWEST_FOR_SPREAD = 3
"""The fewest sessions that show how sessions differ."""

LEAST, MOST = 1e-12, 1e12
"""Bounds of plausible times, in units of a reference."""


@dataclass(frozen=True)
class Timing:
    """The time of one benchmark. Errors are those of logarithms: .02 is about 2 %.

    Parameters
    ----------
    reference
        The definition of the reference workload.
    n_threads
        The number of threads that the work may use.
    seconds
        The clock's time of a call, in seconds. It is for the reader; nothing is judged by it.
    medians
        For each session, the median over rounds of a call's time in units of the reference.
    errors
        For each session, the standard error of the median's logarithm, from the spread of the rounds.
    """

    reference: str
    n_threads: int
    seconds: float
    medians: tuple[float, ...]
    errors: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(math.isfinite(number) and number >= 0 for number in (self.seconds, *self.errors)):
            raise ValueError("seconds and standard errors must be finite and not below 0")
        if not self.medians or not all(LEAST <= one <= MOST for one in self.medians):
            raise ValueError(f"times must be {LEAST:g} to {MOST:g} units")
        if self.n_threads < 1:
            raise ValueError("there must be a thread")
        if len(self.medians) != len(self.errors):
            raise ValueError(f"{len(self.medians)} medians have {len(self.errors)} standard errors")

    @classmethod
    def of_rounds(cls, reference: str, n_threads: int, seconds: float, ratios: Sequence[float]) -> Timing:
        """Return the timing of one session, from the ratio of each round."""
        logs = [math.log(ratio) for ratio in ratios]
        error = MEDIAN_PENALTY * _spread(logs) / math.sqrt(len(logs))
        return cls(reference, n_threads, seconds, (math.exp(median(logs)),), (error,))

    @property
    def centre(self) -> float:
        """The median over sessions, in units of the reference."""
        return math.exp(median(math.log(one) for one in self.medians))

    @property
    def session_spread(self) -> float:
        """The standard deviation of the logarithm of a session's median.

        It is estimated from the rounds and, with `FEWEST_FOR_SPREAD` sessions or more, from the sessions; the larger
        one counts.
        """
        within = median(self.errors)
        if len(self.medians) < FEWEST_FOR_SPREAD:
            return within
        return max(within, _spread([math.log(one) for one in self.medians]))


@dataclass(frozen=True)
class Measured:
    """Timings by the names of benchmarks, and the machine (see `bench.machine.environment.describe_environment`)."""

    environment: Mapping[str, Any]
    timings: Mapping[str, Timing]

    def __post_init__(self) -> None:
        if not isinstance(self.environment.get("versions"), dict):
            raise ValueError("the environment names no versions")


def joined(sessions: Iterable[Measured]) -> Measured:
    """Return several sessions as one; each benchmark keeps the sessions that measured it.

    Raises
    ------
    RecbenchError
        If they ran on different processors, or measured a benchmark in different units.
    """
    sessions = list(sessions)
    processors = list(dict.fromkeys(str(session.environment.get("cpu")) for session in sessions))
    if len(processors) > 1:
        raise RecbenchError(
            f"found sessions on {' and on '.join(processors)}; times on different processors are not comparable: "
            "measure all of them on one machine"
        )
    names = dict.fromkeys(name for session in sessions for name in session.timings)
    return Measured(
        sessions[0].environment,
        {name: _joined(name, [one.timings[name] for one in sessions if name in one.timings]) for name in names},
    )


def _joined(name: str, parts: Sequence[Timing]) -> Timing:
    first = parts[0]
    for part in parts[1:]:
        check_comparable(name, part, first, "another session")
    return Timing(
        first.reference,
        first.n_threads,
        median(part.seconds for part in parts),
        tuple(value for part in parts for value in part.medians),
        tuple(value for part in parts for value in part.errors),
    )


def check_comparable(name: str, one: Timing, other: Timing, others: str) -> None:
    """Raise an error if two times of a benchmark are in different units.

    Parameters
    ----------
    others
        The owner of the other time, in the error's words.

    Raises
    ------
    RecbenchError
        If the reference workloads or the numbers of threads differ.
    """
    if one.reference != other.reference:
        raise RecbenchError(
            f"{name} is timed against {one.reference!r}, in {others} against {other.reference!r}; such times are not "
            "comparable: measure the older one again (a baseline with --save)"
        )
    if one.n_threads != other.n_threads:
        raise RecbenchError(
            f"{name} is timed with {count_text(one.n_threads, 'thread')}, in {others} with {other.n_threads:,}; such "
            "times are not comparable: measure both again with this version, which times one thread (a baseline with "
            "--save)"
        )


def variance_share(n_sessions: int) -> float:
    """Return the variance of the median over ``n_sessions``, in units of a session's variance."""
    # The median of one or two is their mean.
    return (MEDIAN_PENALTY**2 if n_sessions > 2 else 1) / n_sessions


def _spread(values: Sequence[float]) -> float:
    """Return an estimate of the standard deviation that outliers do not affect."""
    centre = median(values)
    return CONSISTENCY * median(abs(value - centre) for value in values)
