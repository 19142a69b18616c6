"""The settings of one recommender: accuracy by a number that is varied, a panel for each such recommender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.chart import Chart, rounded, shown
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.choices import value_text
from bench.writing.text import accuracy_text, count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.analysis.settings import Settings
    from bench.charts.style import Style

    Spec = dict[str, Any]
    Figure = Callable[[str], Sequence[tuple[str, float, float | None, float | None]]]

_HEIGHT = 190
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
            "height": _HEIGHT,
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
            **style.size(_HEIGHT),
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


def _scale(values: Sequence[float]) -> Spec:
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDEST_LINEAR:
        return {"type": "log", "domain": [low / 1.2, high * 1.2], "nice": False}
    return {"type": "linear", "zero": False, "nice": False, "padding": 8}


def _layers(curve: Curve, figure: str, style: Style) -> Spec:
    colours = style.palette
    last = {line: max(point[2] for point in curve.points if point[1] == line) for line in _lines(curve)}
    values = [
        {
            "label": shown(label),
            "name": shown(line) if value == last[line] else "",
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
    scale = _scale([point[2] for point in curve.points])
    x_axis = {
        "title": shown(curve.parameter),
        "values": sorted({point[2] for point in curve.points}),
        "format": "~g",
        "grid": False,
        "labelOverlap": True,
    }
    y = {"type": "quantitative", "scale": {"zero": False}}
    y_axis = {"title": figure, "tickCount": 5, "grid": True, "format": ".3~f"}
    return {
        "data": {"values": values},
        "encoding": {"x": {"field": "value", "type": "quantitative", "scale": scale, "axis": x_axis}},
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
                "encoding": {"y": {"field": "mean", **y}, "tooltip": {"value": {"expr": "datum"}}},
            },
            {
                "mark": {"type": "text", "align": "right", "dy": -9, "dx": 4, "limit": 200},
                "encoding": {"y": {"field": "mean", **y}, "text": {"field": "name"}},
            },
        ],
    }


def _lines(curve: Curve) -> list[str]:
    return list(dict.fromkeys(point[1] for point in curve.points))
