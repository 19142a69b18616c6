"""The few lines below a table in a terminal: what matters most, as far as there is room, and how to see the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.filling import filled
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.writing.sheet import Remark

MOST_LINES = 7

WIDTH = 100
"""Of the lines, in columns; a wider terminal has no longer ones."""


def brief_lines(remarks: Sequence[Remark], n_notes: int, width: int | None = None) -> list[str]:
    """Return at most `MOST_LINES` lines, unless the last remark alone takes more.

    Remarks are taken in their order as long as they fit; one that does not is left out, and shorter ones may follow.
    The last one is always there, and says how many warnings and notes ``--notes`` shows besides.

    Parameters
    ----------
    n_notes
        How many notes the table has.
    width
        Of the terminal, in columns; None for `WIDTH`.
    """
    *others, last = remarks
    indent = max(len(remark.keyword) for remark in remarks) + 2

    def lines_of(keyword: str, text: str) -> list[str]:
        return filled(text, min(WIDTH, width or WIDTH), f"{keyword:{indent}}", " " * indent).split("\n")

    warnings = [remark for remark in others if remark.is_warning]
    room = MOST_LINES - len(lines_of(last.keyword, _closing(last.text, len(warnings), n_notes)))
    shown: list[Remark] = []
    lines: list[str] = []
    for remark in others:
        found = lines_of(remark.keyword, remark.text)
        if len(lines) + len(found) <= room:
            shown.append(remark)
            lines += found
    n_left = sum(remark not in shown for remark in warnings)
    return [*lines, *lines_of(last.keyword, _closing(last.text, n_left, n_notes))]


def _closing(text: str, n_warnings: int, n_notes: int) -> str:
    """Return the last remark with what is left out: ``...; in --notes: 2 more warnings, 13 notes``."""
    left = [count_text(n_warnings, "more warning")] if n_warnings else []
    return f"{text}; in --notes: {', '.join([*left, count_text(n_notes, 'note')])}"
