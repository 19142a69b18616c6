"""The charts of ``recbench plot``, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.summary import groups_of, summarise
from bench.charts.chosen_rows import chosen_rows
from bench.charts.curves import curves
from bench.charts.forest import forest
from bench.charts.pareto import pareto
from bench.charts.settings import setting_chart, setting_curves
from bench.charts.slope import slope
from bench.charts.style import PRINT
from bench.writing.text import count_text, finite
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from bench.analysis.summary import Summary
    from bench.charts.chart import Chart
    from bench.charts.settings import Curve
    from bench.charts.style import Style
    from bench.names import View
    from bench.records.record import Record

_ABSENT = {
    "pareto": "no row has both a metric and a fit time",
    "curves": "no recommender learned for two or more epochs",
    "views": "fewer than two rows have two views; the full ranking is one of them",
    "forest": "there are fewer than two rows to compare, or the baseline failed",
    "settings": "no recommender has rows that differ in a number, as those of -r mf:reg=0.1 -r mf:reg=1 do",
}
"""Why a chart cannot be drawn."""


def draw(
    name: str,
    records: Iterable[Record],
    k: int = 10,
    baseline: str | None = None,
    *,
    metric: str | None = None,
    view: View | None = None,
    rows: Sequence[str] | None = None,
    style: Style = PRINT,
) -> Chart:
    """Return a chart for paper.

    Parameters
    ----------
    name
        ``"pareto"``, ``"curves"``, ``"views"``, ``"forest"`` or ``"settings"``.
    k, baseline, view
        See `bench.analysis.summary.summarise`.
    metric
        What the chart is about; None for NDCG.
    rows
        Labels of rows, or names of recommenders, that are drawn; None for all. Tests and the Pareto front are those of
        all rows.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, no row has the name of the baseline or of a wanted row, or
        no chart is possible.
    """
    if name not in _ABSENT:
        raise ProtocolError(
            f"{name} is drawn over several datasets; name the folders of several, or the folder of a study"
        )
    kept = tuple(records)
    summary = summarise(kept, (k,), baseline, None if metric is None else [metric], view)
    only = chosen_rows(rows, {row.label: row.recommender.name for row in summary.rows})
    makers = {
        "pareto": lambda: pareto(summary, style, only=only),
        "curves": lambda: curves([group for group in groups_of(kept, summary) if group.label in only], style),
        "views": lambda: slope(summary, style, only),
        "forest": lambda: forest(summary, style, only),
        "settings": lambda: setting_chart(curves_of_settings(summary, only), summary.primary, style),
    }
    chart = makers[name]()
    if chart is None:
        among = "" if rows is None else f"among {count_text(len(only), 'row')} named, "
        raise ProtocolError(f"there is nothing to draw as {name}: {among}{_ABSENT[name]}")
    return chart


def curves_of_settings(summary: Summary, only: Container[str] | None = None) -> list[Curve]:
    """Return the curves of the recommenders with several settings, by the mean that sorts the rows.

    Parameters
    ----------
    only
        The labels of the rows that are drawn; None for all.
    """
    means = {
        row.label: row.accuracy[summary.primary]
        for row in summary.rows
        if summary.primary in row.accuracy and (only is None or row.label in only)
    }

    def figures_of(label: str) -> list[tuple[str, float, float | None, float | None]]:
        if label not in means:
            return []
        interval = means[label]
        return [("", interval.mean, finite(interval.low), finite(interval.high))]

    return setting_curves(summary.settings, figures_of)
