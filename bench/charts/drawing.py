"""The charts of ``recbench plot``, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.summary import groups_of, summarise
from bench.charts.curves import curves
from bench.charts.forest import forest
from bench.charts.pareto import pareto
from bench.charts.settings import setting_chart, setting_curves
from bench.charts.slope import slope
from bench.charts.style import PRINT
from bench.writing.text import finite
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary
    from bench.charts.chart import Chart
    from bench.charts.settings import Curve
    from bench.records.record import Record

_ABSENT = {
    "pareto": "no row has both a metric and a fit time",
    "curves": "no recommender learned for two or more epochs",
    "views": "fewer than two rows have two views; the full ranking is one of them",
    "forest": "there are fewer than two rows to compare, or the baseline failed",
    "settings": "no recommender has rows that differ in a number, as those of -r mf:reg=0.1 -r mf:reg=1 do",
}
"""Why a chart cannot be drawn."""


def draw(name: str, records: Iterable[Record], k: int = 10, baseline: str | None = None) -> Chart:
    """Return a chart for paper.

    Parameters
    ----------
    name
        ``"pareto"``, ``"curves"``, ``"views"``, ``"forest"`` or ``"settings"``.
    k, baseline
        See `bench.analysis.summary.summarise`.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, no row has the name of the baseline, or no chart is
        possible.
    """
    if name not in _ABSENT:
        raise ProtocolError(
            f"{name} is drawn over several datasets; name the folders of several, or the folder of a study"
        )
    kept = tuple(records)
    summary = summarise(kept, (k,), baseline)
    makers = {
        "pareto": lambda: pareto(summary, PRINT),
        "curves": lambda: curves(groups_of(kept, summary), PRINT),
        "views": lambda: slope(summary, PRINT),
        "forest": lambda: forest(summary, PRINT),
        "settings": lambda: setting_chart(curves_of_settings(summary), summary.primary, PRINT),
    }
    chart = makers[name]()
    if chart is None:
        raise ProtocolError(f"there is nothing to draw as {name}: {_ABSENT[name]}")
    return chart


def curves_of_settings(summary: Summary) -> list[Curve]:
    """Return the curves of the recommenders with several settings, by the mean that sorts the rows."""
    means = {row.label: row.accuracy[summary.primary] for row in summary.rows if summary.primary in row.accuracy}

    def figures_of(label: str) -> list[tuple[str, float, float | None, float | None]]:
        if label not in means:
            return []
        interval = means[label]
        return [("", interval.mean, finite(interval.low), finite(interval.high))]

    return setting_curves(summary.settings, figures_of)
