"""A table in words, before any format: cells, blocks of rows, and what stands above and below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MARK = "\N{DAGGER}"
"""Behind the label of a row that cannot be told apart from the one that it is tested against."""


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and whether it is the best of its column; ``spread`` follows the text, never bold."""

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
    def notes_document(self) -> list[dict[str, str]]:
        """The notes in JSON's types."""
        return [{"about": keyword, "text": text} for keyword, text in self.notes]

    @property
    def notes_by_keyword(self) -> dict[str, str]:
        """The notes; those of one keyword, such as several failures, a line each."""
        return {keyword: "\n".join(text for word, text in self.notes if word == keyword) for keyword, _ in self.notes}


def label_text(line: Line, escape: Callable[[str], str]) -> str:
    """Return the label of a line, and its mark behind it."""
    return f"{escape(line.label)} {escape(line.mark)}" if line.mark else escape(line.label)


def header_text(name: str, unit: str) -> str:
    """Return a header in one line, such as "fit s" and "full NDCG@10"."""
    return f"{name} {unit}".strip()


def marked_text(cell: Cell, escape: Callable[[str], str], bold: str) -> str:
    """Return a cell, its figure set into ``bold`` (``"**{}**"``) where it is the best of its column."""
    figure = bold.format(escape(cell.text)) if cell.best else escape(cell.text)
    return f"{figure} {escape(cell.spread)}" if cell.spread else figure
