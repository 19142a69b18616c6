"""The picture of accuracy against fit time: points with whiskers, the front, and names that make room for each other.

It is in Vega itself, because Vega-Lite has no labels that avoid each other. Its data may change in the page, so what
depends on them is expressions: ticks, which rows are outside, and how many names found no place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts import outside
from bench.charts.axes import live_log_axis, live_number_axis
from bench.charts.library import SCHEMA_VEGA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.charts.style import Style

    Spec = dict[str, Any]

FIT_TIME = ("fit time, seconds (logarithmic)",)
"""The title of the axis of times, by lines."""

_PAGE_HEIGHT = 380
_PRINT_HEIGHTS = (240, 400)

_CORNERS = ("top-right", "bottom-right", "top-left", "bottom-left")
_SIDES = ("right", "left", "top", "bottom")
_PLACES = (
    *((place, 7) for place in (*_CORNERS, "right", "left")),
    *((place, distance) for distance in (16, 26, 38, 52, 68) for place in (*_SIDES, *_CORNERS)),
)
"""Places of a name, with distances in pixels: the first free one is used. A line joins a distant one with its point."""

_NEAR = 18
"""Pixels, across and down together, from which on a name has a line to its point."""

_LIMIT_SLACK = 16
"""Pixels by which fonts of browsers may be wider than a name was cut for; names that the page adds are cut there."""

_FIT_LOW, _FIT_HIGH = "fits[0] / 2", "fits[1] * 4"
"""Wider than the data, so that an axis of a single value has several ticks, and names have room."""

_OUTSIDE_STEP = 14
"""Pixels between the lines that name rows outside the axis."""

_OBSTACLES = [
    {"type": "filter", "expr": "length(data('rows')) <= 60"},
    {"type": "formula", "expr": f"{[*([part / 16, 0] for part in range(17)), [0.5, -5], [0.5, 5]]}", "as": "part"},
    {"type": "flatten", "fields": ["part"]},
    {"type": "formula", "expr": "datum.bottom + (datum.top - datum.bottom) * datum.part[0]", "as": "mean"},
    {"type": "formula", "expr": "datum.part[1]", "as": "aside"},
    {"type": "formula", "expr": "''", "as": "label"},
    {"type": "formula", "expr": "''", "as": "name"},
]
"""Empty names along each whisker, and on both sides of each point, keep other names away.

