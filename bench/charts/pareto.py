"""Accuracy against fit time: how much time more accuracy costs, and which rows are worse in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.pareto_front import drawable, front_places
from bench.charts.chart import Chart, listed, rounded, shown, shown_parameters, timed_label
from bench.charts.library import SCHEMA_VEGA
from bench.writing.text import accuracy_text, amount_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.charts.style import Style

    Spec = dict[str, Any]

_HEIGHT = 380
_CORNERS = ("top-right", "bottom-right", "top-left", "bottom-left")
_PLACES = (
    *((corner, 7) for corner in _CORNERS),
    ("right", 7),
    ("left", 7),
    *((end, distance) for distance in (20, 30) for end in ("top", "bottom")),
    *((corner, 14) for corner in _CORNERS),
)
"""Places of a label, with distances: the first free one is used; places beyond the whisker come before distant ones."""

_FIT_DOMAIN = "[fits[0] / 2, fits[1] * 4]"
"""Wider than the data, because Vega searches forever for ticks on a logarithmic axis of a single value."""

_OBSTACLES = [
    {"type": "filter", "expr": "length(data('rows')) <= 60"},
    {"type": "formula", "expr": "[0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]", "as": "part"},
    {"type": "flatten", "fields": ["part"]},
    {"type": "formula", "expr": "datum.low + (datum.high - datum.low) * datum.part", "as": "mean"},
    {"type": "formula", "expr": "''", "as": "label"},
]
"""Empty labels along each whisker keep other labels away. Not used for many rows: most labels are hidden there."""


def pareto(summary: Summary, style: Style, name: str | None = None) -> Chart | None:
    """Return the chart of one mean; None if no row has both the mean and a fit time.

    Parameters
    ----------
    name
        A key of `bench.analysis.rows.Row.accuracy`; by default the mean that sorts the rows.
    """
    name = name or summary.primary
    rows = drawable(summary, name)
    if not rows:
        return None
    front = front_places(summary, rows, name)
    values = [_point(summary, row, name, on_front=number in front) for number, row in enumerate(rows)]
    best = [shown(row.label) for number, row in enumerate(rows) if number in front]
    about_front = (
        f"The times are of {summary.incomparable_times}, so no Pareto front is marked. {shown(summary.timing_sentence)}"
        if summary.incomparable_times
        else f"On the Pareto front (no other row is both faster and at least as accurate): {listed(best)}."
    )
    missing = [row.label for row in summary.rows if not row.failed and row not in rows]
    left_out = f" Without a fit time, so not drawn: {listed(map(shown, missing))}." if missing else ""
    return Chart(
        spec=accuracy_by_time(values, name, style),
        alternative=f"{name} against fit seconds, on a logarithmic axis, with 95 % intervals. {about_front}{left_out}",
        headers=("recommender", "fit s", name, "95 % interval", "Pareto front"),
        lines=tuple(_line(summary, row, name, on_front=number in front) for number, row in enumerate(rows)),
    )


def _point(summary: Summary, row: Row, name: str, *, on_front: bool) -> dict[str, Any]:
    interval = row.accuracy[name]
    return {
        "label": timed_label(shown(row.label), summary.timing.mark(row.records)),
        "fit": rounded(row.fit_seconds),
        "mean": rounded(interval.mean),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "front": on_front,
        "tip": [
            [name, f"{accuracy_text(interval.mean)} {spread_text(interval.half_width)}"],
            ["fit", f"{amount_text(row.fit_seconds)} s"],
            ["parameters", shown_parameters(row.recommender.parameters)],
        ],
    }


def _line(summary: Summary, row: Row, name: str, *, on_front: bool) -> tuple[str, ...]:
    interval = row.accuracy[name]
    return (
        timed_label(shown(row.label), summary.timing.mark(row.records)),
        amount_text(row.fit_seconds),
        accuracy_text(interval.mean),
        f"{accuracy_text(interval.low)} to {accuracy_text(interval.high)}",
        "yes" if on_front else "no",
    )


def accuracy_by_time(
    values: Sequence[dict[str, Any]], name: str, style: Style, time: str = "fit time, seconds (logarithmic)"
) -> Spec:
    """Return a specification of Vega itself: Vega-Lite has no labels that make room for each other.

    Parameters
    ----------
    values
        A point each: ``label``, ``fit``, ``mean``, ``front`` and ``tip``; ``low`` and ``high``, or None.
    name, time
        The titles of the axes.
    """
    # Vega warns of a field without any value.
    ends = ("low", "mean", "high") if any(value["low"] is not None for value in values) else ("mean",)
    return {
        "$schema": SCHEMA_VEGA,
        "height": _HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": style.config(),
        **_width(style),
        "data": [
            {
                "name": "rows",
                "values": list(values),
                "transform": [{"type": "extent", "field": "fit", "signal": "fits"}],
            },
            {"name": "whiskers", "source": "rows", "transform": [{"type": "filter", "expr": "isValid(datum.low)"}]},
            {"name": "obstacles", "source": "whiskers", "transform": _OBSTACLES},
            {"name": "labelled", "source": ["rows", "obstacles"]},
            {
                "name": "front",
                "source": "rows",
                "transform": [
                    {"type": "filter", "expr": "datum.front"},
                    {"type": "collect", "sort": {"field": "fit"}},
                ],
            },
        ],
        "scales": [
            {
                "name": "x",
                "type": "log",
                "range": "width",
                "domain": {"signal": _FIT_DOMAIN},
            },
            {
                "name": "y",
                "range": "height",
                "domain": {"fields": [{"data": "rows", "field": f} for f in ends]},
                "zero": False,
                "nice": True,
            },
        ],
        "axes": [
            {
                "scale": "x",
                "orient": "bottom",
                "title": time,
                "tickCount": 6,
                "format": ",.6~g",
                "labelOverlap": True,
            },
            {
                "scale": "y",
                "orient": "left",
                "title": {"signal": "figure"},
                "grid": True,
                "tickCount": 6,
                "format": ".2f",
            },
        ],
        "marks": _marks(style),
        "signals": [*_width_signal(style), {"name": "figure", "value": name}],
    }


def _width(style: Style) -> Spec:
    return {} if style.width is None else {"width": style.width}


def _width_signal(style: Style) -> list[Spec]:
    if style.width is not None:
        return []
    size = "isFinite(containerSize()[0]) ? containerSize()[0] : 200"
    return [{"name": "width", "init": size, "on": [{"update": size, "events": "window:resize"}]}]


def _marks(style: Style) -> list[Spec]:
    colours = style.palette
    at = {"x": {"scale": "x", "field": "fit"}, "y": {"scale": "y", "field": "mean"}}
    by_front = [{"test": "datum.front", "value": colours.accent}, {"value": colours.muted}]
    return [
        {
            "type": "line",
            "from": {"data": "front"},
            "encode": {
                "update": {
                    **at,
                    "interpolate": {"value": "step-after"},
                    "stroke": {"value": colours.accent},
                    "strokeWidth": {"value": 1.5},
                    "strokeDash": {"value": [4, 3]},
                }
            },
        },
        {
            "type": "rule",
            "from": {"data": "whiskers"},
            "encode": {
                "update": {
                    "x": at["x"],
                    "y": {"scale": "y", "field": "low"},
                    "y2": {"scale": "y", "field": "high"},
                    "stroke": by_front,
                    "strokeOpacity": {"value": 0.5},
                    "strokeWidth": {"value": 1.5},
                }
            },
        },
        {
            "type": "symbol",
            "from": {"data": "rows"},
            "encode": {
                "update": {
                    **at,
                    "size": {"value": 64},
                    "shape": [{"test": "datum.front", "value": "circle"}, {"value": "diamond"}],
                    "fill": by_front,
                    "stroke": {"value": colours.surface},
                    "strokeWidth": {"value": 1},
                    "tooltip": {"signal": "datum"},
                },
                "hover": {"strokeWidth": {"value": 3}, "stroke": {"value": colours.second}},
            },
        },
        {
            "type": "text",
            "from": {"data": "labelled"},
            "interactive": False,
            "encode": {
                "update": {
                    **at,
                    "text": {"field": "label"},
                    "limit": {"value": 130},
                    "fill": [{"test": "datum.front", "value": colours.ink}, {"value": colours.muted}],
                    "fontSize": [{"test": "datum.label === ''", "value": 1}, {"value": style.font_size}],
                    "fontWeight": [{"test": "datum.front", "value": 600}, {"value": 400}],
                }
            },
            "transform": [
                {
                    "type": "label",
                    "size": {"signal": "[width, height]"},
                    "padding": 0,
                    "anchor": [anchor for anchor, _ in _PLACES],
                    "offset": [distance for _, distance in _PLACES],
                }
            ],
        },
    ]
