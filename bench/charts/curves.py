"""Learning curves: the loss of each epoch, and NDCG on the validation task if epochs were chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.charts.axes import MOST_TICKS, number_axis, tick_texts, whole_axis
from bench.charts.caption import caption
from bench.charts.chart import Chart, rounded, shown
from bench.charts.encodings import TIP
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.names import CUTOFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.charts.style import Style
    from bench.records.groups import Group
    from bench.records.outcome import EpochLine

    Spec = dict[str, Any]

MOST_PANELS = 24
"""How many recommenders are drawn, each in its own panel, because losses are of different kinds."""

MOST_POINTS = 40
"""The number of epochs drawn of a longer curve: evenly spread, with the first and the last."""

_PANEL_HEIGHT, _PRINT_HEIGHT = 120, 66

_LEAST_WIDTH = 150
"""Pixels of a panel with the texts beside it."""

_LABEL_PADDING, _GAP = 6, 14


@dataclass(frozen=True)
class Curve:
    """One recommender's curve, over its training seeds.

    Parameters
    ----------
    measure
        ``"loss"`` or ``"validation NDCG@10"``.
    points
        For each epoch: its number, and the mean, lowest and highest value over the seeds that reached it.
    """

    label: str
    measure: str
    n_seeds: int
    points: tuple[tuple[int, float, float, float], ...]


def curves_of(groups: Sequence[Group]) -> list[Curve]:
    """Return the curves of the recommenders that learn in epochs, in the order of the groups."""
    found = []
    for group in groups:
        validated = [record.selection.curve for record in group.fitted if record.selection]
        fitted = [record.curve for record in group.fitted]
        for measure, name, lines in (
            ("loss", "loss", fitted),
            (f"validation NDCG@{CUTOFF}", "ndcg", validated),
        ):
            points = _points(lines, name)
            if points:
                found.append(Curve(group.label, measure, sum(map(bool, lines)), points))
    return found


def _points(seeds: Sequence[Sequence[EpochLine]], name: str) -> tuple[tuple[int, float, float, float], ...]:
    by_epoch: dict[int, list[float]] = {}
    for lines in seeds:
        for line in lines:
            value = getattr(line, name)
            if value is not None:
                by_epoch.setdefault(line.epoch, []).append(value)
    epochs = sorted(by_epoch)
    if len(epochs) < 2:
        return ()
    kept = np.unique(np.linspace(0, len(epochs) - 1, min(MOST_POINTS, len(epochs))).round().astype(int))
    chosen = [(epochs[place], by_epoch[epochs[place]]) for place in kept]
    return tuple((epoch, float(np.mean(found)), min(found), max(found)) for epoch, found in chosen)


def curve_panels(groups: Sequence[Group], style: Style) -> list[tuple[str, Chart]]:
    """Return a panel for each curve of the first recommenders, with its title."""
    return [(_title(curve), _panel(curve, style)) for curve in _first(curves_of(groups))]


def curves(groups: Sequence[Group], style: Style) -> Chart | None:
    """Return all panels in one printed chart; None if no recommender learns in epochs."""
    every = curves_of(groups)
    found = _first(every)
    if not found:
        return None
    n_columns = max(1, min(len(found), style.space // _LEAST_WIDTH))
    left = style.width_of(text for curve in found for text in tick_texts(_y_axis(curve))) + _LABEL_PADDING
    right = style.width_of(text for curve in found for text in tick_texts(_x_axis(curve, style, _LEAST_WIDTH))) / 2
    width = (style.space - right - n_columns * left - (n_columns - 1) * _GAP) / n_columns
    names = style.names((shown(curve.label) for curve in found), width, bold=True)
    measures = list(dict.fromkeys(curve.measure for curve in found))
    # What is the same in all panels is said once, below them.
    n_lines = 1 if len(measures) == 1 else 2
    panels = [
        {
            **_layers(
                curve,
                style,
                width,
                _panel_title((names[shown(curve.label)], curve.measure)[:n_lines], style),
                is_last=place >= len(found) - n_columns,
            ),
            "width": width,
            "height": _PRINT_HEIGHT,
        }
        for place, curve in enumerate(found)
    ]
    n_recommenders = len({curve.label for curve in every})
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            "concat": panels,
            "columns": n_columns,
            "bounds": "flush",
            "spacing": {"row": round((1.2 * n_lines + 1) * style.font_size) + 22, "column": left + _GAP},
            **caption(
                style,
                f"Lines: {f'{measures[0]}, ' * (n_lines == 1)}means over training seeds; bands: from the lowest to the "
                "highest.",
                f"The first {MOST_PANELS} of {n_recommenders} recommenders are drawn."
                if n_recommenders > MOST_PANELS
                else "",
            ),
        },
        alternative="Learning curves, a panel for each recommender that learns in epochs.",
        headers=("recommender", *_HEADERS),
        lines=tuple((shown(curve.label), *line) for curve in found for line in _lines(curve)),
    )


def _first(found: Sequence[Curve]) -> list[Curve]:
    labels = list(dict.fromkeys(curve.label for curve in found))[:MOST_PANELS]
    return [curve for curve in found if curve.label in labels]


_HEADERS = ("measure", "epoch", "mean", "lowest", "highest")


def _lines(curve: Curve) -> list[tuple[str, ...]]:
    return [(curve.measure, str(epoch), *(f"{value:.4g}" for value in values)) for epoch, *values in curve.points]


def _title(curve: Curve) -> str:
    return f"{shown(curve.label)}: {curve.measure}"


def _panel_title(texts: Sequence[str], style: Style) -> list[Spec]:
    """Return the lines above a panel, name and measure, as marks: a title would be higher where a tick is at the top.

    The measure is left out where all panels have the same.
    """
    looks = ((600, style.palette.ink), (400, style.palette.muted))
    return [
        {
            "data": {"values": [{"text": text}]},
            "mark": {"type": "text", "align": "left", "fontWeight": weight, "color": colour},
            "encoding": {
                "x": {"value": 0},
                "y": {"value": round((number - len(texts)) * 1.2 * style.font_size)},
                "text": {"field": "text"},
            },
        }
        for number, (text, (weight, colour)) in enumerate(zip(texts, looks, strict=False))
    ]


def _panel(curve: Curve, style: Style) -> Chart:
    epochs, means = [point[0] for point in curve.points], [point[1] for point in curve.points]
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            **style.size(_PANEL_HEIGHT),
            **_layers(curve, style, _LEAST_WIDTH),
        },
        alternative=f"{_title(curve)} by epoch, from {means[0]:.4g} in epoch {epochs[0]} to {means[-1]:.4g} in epoch "
        f"{epochs[-1]}; mean over {curve.n_seeds} training seeds, with the lowest and the highest.",
        headers=_HEADERS,
        lines=tuple(_lines(curve)),
    )


def _x_axis(curve: Curve, style: Style, width: float) -> Spec:
    first, last = curve.points[0][0], curve.points[-1][0]
    room = style.width_of([f"{last:,}"]) + 14
    return whole_axis(first, last, max(2, min(MOST_TICKS, int(width / room))))


def _y_axis(curve: Curve) -> Spec:
    return number_axis(min(low for *_, low, _ in curve.points), max(high for *_, high in curve.points), 4)


def _layers(curve: Curve, style: Style, width: float, title: Sequence[Spec] = (), *, is_last: bool = True) -> Spec:
    """Return the marks of a panel of at least this width, in pixels; the last ones have a title of their epochs."""
    colours = style.palette
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"nice": False, "zero": False},
        "axis": {"title": "epoch" if is_last else None, "grid": False, **_x_axis(curve, style, width)},
    }
    y = {"type": "quantitative", "scale": {"nice": False, "zero": False}}
    y_axis = {"title": None, "grid": True, "labelPadding": _LABEL_PADDING, **_y_axis(curve)}
    values = [
        {
            "label": _title(curve),
            "epoch": epoch,
            "mean": rounded(mean),
            "low": rounded(low),
            "high": rounded(high),
            "tip": [["epoch", str(epoch)], ["mean", f"{mean:.4g}"], ["lowest to highest", f"{low:.4g} to {high:.4g}"]],
        }
        for epoch, mean, low, high in curve.points
    ]
    return {
        "data": {"values": values},
        "encoding": {"x": x},
        "layer": [
            {
                "mark": {"type": "area", "color": colours.accent, "opacity": 0.18},
                "encoding": {"y": {"field": "low", **y, "axis": y_axis}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": colours.accent, "strokeWidth": 1.75},
                "encoding": {"y": {"field": "mean", **y}},
            },
            *(title or [_points_to_point_at(style, y)]),
        ],
    }


def _points_to_point_at(style: Style, y: Spec) -> Spec:
    return {
        "mark": {"type": "point", "color": style.palette.accent, "opacity": 0, "size": 120, "filled": True},
        "encoding": {"y": {"field": "mean", **y}, "tooltip": TIP},
    }
