"""A table before it is written in a format: cells, blocks of rows, a title above and notes below."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


MARK = "\N{DAGGER}"
"""The mark after the label of a row that the test cannot distinguish from the row it is tested against."""

UNTUNED = "\N{DOUBLE DAGGER}"
"""The mark after the label of a row with defaults that were chosen on other data."""


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and whether it is the best of its column; ``spread`` follows the text and is never bold."""

    text: str
    spread: str = ""
    best: bool = False


@dataclass(frozen=True)
class Line:
    """A row, or a head above rows, which has empty cells: its label, its cells, and the mark of the label, if any.

    Parameters
    ----------
    is_indented
        Whether it belongs to a head above it.
    """

    label: str
    cells: tuple[Cell, ...]
    mark: str = ""
    is_indented: bool = False

    @property
    def is_head(self) -> bool:
        """Whether it is a head above rows."""
        return not any(cell.text for cell in self.cells)


@dataclass(frozen=True)
class Block:
    """Rows below one set of headers.

    Parameters
    ----------
    headers
        A name, and a unit or ``""``, of each column; the column of labels comes first.
    lines
        The rows. Each has a cell for every header but the first.
    expendable
        Numbers of the columns that a narrow terminal leaves out, in this order; the column of labels is 0.
    inseparable
        Numbers of expendable columns, next to each other in that order, that a terminal leaves out at once.
    groups
        A title above each column, which neighbours share, or ``""``; nothing where no column has one.
    continues
        Whether a narrow terminal shows columns without room in further blocks below, in place of leaving any out.
    stays_together
        Whether paper has all columns side by side, in place of some below the others; labels then take more lines.
    sorted_by
        The number of the column that sorts the lines, from 1; None where none does.
    """

    headers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    expendable: tuple[int, ...] = ()
    inseparable: frozenset[int] = frozenset()
    groups: tuple[str, ...] = ()
    continues: bool = False
    stays_together: bool = False
    sorted_by: int | None = None

    def part(self, columns: Sequence[int]) -> Block:
        """Return the block with the labels and only these other columns, by their numbers from 1."""
        return replace(
            self,
            headers=(self.headers[0], *(self.headers[number] for number in columns)),
            lines=tuple(
                replace(line, cells=tuple(line.cells[number - 1] for number in columns)) for line in self.lines
            ),
            expendable=(),
            groups=(self.groups[0], *(self.groups[number] for number in columns)) if self.groups else (),
            sorted_by=columns.index(self.sorted_by) + 1 if self.sorted_by in columns else None,
        )


RESULT = "Result"
"""The keyword of the remark that says what came out."""


@dataclass(frozen=True)
class Remark:
    """One of the few sentences that a terminal shows below a table.

    Parameters
    ----------
    is_warning
        Whether a reader who misses it may read the table wrongly.
    """

    keyword: str
    text: str
    is_warning: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole table: title, blocks of rows, and notes.

    Parameters
    ----------
    notes
        The notes below: a keyword and a sentence or two each.
    caption
        The protocol in brief, for the caption in a paper.
    name
        A name for references to the table: ``ml-100k``.
    remarks
        What a terminal shows in place of the notes, the most important first; the last one is always shown. Empty where
        it shows the notes.
    """

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[tuple[str, str], ...]
    caption: str = ""
    name: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def notes_document(self) -> list[dict[str, str]]:
        """The notes in JSON's types."""
        return [{"about": keyword, "text": text} for keyword, text in self.notes]

    @property
    def notes_by_keyword(self) -> dict[str, str]:
        """The notes by keyword; several of one keyword, such as failures, have a line each."""
        return {keyword: "\n".join(text for word, text in self.notes if word == keyword) for keyword, _ in self.notes}


def marks_text(words: Iterable[str], *, is_on_par: bool, is_untuned: bool = False) -> str:
    """Return the marks behind a label: words in brackets, `UNTUNED`, and `MARK` for a row not distinguishable."""
    return " ".join([*(f"({word})" for word in words), *[UNTUNED] * is_untuned, *[MARK] * is_on_par])


def label_pieces(label: str, longest: int, width: Callable[[str], float]) -> Iterator[str]:
    """Split a label after commas and colons, and a longer piece at blanks, too.

    Parameters
    ----------
    longest
        The most that a piece may be wide, without the sign or the blank behind it, to stay whole.
    width
        Returns the width of a text.
    """
    for piece in re.findall("[^,:]+[,:]?|[,:]", label):
        yield from [piece] if width(piece.rstrip(",:")) <= longest else re.findall(r"\S+\s*|\s+", piece)


def label_text(line: Line, escape: Callable[[str], str]) -> str:
    """Return the label of a line, followed by its mark, for HTML and Markdown, which drop blanks before a text."""
    label = f"{'&emsp;' * line.is_indented}{escape(line.label)}"
    return f"{label} {escape(line.mark)}" if line.mark else label


def header_text(name: str, unit: str) -> str:
    """Return a header in one line, such as "fit s" and "full NDCG@10"."""
    return f"{name} {unit}".strip()


def marked_text(cell: Cell, escape: Callable[[str], str], bold: str) -> str:
    """Return a cell; if it is the best of its column, its text is put into ``bold`` (``"**{}**"``)."""
    figure = bold.format(escape(cell.text)) if cell.best else escape(cell.text)
    return f"{figure} {escape(cell.spread)}" if cell.spread else figure
