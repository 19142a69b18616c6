"""The look of charts, in colours that colour-blind readers can tell apart. Page, dark mode and print share roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
    width
        In CSS pixels; None for the width of the surrounding element.
    """

    palette: Palette
    font: str
    font_size: int
    width: int | None

    def config(self) -> dict[str, Any]:
        """Return the look of everything that a chart does not set itself."""
        colours, size = self.palette, self.font_size
        return {
            "font": self.font,
            "background": None if self.width is None else colours.surface,
            "padding": {"left": 0, "right": 4, "top": 4, "bottom": 6} if self.width is None else 8,
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

    def size(self, height: int) -> dict[str, Any]:
        """Return width and height as Vega-Lite takes them."""
        width = "container" if self.width is None else self.width
        return {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


PAGE = Style(
    Palette(**{role: f"var(--{role})" for role in ("ink", "muted", "grid", "accent", "second", "surface")}),
    font="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    font_size=12,
    width=None,
)
"""The colours of the page, which change between light and dark; as wide as the surrounding element."""

PRINT = Style(
    Palette(ink="#1f2328", muted="#57606a", grid="#e3e6ea", accent="#1b5fae", second="#b35309", surface="#ffffff"),
    font="Liberation Sans, Arial, Helvetica, sans-serif",
    font_size=11,
    width=440,
)
"""For a paper's column and for a README. The font comes with the drawing library, so all machines draw the same."""
