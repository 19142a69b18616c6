"""A curve as a small chart of plain characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 8
"""Rows of a chart, without the axis."""

MOST_STEP = 4
"""The most columns from one point to the next."""

POINT, MARKED, MISSING = "*", "O", "!"


def chart_lines(
    points: Sequence[tuple[int, float | None]], width: int, *, marked: int | None = None, height: int = HEIGHT
) -> list[str]:
    """Return a chart, at most ``width`` columns wide; nothing where no point has a value.

    Worked: of the points ``(1, 2.0), (2, 1.0), (3, None)``, with a height of 2::

        2 |*
        1 |    *
          +--------!
           1       3

    Parameters
    ----------
    points
        Places, ascending, and values; None for one that is not finite, which the axis marks with `MISSING`. Where there
        are more points than columns, a column has the mean of its points.
    marked
        A place whose point is `MARKED`.
    """
    values = [value for _, value in points if value is not None]
    if not values:
        return []
    low, high = min(values), max(values)
    labels = (f"{high:.4g}", f"{low:.4g}")
    margin = max(map(len, labels))
    columns = _columns(points, max(2, width - margin - len(" |")))
    n_rows = height if high > low else 1
    n_columns = max(columns) + 1
    rows = [[" "] * n_columns for _ in range(n_rows)]
    axis = ["-"] * n_columns
    for column, members in columns.items():
        known = [value for _, value in members if value is not None]
        if len(known) < len(members):
            axis[column] = MISSING
        if known:
            share = (math.fsum(known) / len(known) - low) / (high - low) if high > low else 0.0
            is_marked = any(place == marked for place, _ in members)
            rows[n_rows - 1 - round(share * (n_rows - 1))][column] = MARKED if is_marked else POINT
    names = [labels[0], *[""] * (n_rows - 2), labels[1]] if n_rows > 1 else [labels[0]]
    first, last = str(points[0][0]), str(points[-1][0])
    ends = first if len(points) == 1 else f"{first}{last.rjust(max(n_columns - len(first), len(last) + 1))}"
    return [
        *(f"{name:>{margin}} |{''.join(row).rstrip()}" for name, row in zip(names, rows, strict=True)),
        f"{'':{margin}} +{''.join(axis)}",
        f"{'':{margin}}  {ends}",
    ]


def _columns(points: Sequence[tuple[int, float | None]], most: int) -> dict[int, Sequence[tuple[int, float | None]]]:
    """Return the points of each column: one where there is room, else neighbours together."""
    if len(points) <= most:
        step = min(MOST_STEP, (most - 1) // max(1, len(points) - 1))
        return {number * step: [point] for number, point in enumerate(points)}
    bounds = [number * len(points) // most for number in range(most + 1)]
    return {number: points[bounds[number] : bounds[number + 1]] for number in range(most)}
