"""Learning curves: the loss of each epoch, and NDCG on the validation task if epochs were chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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

_PANEL_HEIGHT = 120
_COLUMNS = 3


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
                found.append(Curve(group.label, measure, len(lines), points))
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
    """Return all panels in one chart; None if no recommender learns in epochs."""
    found = _first(curves_of(groups))
    if not found:
        return None
    width = ((style.width or 440) - 40 * _COLUMNS) // _COLUMNS
    panels = [
        {
            **_panel_layers(curve, style),
            "title": _panel_title(curve, style),
            "width": width,
            "height": _PANEL_HEIGHT * 3 // 4,
        }
        for curve in found
    ]
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            "concat": panels,
            "columns": _COLUMNS,
            "spacing": {"row": 18, "column": 14},
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


def _panel_title(curve: Curve, style: Style) -> Spec:
    return {
        "text": _title(curve),
        "font": style.font,
        "fontSize": style.font_size,
        "fontWeight": 600,
        "color": style.palette.ink,
        "anchor": "start",
        "limit": 130,
    }


def _panel(curve: Curve, style: Style) -> Chart:
    epochs, means = [point[0] for point in curve.points], [point[1] for point in curve.points]
    return Chart(
        spec={
            "$schema": SCHEMA_VEGA_LITE,
            "config": style.config(),
            **style.size(_PANEL_HEIGHT),
            **_panel_layers(curve, style),
        },
        alternative=f"{_title(curve)} by epoch, from {means[0]:.4g} in epoch {epochs[0]} to {means[-1]:.4g} in epoch "
        f"{epochs[-1]}; mean over {curve.n_seeds} training seeds, with the lowest and the highest.",
        headers=_HEADERS,
        lines=tuple(_lines(curve)),
    )


def _panel_layers(curve: Curve, style: Style) -> Spec:
    colours = style.palette
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"nice": False, "zero": False},
        "axis": {
            "title": "epoch",
            "tickCount": 4,
            "tickMinStep": 1,
            "format": "d",
            "grid": False,
            "labelOverlap": True,
        },
    }
    y_axis = {"title": None, "tickCount": 4, "grid": True, "format": ",.4~g"}
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
                "encoding": {
                    "y": {"field": "low", "type": "quantitative", "scale": {"zero": False}, "axis": y_axis},
                    "y2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "line", "color": colours.accent, "strokeWidth": 1.75},
                "encoding": {"y": {"field": "mean", "type": "quantitative", "scale": {"zero": False}}},
            },
            {
                "mark": {"type": "point", "color": colours.accent, "opacity": 0, "size": 120, "filled": True},
                "encoding": {
                    "y": {"field": "mean", "type": "quantitative", "scale": {"zero": False}},
                    "tooltip": TIP,
                },
            },
        ],
    }
