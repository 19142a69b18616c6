"""Whether the views give the rows the same order: a slope chart of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.views import views_of
from bench.charts.chart import MOST_ROWS, Chart, first_rows, shown
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.names import value_name
from bench.writing.text import NOTHING, accuracy_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.charts.style import Style
    from bench.names import View


def slope(summary: Summary, style: Style) -> Chart | None:
    """Return each row's place in each view, by the metric that sorts; None with fewer than two views or two rows."""
    there, metric = views_of(summary.task), summary.primary_metric
    names: dict[View, str] = {view: value_name(view, metric, summary.ks[0]) for view in there}
    known = {view: name for view, name in names.items() if any(name in row.accuracy for row in summary.rows)}
    rows = [row for row in summary.rows if known and all(name in row.accuracy for name in known.values())]
    if len(known) < 2 or len(rows) < 2:
        return None
    places = {view: _places(rows, name) for view, name in known.items()}
    moved = [shown(row.label) for row in rows if len({places[view][row.label] for view in known}) > 1]
    drawn = rows[:MOST_ROWS]
    among = {view: _places(drawn, name) for view, name in known.items()}
    values = [_point(row, view, name, among) for row in drawn for view, name in known.items()]
    return Chart(
        spec=_spec(values, list(known), style),
        alternative=f"Places of the rows by {summary.primary_label} in the views {', '.join(known)}. "
        f"{len(moved)} of {len(rows)} rows do not have the same place in all views."
        + first_rows([row.label for row in rows], "rows, with their places among these,"),
        headers=(
            "recommender",
            *(f"{word} {view}" for view in known for word in ("place,", f"{metric},")),
        ),
        lines=tuple(_line(row, names, places) for row in rows),
    )


def _places(rows: Sequence[Row], name: str) -> dict[str, int]:
    ordered = sorted(rows, key=lambda row: -row.accuracy[name].mean)
    return {row.label: place for place, row in enumerate(ordered, start=1)}


def _line(row: Row, names: dict[View, str], places: dict[View, dict[str, int]]) -> tuple[str, ...]:
    cells: list[str] = []
    for view, place_of in places.items():
        interval = row.accuracy.get(names[view])
        cells += [str(place_of[row.label]), accuracy_text(interval.mean) if interval else NOTHING]
    return (shown(row.label), *cells)


def _point(row: Row, view: View, name: str, places: dict[View, dict[str, int]]) -> dict[str, Any]:
    mine = [place_of[row.label] for place_of in places.values()]
    return {
        "label": shown(row.label),
        "view": view,
        "place": places[view][row.label],
        "moved": len(set(mine)) > 1,
        "tip": [
            *([f"place, {each}", str(place_of[row.label])] for each, place_of in places.items()),
            [name, accuracy_text(row.accuracy[name].mean)],
        ],
    }


def _spec(values: Sequence[dict[str, Any]], views: Sequence[View], style: Style) -> dict[str, Any]:
    colours = style.palette
    n_rows = len(values) // len(views)
    colour = {"condition": {"test": "datum.moved", "value": colours.accent}, "value": colours.muted}
    x = {
        "field": "view",
        "type": "nominal",
        "sort": list(views),
        "scale": {"type": "point", "padding": 0.75},
        "axis": {"orient": "top", "title": None, "labelAngle": 0, "labelColor": colours.ink, "domain": False},
    }
    y = {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [n_rows + 0.5, 0.5], "nice": False, "zero": False},
        "axis": None,
    }
    ends = (("right", -10, views[0]), ("left", 10, views[-1]))
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(max(n_rows, 2) * 26),
        "data": {"name": "rows", "values": list(values)},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 1.75},
                "encoding": {"detail": {"field": "label"}, "color": colour},
            },
            {
                "mark": {"type": "circle", "size": 60, "opacity": 1},
                "encoding": {"color": colour, "tooltip": {"value": {"expr": "datum"}}},
            },
            *(
                {
                    "transform": [{"filter": {"field": "view", "equal": view}}],
                    "mark": {
                        "type": "text",
                        "align": align,
                        "dx": dx,
                        "baseline": "middle",
                        "limit": {"expr": "width / 5"},
                    },
                    "encoding": {"text": {"field": "label"}},
                }
                for align, dx, view in ends
            ),
        ],
    }
