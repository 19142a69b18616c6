"""Sentences below a chart, which say what its marks mean and what is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.lettering import wrapped

if TYPE_CHECKING:
    from bench.charts.style import Style


def caption(style: Style, *sentences: str) -> dict[str, Any]:
    """Return the property of a specification that writes sentences below the chart; nothing without any.

    Names that others chose are no part of it: a specification has those in its data only.
    """
    text = " ".join(filter(None, sentences))
    if not text:
        return {}
    return {
        "title": {
            "text": wrapped(text, style.space, style.font_size),
            "orient": "bottom",
            "anchor": "start",
            "frame": "bounds",
            "offset": 10,
            "font": style.font,
            "fontSize": style.font_size,
            "fontWeight": "normal",
            "lineHeight": round(style.font_size * 1.25),
            "color": style.palette.muted,
        }
    }
