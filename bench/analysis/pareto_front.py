"""The Pareto front: the recommenders that no other one beats in both accuracy and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary


def drawable(summary: Summary, name: str) -> list[Row]:
    """Return the rows that have this mean and a fit time above 0, since the axis is logarithmic."""
    return [row for row in summary.rows if name in row.accuracy and (row.fit_seconds or 0) > 0]


def front_places(summary: Summary, rows: Sequence[Row], name: str) -> set[int]:
    """Return the places, among the rows, of those on the front of fit time and a mean.

    No suspicious row is on it, and no row at all where times cannot be compared.
    """
    if summary.timing.are_several:
        return set()
    honest = [place for place, row in enumerate(rows) if not summary.is_suspicious(row)]
    points = [(rows[place].fit_seconds or 0.0, rows[place].accuracy[name].mean) for place in honest]
    return {honest[number] for number in front_of(points)}


def front_of(points: Sequence[tuple[float, float]]) -> set[int]:
    """Return the places of the points ``(cost, worth)`` that no other one beats: with no more cost and no less worth.

    Worked: of (1, .3), (2, .2) and (2, .4), the first and the last.
    """
    front: set[int] = set()
    best: tuple[float, float] | None = None
    # By cost, and of equal cost the worthiest first: each must be worth more than all before it, or be the same point.
    for number in sorted(range(len(points)), key=lambda number: (points[number][0], -points[number][1])):
        if best is None or points[number][1] > best[1] or points[number] == best:
            front.add(number)
            best = points[number]
    return front
