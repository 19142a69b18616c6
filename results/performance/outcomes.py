"""What was measured, held against what it should be; and how two things are timed against each other."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

SINGLE = "a single run"
"""What the note of a figure says that is no median."""

Works = dict[str, "Callable[[], object]"]


@dataclass(frozen=True)
class Setting:
    """How to measure.

    Parameters
    ----------
    data
        Prefix of the NCF paper's three files of MovieLens-1M; None where they are not at hand.
    quick
        Whether everything is made small: a smoke test, whose figures mean nothing.
    threads
        Cores to be used.
    """

    data: Path | None
    quick: bool
    threads: int


@dataclass(frozen=True)
class Outcome:
    """One figure.

    Parameters
    ----------
    what, against
        What was measured, and what it is held against.
    threads
        How many were used.
    unit
        Of ``ours`` and ``theirs``, which are medians, unless ``note`` says that it is a single run.
    ratio
        ``theirs / ours`` or ``ours / theirs``, as ``goal`` asks; None without a reference.
    reached
        None where nothing was measured.
    """

    target: str
    what: str
    against: str
    threads: int
    unit: str
    ours: float | None
    theirs: float | None
    ratio: float | None
    goal: str
    reached: bool | None
    note: str = ""


@dataclass(frozen=True)
class Case:
    """What several outcomes share; its methods make them."""

    target: str
    what: str
    threads: int
    unit: str = "s"

    def faster(self, ours: float, theirs: float, against: str, times: float, note: str = "") -> Outcome:
        """Return whether ours takes at most one ``times``-th of theirs."""
        ratio = theirs / ours
        return self._outcome(against, ours, theirs, ratio, f"≥ {times:g} times as fast", ratio >= times, note)

    def within(self, ours: float, theirs: float, against: str, times: float, note: str = "") -> Outcome:
        """Return whether ours takes at most ``times`` as much as theirs."""
        ratio = ours / theirs
        return self._outcome(against, ours, theirs, ratio, f"≤ {times:g} times", ratio <= times, note)

    def at_most(self, ours: float, most: float, note: str = "") -> Outcome:
        """Return whether ours is at most a given figure."""
        return self._outcome("-", ours, None, None, f"≤ {most:g} {self.unit}", ours <= most, note)

    def peak(self, ours: float | None, most: float, note: str = "") -> Outcome:
        """Return whether the peak of memory is at most a given figure; it has none where the system resets no peak."""
        if ours is None:
            reason = "unavailable: this system does not let the peak begin anew"
            return self.skipped("-", f"≤ {most:g} {self.unit}", reason)
        return self.at_most(ours, most, "; ".join(filter(None, (SINGLE, "of the whole process", note))))

    def at_least(self, ours: float, theirs: float, against: str, note: str = "") -> Outcome:
        """Return whether ours is at least theirs."""
        return self._outcome(against, ours, theirs, ours / theirs, "no less", ours >= theirs, note)

    def holds(self, what_holds: str, holds: bool, note: str = "") -> Outcome:
        """Return whether something is so."""
        return self._outcome("-", None, None, None, what_holds, holds, note)

    def skipped(self, against: str, goal: str, reason: str) -> Outcome:
        """Return that nothing could be measured."""
        return self._outcome(against, None, None, None, goal, None, reason)

    def _outcome(
        self,
        against: str,
        ours: float | None,
        theirs: float | None,
        ratio: float | None,
        goal: str,
        reached: bool | None,
        note: str,
    ) -> Outcome:
        unit = self.unit if ours is not None else "-"
        return Outcome(self.target, self.what, against, self.threads, unit, ours, theirs, ratio, goal, reached, note)


def same_loss(target: str, ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> Outcome:
    """Compare losses, seeds x epochs, by the standard error of the difference of their means."""
    errors = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / len(ours))
    apart = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / errors
    means = "; ".join(
        f"epoch {epoch}: {own:.4f} and {other:.4f}"
        for epoch, (own, other) in enumerate(zip(ours.mean(axis=0), theirs.mean(axis=0), strict=True), 1)
    )
    note = f"{means}; {apart.max():.1f} standard errors apart, {len(ours)} seeds"
    # t(4) at .5 %, two-sided.
    return Case(target, "loss of these epochs", 1).holds("the same within seed noise", bool(np.all(apart < 5.6)), note)


def seconds_of(work: Callable[[], object]) -> float:
    """Return what some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each work, all done in turn, ``rounds`` times, after once off the clock.

    Whatever else the machine does meanwhile disturbs all of them alike, and what is compiled, imported or read for the
    first time disturbs none.
    """
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds_of(work))
    return {name: median(values) for name, values in times.items()}
