"""The settings of one recommender: accuracy by a number that is varied, a panel for each such recommender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.axes import number_axis, tick_texts
from bench.charts.caption import caption
from bench.charts.chart import Chart, rounded, shown
from bench.charts.encodings import TIP
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.choices import value_text
from bench.writing.text import accuracy_text, count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.analysis.settings import Settings
    from bench.charts.style import Style

    Spec = dict[str, Any]
    Figure = Callable[[str], Sequence[tuple[str, float, float | None, float | None]]]

_HEIGHT, _NAME_STEP, _MARGIN = 210, 14, 8
"""Pixels: the height of a panel, between the names of lines, and from the edges of a panel to its lines."""

_NAMES_SHARE = 0.34
"""How much of a chart's width the names of lines may take."""

_WIDEST_LINEAR = 20
"""Positive numbers that are further apart, the highest in the lowest, have a logarithmic axis."""

_KEY = "Vertical lines: 95 % intervals."


@dataclass(frozen=True)
class Curve:
    """One recommender over a number.

    Parameters
    ----------
    recommender, parameter
        Their names.
    points
        The row, the name of its line (other parameters that are varied, or the dataset), the number, the figure and, if
        known, the ends of its interval.
    """

    recommender: str
    parameter: str
    points: tuple[tuple[str, str, float, float, float | None, float | None], ...]

    @property
    def title(self) -> str:
        """What is above its panel: ``mf by reg``."""
        return f"{shown(self.recommender)} by {shown(self.parameter)}"


def setting_curves(settings: Sequence[Settings], figures_of: Figure) -> list[Curve]:
    """Return a curve for each recommender with a varied number of which two values or more have a figure.

    Parameters
    ----------
    figures_of
        For a row, a name (empty where there is one figure alone), the figure and the ends of its interval, each.
    """
    found = []
    for each in settings:
        parameter = each.number
        if parameter is None:
            continue
        points = [
            (label, ", ".join(filter(None, (others, name))), float(value), mean, low, high)
            for label, value, others in each.along(parameter)
            for name, mean, low, high in figures_of(label)
        ]
        if len({point[2] for point in points}) > 1:
            found.append(Curve(each.recommender, parameter, tuple(sorted(points, key=lambda point: point[1:3]))))
    return found


def setting_panels(curves: Sequence[Curve], figure: str, style: Style) -> list[tuple[str, Chart]]:
    """Return a chart for each curve, with its title."""
    return [(curve.title, _chart(curve, figure, style)) for curve in curves]


def setting_chart(curves: Sequence[Curve], figure: str, style: Style) -> Chart | None:
    """Return all panels below each other in one printed chart; None if there are none."""
    if not curves:
        return None
    panels = [_chart(curve, figure, style) for curve in curves]
    left = style.width_of(text for curve in curves for text in tick_texts(_y_axis(curve))) + 2.6 * style.font_size
    titles = style.names((curve.title for curve in curves), style.space - left, bold=True)
    look = {"font": style.font, "fontSize": style.font_size, "fontWeight": 600, "color": style.palette.ink}
    specs = [
        {
            **_layers(curve, figure, style),
            "title": {**look, "text": titles[curve.title], "anchor": "start", "frame": "group"},
            "width": style.space - left,
            "height": _height(curve),
        }
        for curve in curves
    ]
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            "vconcat": specs,
            "spacing": 18,
            **(caption(style, _KEY) if any(point[4] is not None for curve in curves for point in curve.points) else {}),
        },
        alternative=" ".join(panel.alternative for panel in panels),
        headers=("recommender", "line", "parameter", "value", figure, "95 % interval"),
        lines=tuple(line for panel in panels for line in panel.lines),
    )


def _chart(curve: Curve, figure: str, style: Style) -> Chart:
    best = max(curve.points, key=lambda point: point[3])
    values = len({point[2] for point in curve.points})
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            **style.size(_height(curve)),
            **_layers(curve, figure, style),
        },
        alternative=f"{figure} of {curve.title}, {count_text(values, 'value')}; highest for "
        f"{shown(curve.parameter)} {value_text(best[2])}: {accuracy_text(best[3])}.",
        headers=("recommender", "line", "parameter", "value", figure, "95 % interval"),
        lines=tuple(
            (
                shown(label),
                shown(line) or "-",
                shown(curve.parameter),
                f"{value:g}",
                accuracy_text(mean),
                "-" if low is None or high is None else f"{accuracy_text(low)} to {accuracy_text(high)}",
            )
            for label, line, value, mean, low, high in curve.points
        ),
    )


