"""Paragraphs of a given width, in columns of a terminal: a Chinese character takes two."""

from __future__ import annotations

import textwrap

from rich.cells import cell_len

from bench.writing.text import printable

FILLER = "\0"
"""Fills the second column of a wide character while lines are broken; it never occurs in printable text."""


def filled(text: str, width: int, first: str = "", others: str = "", *, keeps_words: bool = False) -> str:
    """Break a paragraph into lines, and words that are too long unless ``keeps_words``; a single word is not broken."""
    broken = textwrap.fill(
        doubled(printable(text)),
        width - is_wide(text),
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        break_long_words=not keeps_words and " " in text,
    )
    return broken.replace(FILLER, "")


def doubled(text: str) -> str:
    """Return the text with as many characters as it takes columns."""
    return "".join(character + FILLER * (cell_len(character) - 1) for character in text)


def is_wide(text: str) -> bool:
    """Return whether a break can cut a wide character in two, which makes the line one column wider."""
    return cell_len(text) > len(text)
