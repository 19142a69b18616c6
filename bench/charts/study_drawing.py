"""The charts of ``recbench plot`` over several datasets, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.charts.chosen_rows import chosen_rows
from bench.charts.critical_difference import critical_difference_diagram
from bench.charts.relative_scores import relative_scores
from bench.charts.settings import setting_chart, setting_curves
from bench.charts.study_ranks import study_ranks
from bench.charts.style import PRINT
from bench.names import STUDY_CHARTS
from bench.studies.over_datasets import LEAST_DATASETS, LEAST_ROWS
from bench.writing.text import count_text
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from bench.charts.chart import Chart
    from bench.charts.settings import Curve
    from bench.charts.style import Style
    from bench.studies.comparison import StudyComparison

_ABSENT = {
    "cd": f"Nemenyi's test needs {LEAST_DATASETS} datasets or more, and {LEAST_ROWS} rows or more that have a figure "
    "on each of them",
    "ranks": "none of the rows has a figure",
    "heatmap": "there are no rows",
    "settings": "no recommender has rows that differ in a number, as those of -r mf:reg=0.1 -r mf:reg=1 do",
}
"""Why a chart cannot be drawn."""


def draw_study(name: str, found: StudyComparison, *, rows: Sequence[str] | None = None, style: Style = PRINT) -> Chart:
    """Return a chart over datasets, for paper.

    Parameters
    ----------
    rows
        Labels of rows, or names of recommenders, that are drawn; None for all. Ranks and best figures are those of all
        rows, and so is all of ``"cd"``.

    Raises
    ------
    ProtocolError
        If the chart is one of a single dataset, no row is called like a wanted one, or there is nothing to draw.
    """
    if name not in STUDY_CHARTS:
        raise ProtocolError(
            f"{name} is a chart of one dataset; name one folder, or draw {', '.join(STUDY_CHARTS)} over several"
        )
    only = chosen_rows(rows, {label: each.recommender for each in found.settings for label in each.labels})
    makers: dict[str, Callable[[], Chart | None]] = {
        "ranks": lambda: study_ranks(found, style, only),
        "cd": lambda: critical_difference_diagram(found, style),
        "heatmap": lambda: relative_scores(found, style, only),
        "settings": lambda: setting_chart(curves_over_datasets(found, only), relative_name(found), style),
    }
    chart = makers[name]()
    if chart is None:
        among = "" if rows is None else f"among {count_text(len(only), 'row')} named, "
        raise ProtocolError(f"there is nothing to draw as {name}: {among}{_ABSENT[name]}")
    return chart


def relative_name(found: StudyComparison) -> str:
    """Return what a relative score is called: ``share of the best NDCG@10``."""
    return f"share of the best {found.figure.name}"


def curves_over_datasets(found: StudyComparison, only: Container[str] | None = None) -> list[Curve]:
    """Return the curves of the recommenders with several settings, a line for each dataset, by relative score.

    Parameters
    ----------
    only
        The labels of the rows that are drawn; None for all.
    """
    scores = {row.label: row.scores for row in found.rows if only is None or row.label in only}

    def figures_of(label: str) -> list[tuple[str, float, float | None, float | None]]:
        known = scores.get(label, {}).items()
        return [(name, score.relative, None, None) for name, score in known if score.relative is not None]

    return setting_curves(found.settings, figures_of)
