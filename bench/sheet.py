"""A table in words, before any format: cells, blocks of rows, and what stands above and below."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "-"

MARK = "\N{DAGGER}"
"""Behind the label of a row that cannot be told apart from the one that it is tested against."""


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and whether it is the best of its column; ``spread`` follows the figure, never bold."""

    text: str
    spread: str = ""
    best: bool = False


@dataclass(frozen=True)
class Line:
    """A row: its label, the cells behind it, and what marks the label, if anything."""

    label: str
    cells: tuple[Cell, ...]
    mark: str = ""


@dataclass(frozen=True)
class Block:
    """Rows below one set of headers.

    Parameters
    ----------
    headers
        Of each column, that of the labels first: a name, and a unit or ``""``.
    lines
        Each with a cell per header but the first.
    expendable
        Numbers of the columns that a narrow terminal does without, the first one first; that of the labels is 0.
    """

    headers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    expendable: tuple[int, ...] = ()

    def part(self, columns: Sequence[int]) -> Block:
        """Return the labels and some of the other columns, by their numbers from 1."""
        return replace(
            self,
            headers=(self.headers[0], *(self.headers[number] for number in columns)),
            lines=tuple(
                replace(line, cells=tuple(line.cells[number - 1] for number in columns)) for line in self.lines
            ),
            expendable=(),
        )


@dataclass(frozen=True)
class Sheet:
    """All that a reader sees.

    Parameters
    ----------
    notes
        What stands below: a keyword and a sentence or two.
    caption
        The protocol in brief, for where the title and this is all that stands above: the caption in a paper.
    name
        What the table is called among others: ``ml-100k``.
    """

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[tuple[str, str], ...]
    caption: str = ""
    name: str = ""

    @property
    def notes_by_keyword(self) -> dict[str, str]:
        """The notes; those of one keyword, such as several failures, a line each."""
        return {keyword: "\n".join(text for word, text in self.notes if word == keyword) for keyword, _ in self.notes}


def accuracy_text(value: float, digits: int = 4) -> str:
    """Return a figure between 0 and 1 without its leading zero: .6670; 1 is 1.0000."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("0")


def difference_text(value: float, digits: int = 4) -> str:
    """Return a difference of two such figures with its sign: +.0123, -.0123; what rounds to nothing is .0000."""
    text = accuracy_text(abs(value), digits)
    if not text.strip(".0"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def spread_text(half_width: float) -> str:
    """Return half of an interval as it stands behind a figure: ±.031; nothing where there is no interval."""
    return f"±{accuracy_text(half_width, 3)}" if math.isfinite(half_width) else ""


def amount_text(value: float | None) -> str:
    """Return seconds, microseconds or MiB in about three digits: 0.004, 0.12, 3.10, 25.3, 1,234."""
    if value is None:
        return NOTHING
    for limit, digits in ((0.0995, 3), (9.995, 2), (99.95, 1)):
        if value < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def count_text(number: int, noun: str) -> str:
    """Return ``1 user`` and ``1,234 users``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def finite(value: float) -> float | None:
    """Return the value, or None for what no file should hold: the bound of an interval over a single user, say."""
    return value if math.isfinite(value) else None
