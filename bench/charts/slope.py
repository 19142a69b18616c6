"""Whether views, or splits, give the rows the same order: a slope chart of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analysis.views import views_of
from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, shown
from bench.charts.encodings import TIP
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.names import value_name
from bench.writing.text import accuracy_text

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from bench.analysis.over_splits import SplitsSummary
    from bench.analysis.summary import Summary
    from bench.charts.style import Style

_NAMES_SHARE = 0.3
"""How much of a chart's width the names on each side may take."""

_GAP = 10
"""Pixels between a name and the lines."""

_TURNED = -30
"""Degrees of the names above the chart where they do not fit beside each other."""


@dataclass(frozen=True)
class _Order:
    """The order that one view or split gives the rows.

    Parameters
    ----------
    name
        Of the view or the split.
    figure
        What the means are called: ``full NDCG@10``.
    means
        By label, in the order of the table, the same labels in each view or split.
    """

    name: str
    figure: str
    means: Mapping[str, float]

    def places(self, labels: Sequence[str]) -> dict[str, int]:
        """Return the place of each of some rows among these; equal ones are in the order of the table."""
        ordered = sorted(labels, key=lambda label: -self.means[label])
        return {label: place for place, label in enumerate(ordered, start=1)}


def slope(summary: Summary, style: Style, only: Container[str] | None = None) -> Chart | None:
    """Return each row's place in each view, by the metric that sorts; None with fewer than two views or two rows.

    Parameters
    ----------
    only
        The labels of the rows that are drawn, with their places among these; None for all.
    """
    metric = summary.primary_metric
    names = {view: value_name(view, metric, summary.ks[0]) for view in views_of(summary.task)}
    known = {view: name for view, name in names.items() if any(name in row.accuracy for row in summary.rows)}
    rows = [
        row
        for row in summary.rows
        if (only is None or row.label in only) and all(name in row.accuracy for name in known.values())
    ]
    orders = [_Order(view, name, {row.label: row.accuracy[name].mean for row in rows}) for view, name in known.items()]
    return _slope(orders, "view", metric, summary.primary_label, style)


def slope_over_splits(summary: SplitsSummary, style: Style) -> Chart | None:
    """Return each row's place in each split, of the rows that have every split; None with fewer than two rows."""
    name = summary.first.primary
    orders = [
        _Order(shown(split), name, {row.label: row.values(name)[split] for row in summary.complete})
        for split in summary.summaries
    ]
    return _slope(orders, "split", summary.first.primary_metric, name, style)


def _slope(orders: Sequence[_Order], kind: str, metric: str, figure: str, style: Style) -> Chart | None:
    """Chart the orders of views or splits; ``kind`` is the word for one of them."""
    labels = list(orders[0].means) if orders else []
    if len(orders) < 2 or len(labels) < 2:
        return None
    places = [order.places(labels) for order in orders]
    n_moved = sum(_has_moved(label, places) for label in labels)
    drawn = labels[:MOST_ROWS]
    among = [order.places(drawn) for order in orders]
    names = style.names(map(shown, drawn), _NAMES_SHARE * style.space)
    values = [
        {
            "label": shown(label),
            "name": names[shown(label)],
            kind: order.name,
            "place": place_of[label],
            "moved": _has_moved(label, among),
            "tip": [
                *([f"place, {each.name}", str(its[label])] for each, its in zip(orders, among, strict=True)),
                [order.figure, accuracy_text(order.means[label])],
            ],
        }
        for label in drawn
        for order, place_of in zip(orders, among, strict=True)
    ]
    heads = [order.name for order in orders]
    more = first_rows(labels, "rows, with their places among these,")
    return Chart(
        spec={
            **_spec(values, kind, heads, style),
            **caption(style, f"Places by {figure}, the best on top. Coloured: rows that change place.", more),
        },
        alternative=f"Places of the rows by {figure} in the {kind}s {', '.join(heads)}. "
        f"{n_moved} of {len(labels)} rows do not have the same place in all {kind}s.{more}",
        headers=("recommender", *(f"{word} {head}" for head in heads for word in ("place,", f"{metric},"))),
        lines=tuple(_line(label, orders, places) for label in labels),
    )


def _has_moved(label: str, places: Sequence[Mapping[str, int]]) -> bool:
    return len({place_of[label] for place_of in places}) > 1


def _line(label: str, orders: Sequence[_Order], places: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    cells: list[str] = []
    for order, place_of in zip(orders, places, strict=True):
        cells += [str(place_of[label]), accuracy_text(order.means[label])]
    return (shown(label), *cells)


def _spec(values: Sequence[dict[str, Any]], kind: str, heads: Sequence[str], style: Style) -> dict[str, Any]:
    colours = style.palette
    n_rows = len(values) // len(heads)
    colour = {"condition": {"test": "datum.moved", "value": colours.accent}, "value": colours.muted}
    side = round(style.width_of(value["name"] for value in values)) + _GAP
    between = (style.space - 2 * side) / max(1, len(heads) - 1)
    widest = style.width_of(heads)
    x = {
        "field": kind,
        "type": "nominal",
        "sort": list(heads),
        "scale": {"type": "point", "padding": 0, "range": [side, {"expr": f"width - {side}"}]},
        "axis": {
            "orient": "top",
            "title": None,
            "labelAngle": 0 if widest + _GAP <= between else _TURNED,
            "labelAlign": "center" if widest + _GAP <= between else "left",
            "labelColor": colours.ink,
            "domain": False,
        },
    }
    y = {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [n_rows + 0.5, 0.5], "nice": False, "zero": False},
        "axis": None,
    }
    ends = (("right", -_GAP, heads[0]), ("left", _GAP, heads[-1]))
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(n_rows * style.row),
        "data": {"name": "rows", "values": list(values)},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 1.75},
                "encoding": {"detail": {"field": "label"}, "color": colour},
            },
            {
                "mark": {"type": "circle", "size": 60, "opacity": 1},
                "encoding": {"color": colour, "tooltip": TIP},
            },
            *(
                {
                    "transform": [{"filter": {"field": kind, "equal": head}}],
                    "mark": {"type": "text", "align": align, "dx": dx, "baseline": "middle"},
                    "encoding": {"text": {"field": "name"}},
                }
                for align, dx, head in ends
            ),
        ],
    }