def _height(curve: Curve) -> int:
    return max(_HEIGHT, _NAME_STEP * (len(_lines(curve)) + 1))


def _y_domain(curve: Curve) -> tuple[float, float]:
    ends = [end for point in curve.points for end in point[3:] if end is not None]
    pad = 0.06 * (max(ends) - min(ends)) or 0.01
    return min(ends) - pad, max(ends) + pad


def _y_axis(curve: Curve) -> Spec:
    return number_axis(*_y_domain(curve))


def _x_scale(curve: Curve, names_width: float) -> Spec:
    """Return the scale of the number; several lines have their names at its right end."""
    values = [point[2] for point in curve.points]
    low, high = min(values), max(values)
    end = {"expr": f"width - {round(names_width) + _MARGIN}"}
    is_wide = low > 0 and high / low > _WIDEST_LINEAR
    more = {"type": "log"} if is_wide else {"type": "linear", "zero": False}
    return {**more, "domain": [low, high], "range": [_MARGIN, end], "nice": False}


def _names(curve: Curve, style: Style) -> list[Spec]:
    """Return the name of each line, beside its end where it is free, else below the name above it."""
    if len(_lines(curve)) < 2:
        return []
    short = style.names(map(shown, _lines(curve)), _NAMES_SHARE * style.space)
    low, high = _y_domain(curve)
    step = _NAME_STEP * (high - low) / _height(curve)
    last = {line: max((point for point in curve.points if point[1] == line), key=_value) for line in _lines(curve)}
    found: list[Spec] = []
    free = high - step / 2
    for line, point in sorted(last.items(), key=lambda pair: -pair[1][3]):
        free = min(point[3], free)
        found.append({"name": short[shown(line)], "at": free})
        free -= step
    # Names that were pushed below the panel move up together.
    rise = max(0.0, low + step / 2 - found[-1]["at"])
    for number, each in enumerate(reversed(found)):
        each["at"] = max(each["at"], low + step / 2 + number * step) if rise else each["at"]
    return found


def _value(point: tuple[str, str, float, float, float | None, float | None]) -> float:
    return point[2]


def _layers(curve: Curve, figure: str, style: Style) -> Spec:
    colours = style.palette
    values = [
        {
            "label": shown(label),
            "line": shown(line),
            "value": value,
            "mean": rounded(mean),
            "low": rounded(low),
            "high": rounded(high),
            "tip": [[shown(curve.parameter), f"{value:g}"], [figure, accuracy_text(mean)]],
        }
        for label, line, value, mean, low, high in curve.points
    ]
    names = _names(curve, style)
    names_width = style.width_of(each["name"] for each in names)
    x_axis = {
        "title": shown(curve.parameter),
        "values": sorted({point[2] for point in curve.points}),
        "format": "~g",
        "grid": False,
        "labelOverlap": True,
        "labelFlush": False,
    }
    y = {"type": "quantitative", "scale": {"domain": list(_y_domain(curve)), "zero": False, "nice": False}}
    y_axis = {"title": figure, "grid": True, **_y_axis(curve)}
    return {
        "data": {"values": values},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "scale": _x_scale(curve, names_width), "axis": x_axis}
        },
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": colours.accent, "opacity": 0.5, "strokeWidth": 1.5},
                "encoding": {"y": {"field": "low", **y, "axis": y_axis}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": colours.accent, "strokeWidth": 1.75},
                "encoding": {
                    "y": {"field": "mean", **y, "axis": y_axis},
                    "detail": {"field": "line", "type": "nominal"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "color": colours.accent, "size": 55, "opacity": 1},
                "encoding": {"y": {"field": "mean", **y}, "tooltip": TIP},
            },
            {
                "data": {"values": names},
                "mark": {"type": "text", "align": "left", "baseline": "middle"},
                "encoding": {
                    "x": {"value": {"expr": f"width - {round(names_width)}"}},
                    "y": {"field": "at", **y},
                    "text": {"field": "name"},
                },
            },
        ],
    }


def _lines(curve: Curve) -> list[str]:
    return list(dict.fromkeys(point[1] for point in curve.points))
