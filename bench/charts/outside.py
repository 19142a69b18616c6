"""Rows so far below the others that an axis for all would be twice as long as it is for the upper two thirds.

They are a third of the rows at most, and four; of one or two rows, none. A chart shows them at its edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_OUTSIDE = 4

TRANSFORMS: list[dict[str, Any]] = [
    {"type": "formula", "expr": "isValid(datum.low) ? datum.low : datum.mean", "as": "bottom"},
    {"type": "formula", "expr": "isValid(datum.high) ? datum.high : datum.mean", "as": "top"},
    {"type": "window", "sort": {"field": "mean"}, "ops": ["row_number"], "as": ["order"]},
    {"type": "joinaggregate", "fields": [None, "top"], "ops": ["count", "max"], "as": ["count", "highest"]},
    {
        "type": "formula",
        "expr": f"datum.order === min(floor(datum.count / 3), {MOST_OUTSIDE}) + 1 ? datum.bottom : null",
        "as": "edge",
    },
    {"type": "joinaggregate", "fields": ["edge"], "ops": ["max"], "as": ["lowest"]},
    {"type": "formula", "expr": "datum.mean < 2 * datum.lowest - datum.highest", "as": "outside"},
]
"""The rule in Vega, for data that may change in the page: of ``mean``, ``low`` and ``high``, whiskers included."""


def far_below(rows: Sequence[tuple[float, float, float]], on_axis: float) -> list[bool]:
    """Return for each row whether it is outside, by the same rule.

    Worked: of -1 and three at -.1, all without whiskers, and an axis with 0, the first: -1 < 2 * -.1 - 0.

    Parameters
    ----------
    rows
        The value of each, and the ends of its whiskers.
    on_axis
        A value that the axis shows in any case.
    """
    n_most = min(len(rows) // 3, MOST_OUTSIDE)
    ordered = sorted(rows)
    lowest = min([on_axis, *(bottom for _, bottom, _ in ordered[n_most : n_most + 1])])
    highest = max([on_axis, *(top for *_, top in rows)])
    return [n_most > 0 and value < 2 * lowest - highest for value, *_ in rows]
