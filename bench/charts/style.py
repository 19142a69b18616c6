"""The look of charts, in colours that colour-blind readers can tell apart. Page, dark mode and print share roles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.charts.lettering import text_width
from bench.charts.short_names import short_names
from bench.names import CHART_WIDTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NARROW_PAGE = 300
"""Pixels of the narrowest page that texts are cut and broken for."""

_PADDING = 8
"""Pixels around a printed chart."""

_NAMES_SHARE = 0.4
"""How much of a chart's width the names of its rows may take."""

_PIXELS_PER_POINT = 96 / 72


@dataclass(frozen=True)
class Palette:
    """Colours by their role, as CSS writes them.

    Parameters
    ----------
    ink, muted, grid
        The colours of text, of less important text, and of the lines in the background.
    accent, second
        The colour that readers see first, blue, and its opposite, orange.
    surface
        The background.
    """

    ink: str
    muted: str
    grid: str
    accent: str
    second: str
    surface: str


@dataclass(frozen=True)
class Style:
    """Colours, type and width of a chart.

    Parameters
    ----------
    font_size, row
        In CSS pixels: of the text, and between the middles of two rows.
    width
        In CSS pixels; None for the width of the surrounding element.
    """

    palette: Palette
    font: str
    font_size: float
    row: int
    width: int | None

    @property
    def space(self) -> int:
        """Pixels for text from one edge to the other."""
        return _NARROW_PAGE if self.width is None else self.width - 2 * _PADDING

    @property
    def names_space(self) -> float:
        """Pixels that the name of a row may take."""
        return _NAMES_SHARE * self.space

    def fits(self, text: str, space: float, *, bold: bool = False) -> bool:
        """Whether a line of text is no wider than so many pixels."""
        return text_width(text, self.font_size, bold=bold) <= space

    def names(self, labels: Iterable[str], space: float | None = None, *, bold: bool = False) -> Mapping[str, str]:
        """Return what labels are called where there are so many pixels for them (see `short_names`).

        Parameters
        ----------
        space
            By default `names_space`.
        """
        most = self.names_space if space is None else space
        return short_names(labels, lambda text: self.fits(text, most, bold=bold))

    def width_of(self, texts: Iterable[str]) -> float:
        """Return the pixels of the widest of some texts."""
        return max((text_width(text, self.font_size) for text in texts), default=0.0)

    def config(self) -> dict[str, Any]:
        """Return the look of everything that a chart does not set itself."""
        colours, size = self.palette, self.font_size
        return {
            "font": self.font,
            "background": None if self.width is None else colours.surface,
            "padding": {"left": 0, "right": 4, "top": 4, "bottom": 6} if self.width is None else _PADDING,
            "view": {"stroke": None},
            "style": {"guide-label": {"font": self.font}, "guide-title": {"font": self.font}},
            "axis": {
                "labelFont": self.font,
                "titleFont": self.font,
                "labelColor": colours.muted,
                "titleColor": colours.muted,
                "labelFontSize": size,
                "titleFontSize": size,
                "titleFontWeight": "normal",
                "titlePadding": 8,
                "labelPadding": 6,
                "gridColor": colours.grid,
                "domainColor": colours.grid,
                "tickColor": colours.grid,
                "ticks": False,
                "domain": False,
            },
            "header": {"labelFont": self.font, "labelColor": colours.ink, "labelFontSize": size, "title": None},
            "text": {"font": self.font, "fontSize": size, "color": colours.ink, "fill": colours.ink},
        }

    def size(self, height: float) -> dict[str, Any]:
        """Return width and height as Vega-Lite takes them.

        The width is that of all; the height is that of the marks alone, so few rows have as much space as many.
        """
        width = "container" if self.width is None else self.width
        return {"width": width, "height": height, "autosize": self.autosize("fit-x")}

    def autosize(self, kind: str) -> dict[str, Any]:
        """Return how a chart keeps its size: on the page, also when its data change."""
        return {"type": kind, "contains": "padding", "resize": self.width is None}


PAGE = Style(
    Palette(**{role: f"var(--{role})" for role in ("ink", "muted", "grid", "accent", "second", "surface")}),
    font="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    font_size=12,
    row=24,
    width=None,
)
"""The colours of the page, which change between light and dark; as wide as the surrounding element."""

PRINT = Style(
    Palette(ink="#1f2328", muted="#57606a", grid="#e3e6ea", accent="#1b5fae", second="#b35309", surface="#ffffff"),
    font="Liberation Sans, Arial, Helvetica, sans-serif",
    font_size=10.67,
    row=18,
    width=round(CHART_WIDTHS["column"] * _PIXELS_PER_POINT),
)
"""For a paper's column and for a README, with text of 8 points.

The font comes with the drawing library, so all machines draw the same.
"""


def print_style(points: int) -> Style:
    """Return the style of print at another width; texts and rows stay as large as they are."""
    return replace(PRINT, width=round(points * _PIXELS_PER_POINT))
