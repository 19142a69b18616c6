"""What charts with a line for each row share: the axis of names, and coloured cells with a figure in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.charts.style import Style

TIP = {"value": {"expr": "datum"}}
"""What the page's script shows when a mark is pointed at: the field ``tip`` of the mark's data."""


def names_by_place(style: Style, **axis: Any) -> dict[str, Any]:
    """Return the vertical axis: the field ``name`` of each row, its short name, by its ``place``.

    Parameters
    ----------
    axis
        Further properties of Vega-Lite's axis.
    """
    return {
        "field": "name",
        "type": "nominal",
        "sort": {"field": "place"},
        "title": None,
        "axis": {"labelLimit": 0, "labelColor": style.palette.ink, **axis},
    }


def coloured_cells(field: str, scale: Mapping[str, Any], style: Style) -> dict[str, Any]:
    """Return the layer of cells, of which a larger value of a field has a stronger colour."""
    colours = style.palette
    return {
        "mark": {"type": "rect", "color": colours.accent, "stroke": colours.surface, "strokeWidth": 2},
        "encoding": {
            "fillOpacity": {"field": field, "type": "quantitative", "scale": dict(scale), "legend": None},
            "tooltip": TIP,
        },
    }