Not used for many rows: most names find no place there.
"""


def accuracy_by_time(values: Sequence[dict[str, Any]], name: str, style: Style, time: Sequence[str] = FIT_TIME) -> Spec:
    """Return a specification of Vega.

    Parameters
    ----------
    values
        A point each: ``label``, ``name`` (the label as it fits; may be absent), ``fit``, ``mean``, ``front`` and
        ``tip``; ``low`` and ``high``, or None.
    name, time
        The titles of the axes; that of times by lines.
    """
    least, most = _PRINT_HEIGHTS
    height = _PAGE_HEIGHT if style.width is None else max(least, min(most, round(0.8 * style.width)))
    return {
        "$schema": SCHEMA_VEGA,
        **({} if style.width is None else {"width": style.width}),
        "height": height,
        "autosize": style.autosize("fit"),
        "config": style.config(),
        "signals": [
            *_width_signal(style),
            {"name": "figure", "value": name},
            {"name": "band", "update": f"length(data('outside')) * {_OUTSIDE_STEP}"},
        ],
        "data": _data(values),
        "scales": [
            {
                "name": "x",
                "type": "log",
                "range": "width",
                "domain": {"signal": f"[{_FIT_LOW}, {_FIT_HIGH}]"},
            },
            {
                "name": "y",
                "range": [{"signal": "height - band"}, 0],
                "domain": {"signal": "bottoms[0] < tops[1] ? [bottoms[0], tops[1]] : [tops[1] - 0.05, tops[1] + 0.05]"},
                "zero": False,
                "nice": True,
            },
        ],
        "axes": [
            {"scale": "x", "orient": "bottom", "title": list(time), **live_log_axis(_FIT_LOW, _FIT_HIGH)},
            {"scale": "y", "orient": "left", "title": {"signal": "figure"}, "grid": True, **live_number_axis()},
        ],
        "marks": [*_points(style), *_names(style), *_outside(style)],
    }


def _width_signal(style: Style) -> list[Spec]:
    if style.width is not None:
        return []
    size = "isFinite(containerSize()[0]) ? containerSize()[0] : 200"
    return [{"name": "width", "init": size, "on": [{"update": size, "events": "window:resize"}]}]


def _data(values: Sequence[dict[str, Any]]) -> list[Spec]:
    def extent(field: str, signal: str) -> Spec:
        return {"type": "extent", "field": field, "signal": signal}

    return [
        {"name": "rows", "values": list(values), "transform": outside.TRANSFORMS},
        {
            "name": "inside",
            "source": "rows",
            "transform": [
                {"type": "filter", "expr": "!datum.outside"},
                extent("fit", "fits"),
                extent("bottom", "bottoms"),
                extent("top", "tops"),
            ],
        },
        {
            "name": "outside",
            "source": "rows",
            "transform": [
                {"type": "filter", "expr": "datum.outside"},
                {
                    "type": "window",
                    "sort": {"field": "mean", "order": "descending"},
                    "ops": ["row_number"],
                    "as": ["line"],
                },
            ],
        },
        {"name": "obstacles", "source": "inside", "transform": _OBSTACLES},
        {"name": "named", "source": ["inside", "obstacles"]},
        {
            "name": "front",
            "source": "inside",
            "transform": [
                {"type": "filter", "expr": "datum.front"},
                {"type": "collect", "sort": {"field": "fit"}},
            ],
        },
    ]


_AT = {"x": {"scale": "x", "field": "fit"}, "y": {"scale": "y", "field": "mean"}}


def _mark(kind: str, data: str, more: Spec | None = None, **encoding: Any) -> Spec:
    return {"type": kind, "from": {"data": data}, "encode": {"update": encoding}, **(more or {})}


def _by_front(style: Style, *, text: bool = False) -> list[Spec]:
    colours = style.palette
    return [{"test": "datum.front", "value": colours.ink if text else colours.accent}, {"value": colours.muted}]


def _symbol(style: Style, shapes: Any) -> Spec:
    return {
        "size": {"value": 64},
        "shape": shapes,
        "fill": _by_front(style),
        "stroke": {"value": style.palette.surface},
        "strokeWidth": {"value": 1},
        "tooltip": {"signal": "datum"},
    }


def _hover(style: Style) -> Spec:
    return {"strokeWidth": {"value": 3}, "stroke": {"value": style.palette.second}}


def _points(style: Style) -> list[Spec]:
    points = _mark(
        "symbol", "inside", **_AT, **_symbol(style, [{"test": "datum.front", "value": "circle"}, {"value": "diamond"}])
    )
    points["encode"]["hover"] = _hover(style)
    return [
        _mark(
            "line",
            "front",
            **_AT,
            interpolate={"value": "step-after"},
            stroke={"value": style.palette.accent},
            strokeWidth={"value": 1.5},
            strokeDash={"value": [4, 3]},
        ),
        _mark(
            "rule",
            "inside",
            x=_AT["x"],
            y={"scale": "y", "field": "bottom"},
            y2={"scale": "y", "field": "top"},
            stroke=_by_front(style),
            strokeOpacity={"value": 0.5},
            strokeWidth={"value": 1.5},
        ),
        points,
    ]


def _names(style: Style) -> list[Spec]:
    """Return the names, the lines to those that are not near their points, and how many found no place."""
    names = _mark(
        "text",
        "named",
        {"name": "names", "interactive": False},
        x={"signal": "scale('x', datum.fit) + (datum.aside || 0)"},
        y=_AT["y"],
        text={"signal": "datum.name || datum.label"},
        limit={"value": round(style.names_space) + _LIMIT_SLACK},
        fill=_by_front(style, text=True),
        fontSize=[{"test": "datum.label === ''", "value": 1}, {"value": style.font_size}],
        fontWeight=[{"test": "datum.front", "value": 600}, {"value": 400}],
    )
    names["transform"] = [
        {
            "type": "label",
            "size": {"signal": "[width, height - band]"},
            "padding": 0,
            "anchor": [anchor for anchor, _ in _PLACES],
            "offset": [distance for _, distance in _PLACES],
        }
    ]
    away = "abs(datum.x - scale('x', datum.datum.fit)) + abs(datum.y - scale('y', datum.datum.mean))"
    lines = _mark(
        "rule",
        "names",
        {"interactive": False},
        x={"field": "x"},
        y={"field": "y"},
        x2={"scale": "x", "field": "datum.fit"},
        y2={"scale": "y", "field": "datum.mean"},
        stroke={"value": style.palette.muted},
        strokeWidth={"value": 0.75},
        strokeOpacity={"signal": f"datum.opacity && datum.text && {away} > {_NEAR} ? 0.8 : 0"},
    )
    return [names, lines, _unnamed(style)]


def _unnamed(style: Style) -> Spec:
    count = _mark(
        "text",
        "unnamed",
        {"interactive": False},
        x={"signal": "width"},
        y={"value": -6},
        align={"value": "right"},
        text={"signal": "datum.count ? datum.count + ' not labelled' : ''"},
        fill={"value": style.palette.muted},
    )
    return {
        "type": "group",
        "data": [
            {
                "name": "unnamed",
                "source": "names",
                "transform": [
                    {"type": "filter", "expr": "!datum.opacity && datum.text !== ''"},
                    {"type": "aggregate", "ops": ["count"], "as": ["count"]},
                ],
            }
        ],
        "marks": [count],
    }


def _outside(style: Style) -> list[Spec]:
    """Return a line below the axis for each row outside: a mark at its time, its name and its figure."""
    at_x = "clamp(scale('x', datum.fit), 6, width - 6)"
    is_left = f"{at_x} < width / 2"
    at_y = {"signal": f"height - band + {_OUTSIDE_STEP} * (datum.line - 0.5)"}
    figure = "replace(format(datum.mean, '.2f'), '0.', '.')"
    marks = _mark("symbol", "outside", x={"signal": at_x}, y=at_y, **_symbol(style, {"value": "triangle-down"}))
    marks["encode"]["hover"] = _hover(style)
    return [
        marks,
        _mark(
            "text",
            "outside",
            {"interactive": False},
            x={"signal": f"{at_x} + ({is_left} ? 9 : -9)"},
            y=at_y,
            align={"signal": f"{is_left} ? 'left' : 'right'"},
            baseline={"value": "middle"},
            text={"signal": f"(datum.name || datum.label) + ' ' + {figure} + ', outside'"},
            limit={"signal": "width - 20"},
            fill=_by_front(style, text=True),
        ),
    ]
