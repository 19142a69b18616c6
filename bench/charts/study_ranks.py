"""Mean ranks over datasets, with the intervals of both bootstraps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.axes import whole_axis
from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import TIP, names_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.studies.ranking import DIGITS
from bench.studies.resampling import span_text
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bench.charts.style import Style
    from bench.studies.comparison import StudyComparison, StudyRow
    from bench.studies.resampling import Span

_MOST_TICKS = 10

_KEY = "95 % intervals: over users thick, over datasets thin."


def study_ranks(found: StudyComparison, style: Style, only: Container[str] | None = None) -> Chart | None:
    """Return mean ranks as dots, their intervals over users as thick lines, over datasets as thin ones.

    Parameters
    ----------
    only
        The labels of the rows that are drawn; None for all. The ranks are among all rows.
    """
    rows = [row for row in found.rows if only is None or row.label in only]
    if not rows:
        return None
    names = style.names(shown(row.label) for row in rows[:MOST_ROWS])
    values = [
        _point(place, row, names[shown(row.label)], found.best_rank) for place, row in enumerate(rows[:MOST_ROWS])
    ]
    datasets = count_text(len(found.columns), "dataset")
    more = first_rows([row.label for row in rows])
    return Chart(
        spec={**_spec(values, len(found.rows), style), **caption(style, _KEY, more)},
        alternative=f"Mean rank by {found.figure.name} over {datasets}, 1 is best, with 95 % intervals over users and "
        f"over datasets. Best: {shown(rows[0].label)}, {rows[0].mean_rank:.2f}.{more}",
        headers=("recommender", "mean rank", "95 % over users", "95 % over datasets", "datasets"),
        lines=tuple(
            (
                shown(row.label),
                f"{row.mean_rank:.2f}",
                span_text(row.over_users),
                span_text(row.over_datasets),
                f"{len(row.scores)} of {len(found.columns)}",
            )
            for row in rows
        ),
    )


def _point(place: int, row: StudyRow, name: str, best: float) -> dict[str, Any]:
    return {
        "place": place,
        "label": shown(row.label),
        "name": name,
        "rank": rounded(row.mean_rank),
        "best": round(row.mean_rank, DIGITS) == best,
        **_ends("users", row.over_users),
        **_ends("datasets", row.over_datasets),
        "tip": [
            ["mean rank", f"{row.mean_rank:.2f}"],
            ["95 % over users", span_text(row.over_users)],
            ["95 % over datasets", span_text(row.over_datasets)],
        ],
    }


def _ends(name: str, span: Span | None) -> dict[str, float | None]:
    return {f"{name}_low": rounded(span.low if span else None), f"{name}_high": rounded(span.high if span else None)}


def _spec(values: Sequence[dict[str, Any]], n_rows: int, style: Style) -> dict[str, Any]:
    colours = style.palette
    y = names_by_place(style, grid=False, offset=6)
    last = max(n_rows, 2)
    x_axis = {
        "title": "mean rank (1 is best)",
        "grid": True,
        **whole_axis(1, last, _MOST_TICKS),
    }
    x_scale = {"domain": [1, last], "nice": False, "zero": False}
    colour = {"condition": {"test": "datum.best", "value": colours.accent}, "value": colours.muted}

    def line(name: str, width: float, opacity: float) -> dict[str, Any]:
        return {
            "transform": [{"filter": f"isValid(datum.{name}_low)"}],
            "mark": {"type": "rule", "strokeWidth": width, "opacity": opacity},
            "encoding": {
                "y": y,
                "x": {"field": f"{name}_low", "type": "quantitative", "scale": x_scale},
                "x2": {"field": f"{name}_high"},
                "color": colour,
            },
        }

    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(len(values) * style.row),
        "data": {"values": list(values)},
        "layer": [
            line("datasets", 1.5, 0.8),
            line("users", 6, 0.35),
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {
                    "y": y,
                    "x": {"field": "rank", "type": "quantitative", "scale": x_scale, "axis": x_axis},
                    "color": colour,
                    "tooltip": TIP,
                },
            },
        ],
    }
