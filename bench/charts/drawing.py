"""The charts of ``recbench plot``, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.summary import groups_of, summarise
from bench.charts.curves import curves
from bench.charts.forest import forest
from bench.charts.pareto import pareto
from bench.charts.slope import slope
from bench.charts.style import PRINT
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.charts.chart import Chart
    from bench.records.record import Record

_ABSENT = {
    "pareto": "no row has both a metric and a fit time",
    "curves": "no recommender learned for two or more epochs",
    "views": "fewer than two rows have two views; the full ranking is one of them",
    "forest": "there are fewer than two rows to compare, or the baseline failed",
}
"""Why a chart cannot be drawn."""


def draw(name: str, records: Iterable[Record], k: int = 10, baseline: str | None = None) -> Chart:
    """Return a chart for paper.

    Parameters
    ----------
    name
        ``"pareto"``, ``"curves"``, ``"views"`` or ``"forest"``.
    k, baseline
        See `bench.analysis.summary.summarise`.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, no row has the name of the baseline, or no chart is
        possible.
    """
    kept = tuple(records)
    summary = summarise(kept, (k,), baseline)
    makers = {
        "pareto": lambda: pareto(summary, PRINT),
        "curves": lambda: curves(groups_of(kept, summary), PRINT),
        "views": lambda: slope(summary, PRINT),
        "forest": lambda: forest(summary, PRINT),
    }
    chart = makers[name]()
    if chart is None:
        raise ProtocolError(f"there is nothing to draw as {name}: {_ABSENT[name]}")
    return chart
