"""What a reader sees of the table of a page in a browser."""

from __future__ import annotations

from typing import Any


def names(tab: Any) -> list[str]:
    """Return the labels of the rows, and the heads above settings, in their order."""
    return [text.removesuffix(" †") for text in tab.locator("#main tbody th").all_inner_texts()]


def headers(tab: Any) -> list[str]:
    """Return the heads of the columns that are shown."""
    shown = tab.locator("#main thead th").locator("visible=true")
    return [" ".join(text.split()) for text in shown.all_inner_texts()]
