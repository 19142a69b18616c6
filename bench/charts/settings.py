"""The settings of one recommender: accuracy by a number that is varied, a panel for each such recommender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.chart import Chart, rounded, shortened, shown
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

_HEIGHT, _AXIS, _NAME_STEP, _NAMES = 240, 50, 14, 110
"""Pixels: the height of a panel, the part of it below the lines, the room between names of lines, and for them."""

_WIDEST_LINEAR = 20
"""Positive numbers that are further apart, the highest in the lowest, have a logarithmic axis."""


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
    """Return all panels below each other in one chart; None if there are none."""
    if not curves:
        return None
    panels = [_chart(curve, figure, style) for curve in curves]
    title = {"font": style.font, "fontSize": style.font_size, "fontWeight": 600, "color": style.palette.ink}
    specs = [
        {
            **_layers(curve, figure, style),
            "title": {**title, "text": curve.title, "anchor": "start", "limit": 400},
            "width": (style.width or 440) - 60,
            "height": _height(curve),
        }
        for curve in curves
    ]
    return Chart(
        spec={"$schema": SCHEMA_VEGA_LITE, "config": style.config(), "vconcat": specs, "spacing": 18},
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
    return max(_HEIGHT, _AXIS + _NAME_STEP * (len(_lines(curve)) + 1))


def _x_scale(curve: Curve) -> Spec:
    """Return the scale of the number; several lines have their names at its right end."""
    values = [point[2] for point in curve.points]
    low, high = min(values), max(values)
    room: Spec = {"range": [8, {"expr": f"width - {_NAMES if len(_lines(curve)) > 1 else 8}"}], "nice": False}
    if low > 0 and high / low > _WIDEST_LINEAR:
        return {"type": "log", "domain": [low, high], **room}
    return {"type": "linear", "domain": [low, high], "zero": False, **room}


def _y_domain(curve: Curve) -> tuple[float, float]:
    ends = [end for point in curve.points for end in point[3:] if end is not None]
    pad = 0.06 * (max(ends) - min(ends)) or 0.01
    return min(ends) - pad, max(ends) + pad


def _names(curve: Curve) -> list[Spec]:
    """Return the name of each line, beside its end where it is free, else below the name above it."""
    low, high = _y_domain(curve)
    step = _NAME_STEP * (high - low) / (_height(curve) - _AXIS)
    last = {line: max((point for point in curve.points if point[1] == line), key=_value) for line in _lines(curve)}
    found: list[Spec] = []
    free = high
    for line, point in sorted(last.items(), key=lambda pair: -pair[1][3]):
        free = min(point[3], free)
        found.append({"name": shortened(shown(line), 18), "at": free})
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
    lines = {"field": "line", "type": "nominal"}
    x_axis = {
        "title": shown(curve.parameter),
        "values": sorted({point[2] for point in curve.points}),
        "format": "~g",
        "grid": False,
        "labelOverlap": True,
    }
    y = {"type": "quantitative", "scale": {"domain": list(_y_domain(curve)), "zero": False, "nice": False}}
    names = _names(curve) if len(_lines(curve)) > 1 else []
    y_axis = {"title": figure, "tickCount": 5, "grid": True, "format": ".3~f"}
    return {
        "data": {"values": values},
        "encoding": {"x": {"field": "value", "type": "quantitative", "scale": _x_scale(curve), "axis": x_axis}},
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "color": colours.accent, "opacity": 0.5, "strokeWidth": 1.5},
                "encoding": {"y": {"field": "low", **y, "axis": y_axis}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": colours.accent, "strokeWidth": 1.75},
                "encoding": {"y": {"field": "mean", **y, "axis": y_axis}, "detail": lines},
            },
            {
                "mark": {"type": "point", "filled": True, "color": colours.accent, "size": 55, "opacity": 1},
                "encoding": {"y": {"field": "mean", **y}, "tooltip": TIP},
            },
            {
                "data": {"values": names},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "limit": _NAMES - 12},
                "encoding": {
                    "x": {"value": {"expr": f"width - {_NAMES - 12}"}},
                    "y": {"field": "at", **y},
                    "text": {"field": "name"},
                },
            },
        ],
    }


def _lines(curve: Curve) -> list[str]:
    return list(dict.fromkeys(point[1] for point in curve.points))
