"""Texts of the command line are broken at blanks, and nowhere else: names, options and paths stay whole."""

from __future__ import annotations

import textwrap

USUAL_WIDTH = 90
"""In columns, where the terminal does not say."""


def wrapped(text: str, width: int, first: str = "", others: str = "") -> str:
    """Return a text in lines of at most so many columns; a word that is wider than a line stays whole.

    Parameters
    ----------
    first, others
        What the first line begins with, and the other lines.
    """
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
