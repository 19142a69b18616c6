"""A sheet as plain text, for terminals and logs: aligned columns, notes below, no wider than the terminal.

Widths are in columns of the terminal: a Chinese character takes two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from bench.writing.brief import brief_lines
from bench.writing.filling import FILLER, doubled, filled, is_wide
from bench.writing.sheet import RESULT, Cell, Remark, header_text, label_pieces
from bench.writing.text import enumerated, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.writing.formats import Screen, Writable
    from bench.writing.sheet import Block, Line, Sheet

LABEL_WIDTH = 24
"""A longer label continues in the next line. No label takes more than a third of a terminal."""

LONGEST_PIECE = 32
"""A longer piece without a comma or colon is broken at blanks or, where it has none, anywhere."""

NOTES_WIDTH = 92

TITLE_WIDTH = 100

_GAP = "  "
"""The gap between columns."""

_INDENT = "  "

SORT_MARK = "\N{BLACK DOWN-POINTING TRIANGLE}"
"""Behind the header of the column that sorts the lines."""

MOST_NAMED = 3
"""How many of the columns that are left out are named where there is room for few words."""


def write(what: Writable, screen: Screen) -> str:
    """Return the sheet in this format (see `bench.writing.formats`)."""
    return terminal_text(what.sheet(), styled=screen.styled, width=screen.width, brief=screen.brief)


def terminal_text(sheet: Sheet, *, styled: bool = False, width: int | None = None, brief: bool = False) -> str:
    """Return plain text; if ``styled``, the best cells are bold.

    Parameters
    ----------
    width
        The terminal's width; None for no limit. A wider block continues in further ones, if it may. Another one loses
        its expendable columns, one after the other, until it fits, and the first note names them.
    brief
        Whether a sheet with remarks shows these in place of its notes.
    """
    whole = [part for block in sheet.blocks for part in _continued(block, width)]
    blocks = [_fitted(block, width) for block in whole]
    grids = [line for block in blocks for line in (*grid_lines(block, width, styled=styled), "")]
    below = _remarks(sheet, whole, blocks, width) if brief and sheet.remarks else _notes(sheet, whole, blocks, width)
    title = filled(sheet.title, min(TITLE_WIDTH, width or TITLE_WIDTH))
    return "\n".join((title, "", *grids, *below, ""))


def _notes(sheet: Sheet, whole: Sequence[Block], fitted: Sequence[Block], width: int | None) -> list[str]:
    """Return all notes; the first one names the columns that are left out."""
    notes = (*_left_out(whole, fitted, width), *sheet.notes)
    indent = max((len(keyword) for keyword, _ in notes), default=0) + 2
    notes_width = min(NOTES_WIDTH, max(width or NOTES_WIDTH, 3 * indent))
    return [filled(text, notes_width, f"{keyword:{indent}}", " " * indent) for keyword, text in notes]


def _remarks(sheet: Sheet, whole: Sequence[Block], fitted: Sequence[Block], width: int | None) -> list[str]:
    """Return the few lines in place of the notes; the columns that are left out are named after the other warnings."""
    first = [number for number, each in enumerate(sheet.remarks, 1) if each.is_warning or each.keyword == RESULT]
    place = max(first, default=0)
    gone = _gone(whole, fitted)
    left_out = [Remark("Warning", _few_words(gone, whole), is_warning=True)] if gone else []
    return brief_lines([*sheet.remarks[:place], *left_out, *sheet.remarks[place:]], len(sheet.notes), width)


def _few_words(gone: Sequence[str], whole: Sequence[Block]) -> str:
    """Return which columns are left out, and how wide a terminal shows them."""
    n_others = len(gone) - MOST_NAMED
    named = [*gone[:MOST_NAMED], f"{n_others} more"] if n_others > 1 else gone
    return f"left out, as they need {_needed(whole)} columns: {enumerated(named)}."


def _continued(block: Block, width: int | None) -> Iterator[Block]:
    """Yield the block or, if it may continue and is too wide, blocks with as many of its columns as fit in each."""
    numbers = range(1, len(block.headers))
    if not block.continues or width is None or _grid_width(block, width) <= width:
        yield block
        return
    shown: list[int] = []
    for number in numbers:
        if shown and _grid_width(block.part([*shown, number]), width) > width:
            yield block.part(shown)
            shown = []
        shown.append(number)
    yield block.part(shown)


def _fitted(block: Block, width: int | None) -> Block:
    """Return a block without the expendable columns that do not fit."""
    fitted, gone = block, 0
    while width is not None and gone < len(block.expendable) and _grid_width(fitted, width) > width:
        gone = _next_gone(block, gone)
        fitted = block.part([n for n in range(1, len(block.headers)) if n not in block.expendable[:gone]])
    return fitted


def _next_gone(block: Block, gone: int) -> int:
    """Return how many columns are left out after the next step: one more, or one with all that it cannot be without."""
    gone += 1
    if block.expendable[gone - 1] in block.inseparable:
        while gone < len(block.expendable) and block.expendable[gone] in block.inseparable:
            gone += 1
    return gone


def _left_out(whole: Sequence[Block], fitted: Sequence[Block], width: int | None) -> Iterator[tuple[str, str]]:
    """Yield a note that names the columns left out, and says how to see them, if there are any."""
    gone = _gone(whole, fitted)
    if gone:
        needed = _needed(whole)
        yield (
            "Left out",
            f"{', '.join(gone)}, because this terminal has only {width} columns. A terminal of {needed} columns, a "
            "pipe (| less -S) and every other --format show them.",
        )


def _gone(whole: Sequence[Block], fitted: Sequence[Block]) -> list[str]:
    """Return the headers of the columns that are left out, in that order."""
    return [
        header_text(*block.headers[number])
        for block, shown in zip(whole, fitted, strict=True)
        for number in block.expendable[: len(block.headers) - len(shown.headers)]
    ]


def _needed(whole: Sequence[Block]) -> int:
    """Return the width of a terminal that shows all columns."""
    return max(_grid_width(block, None) for block in whole)


def grid_lines(block: Block, width: int | None, *, styled: bool = False) -> Iterator[str]:
    """Yield the lines of a block, whose labels are broken for a terminal of this width."""
    heads, body = _head_rows(block), _body_rows(block, width)
    widths = _widths([*heads, *body])

    def aligned(row: Sequence[Cell]) -> str:
        label, *cells = (_shown(cell, styled=styled) for cell in row)
        room = [" " * (wide - _width(cell)) for cell, wide in zip(row, widths, strict=True)]
        return _GAP.join((label + room[0], *map("".join, zip(room[1:], cells, strict=True)))).rstrip()

    yield from map(aligned, heads)
    yield _GAP.join("-" * wide for wide in widths)
    yield from map(aligned, body)


def _grid_width(block: Block, width: int | None) -> int:
    """Return the width of a block whose labels are broken for a terminal of this width."""
    widths = _widths([*_head_rows(block), *_body_rows(block, width)])
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _head_rows(block: Block) -> list[tuple[Cell, ...]]:
    """Return a row with the names of the columns and, if there are units, a row with these."""
    headers = [_marked(header) if number == block.sorted_by else header for number, header in enumerate(block.headers)]
    rows = [tuple(Cell(text) for text in texts) for texts in zip(*headers, strict=True)]
    return [row for row in rows if any(cell.text for cell in row)]


def _marked(header: tuple[str, str]) -> tuple[str, str]:
    """Return a header with the mark of the column that sorts, in its last line."""
    name, unit = header
    return (name, f"{unit} {SORT_MARK}") if unit else (f"{name} {SORT_MARK}", unit)


def _body_rows(block: Block, width: int | None) -> list[tuple[Cell, ...]]:
    """Return a row for each line, and one for each further line of its label."""
    rows = []
    for line in block.lines:
        first, *others = _label_lines(line, width)
        nothing = (Cell(""),) * len(line.cells)
        rows += [(Cell(first), *line.cells), *((Cell(text), *nothing) for text in others)]
    return rows


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [max(map(_width, column)) for column in zip(*rows, strict=True)]


def _width(cell: Cell) -> int:
    return cell_len(_shown(cell, styled=False))


def _shown(cell: Cell, *, styled: bool) -> str:
    figure = printable(cell.text)
    figure = f"\x1b[1m{figure}\x1b[0m" if styled and cell.best else figure
    return f"{figure} {cell.spread}" if cell.spread else figure


def _label_lines(line: Line, width: int | None) -> list[str]:
    """Break a long label after commas and colons, inside pieces that are too long, and before its mark."""
    most, longest = (room if width is None else min(room, width // 3) for room in (LABEL_WIDTH, LONGEST_PIECE))
    indent = _INDENT * line.is_indented
    most, longest = most - len(indent), longest - len(indent)
    lines = [""]
    for piece in (*_pieces(printable(line.label), longest), *([f" {line.mark}"] if line.mark else [])):
        if lines[-1] and cell_len((lines[-1] + piece).rstrip()) > most:
            lines.append(" " if piece.startswith(" ") else "  ")
        lines[-1] += piece
    return [f"{indent}{text}".rstrip() for text in lines]


def _pieces(label: str, longest: int) -> Iterator[str]:
    """Split a label after commas and colons, longer pieces at blanks, and longer words anywhere."""
    for piece in label_pieces(label, longest, cell_len):
        cut = re.findall(f".{{1,{longest - is_wide(label)}}}", doubled(piece))
        yield from (part.replace(FILLER, "") for part in (cut if cell_len(piece.rstrip(",: ")) > longest else [piece]))
