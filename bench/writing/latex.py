"""A sheet as LaTeX: a fragment with a ``table`` or, where it is longer than a page, with a ``longtable``.

It needs the package booktabs, and longtable where it says so. Columns without room beside the labels go on below.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.writing.sheet import label_pieces
from bench.writing.tex import ANY, ANY_DEFINED, escaped, length, prose, width
from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.writing.formats import Screen, Writable
    from bench.writing.sheet import Block, Cell, Line, Sheet

LABEL_LENGTH = 24
"""A longer label is broken into lines after a comma or colon."""

LONGEST_PIECE = 28
"""A longer piece without a comma or colon is broken at blanks or, where it has none, anywhere."""

LEAST_LABEL = 10
"""The room of labels, in digits, however many columns stay beside them."""

LINE_LENGTH = 78.0
"""The room of one tabular: the text width of the class article, in digits. More columns go into the next tabular."""

_DIGIT = 4.2
"""The width of a digit, in points."""

_BESIDE, _BESIDE_TOGETHER = 4, 3
"""The room at either side of a column, in points; the second where all columns stay together."""

_QUAD = 2
"""The width of a \\quad, in digits."""

_SPREAD_SIZE = 0.93
"""The width of an interval's digits, relative to those of its figure."""

_IN_CAPTION = ("Order", "Interval", "Cost", "Data", "Seeds", "Selection", "Versions", "Task")
"""Keywords of notes that become comments if the sheet has a caption."""

_TEXT = r"Made for one column of text"

_FLOAT = rf"% Takes \usepackage{{booktabs}} and nothing else. {_TEXT}; in two, write table* for table."

_LONG = rf"% Takes \usepackage{{booktabs,longtable}} and nothing else: it is longer than a page. {_TEXT}."

_CONTINUED = (r"\end{table}", r"\begin{table}", r"\centering", r"\tablename~\thetable{} (continued)\par")
"""Between two blocks: the end of one ``table``, and the begin of the next."""

_PAGE = 520.0
"""The height of a page of the class article, in points, less some room for what is estimated below."""

_ROW, _RULES, _CAPTION_LINE, _NOTES_LINE = 9.5, 24.0, 12.0, 8.0
"""Heights in points: of a row, of the rules and the room of a grid, of a line of the caption and of the notes."""

_CAPTION_LETTERS, _NOTES_LETTERS = 70, 100
"""The letters of a line, about."""


@dataclass(frozen=True)
class _Grid:
    """The columns that are set beside each other, and the room for their labels, in digits."""

    block: Block
    room: float


def write(what: Writable, _: Screen) -> str:
    """Return the sheet in this format (see `bench.writing.formats`)."""
    return latex_text(what.sheet())


def latex_text(sheet: Sheet) -> str:
    """Return a ``table`` with a caption, a label, and the notes below; what is longer than a page is a ``longtable``.

    Each further block begins a ``table`` of its own, since a page may have no room for all of them. The last has the
    notes.
    """
    floats = [[*_split(block)] for block in sheet.blocks]
    is_long = max(_heights(sheet, floats), default=0.0) > _PAGE
    text = "\n".join([*(_long_lines if is_long else _float_lines)(sheet, floats), ""])
    return f"{ANY_DEFINED}\n{text}" if ANY in text else text


def _float_lines(sheet: Sheet, floats: Sequence[Sequence[_Grid]]) -> Iterator[str]:
    yield from (_FLOAT, r"\begin{table}", r"\centering", *_caption(sheet))
    for number, grids in enumerate(floats):
        yield from _CONTINUED if number else ()
        for grid in grids:
            yield from _tabular(grid)
    yield r"\par\medskip"
    yield r"\begin{minipage}{\linewidth}\scriptsize\emergencystretch=3em"
    yield from _notes(sheet)
    yield from (r"\end{minipage}", r"\end{table}")


def _long_lines(sheet: Sheet, floats: Sequence[Sequence[_Grid]]) -> Iterator[str]:
    """Yield a table that breaks across pages; its parts have one number, and the first has the caption."""
    yield from (_LONG, rf"\begingroup{_size(sheet.blocks[0])}\setlength{{\LTcapwidth}}{{\linewidth}}")
    again = r"\caption[]{(continued)}\\"
    for number, grid in enumerate(itertools.chain.from_iterable(floats)):
        yield from (r"\addtocounter{table}{-1}",) if number else ()
        yield rf"\begin{{longtable}}{{{_columns(grid)}}}"
        yield from (again,) if number else (*_caption(sheet), r"\\")
        yield from (*_heads(grid), r"\endfirsthead", again, *_heads(grid), r"\endhead", r"\bottomrule", r"\endfoot")
        yield from (*_rows(grid), r"\end{longtable}")
    yield r"\endgroup"
    yield r"{\scriptsize\emergencystretch=3em\noindent"
    yield from (*_notes(sheet), r"\par}")


def _heights(sheet: Sheet, floats: Sequence[Sequence[_Grid]]) -> Iterator[float]:
    """Yield about how high each float is, in points."""
    for number, grids in enumerate(floats):
        height = sum(map(_height, grids))
        if number == 0:
            height += _CAPTION_LINE * (1 + len(sheet.title + sheet.caption) / _CAPTION_LETTERS)
        if number == len(floats) - 1:
            shown = sum(len(keyword + text) for keyword, text in sheet.notes if not _is_in_caption(sheet, keyword))
            height += _NOTES_LINE * (2 + shown / _NOTES_LETTERS)
        yield height


def _height(grid: _Grid) -> float:
    n_lines = sum(len(_label_lines(line, grid.room)) for line in grid.block.lines)
    return _ROW * (n_lines + 2 + any(grid.block.groups)) + _RULES


def _caption(sheet: Sheet) -> Iterator[str]:
    captions = [prose(text) for text in (f"{sheet.title}.", sheet.caption) if text]
    yield rf"\caption[{prose(sheet.title)}]{{{' '.join(captions)}}}"
    if sheet.name:
        yield rf"\label{{tab:{re.sub(r'[^A-Za-z0-9.-]+', '-', sheet.name).strip('-')}}}"


def _notes(sheet: Sheet) -> Iterator[str]:
    """Yield the notes, one per line of the file; LaTeX sets them as one paragraph, which saves room."""
    yield "% Notes, one per line; those that a caption, or the text of a paper, already gives are behind a %."
    for keyword, text in sheet.notes:
        comment = "% " if _is_in_caption(sheet, keyword) else ""
        yield rf"{comment}\emph{{{prose(keyword)}:}} {prose(text)}"


def _is_in_caption(sheet: Sheet, keyword: str) -> bool:
    return bool(sheet.caption) and keyword in _IN_CAPTION


def _split(block: Block) -> Iterator[_Grid]:
    """Yield grids with as many columns as fit beside the labels, or one with all columns where these stay together."""
    numbers = range(1, len(block.headers))
    if block.stays_together:
        # A \quad is before each further line of a label.
        yield _Grid(block, max(LEAST_LABEL, LINE_LENGTH - _QUAD - _columns_length(block, numbers)))
        return
    labels = max((_label_length(line) for line in block.lines), default=0)
    room = LINE_LENGTH - max(labels, width(block.headers[0][0]))
    parts: list[list[int]] = [[]]
    for number in numbers:
        if parts[-1] and _columns_length(block, [*parts[-1], number]) > room:
            parts.append([])
        parts[-1].append(number)
    yield from (_Grid(block.part(part), LABEL_LENGTH) for part in parts)


def _label_length(line: Line) -> float:
    first, *others = map(width, _label_lines(line, LABEL_LENGTH))
    return _QUAD * line.is_indented + max(first, *(_QUAD + wide for wide in others), 0) + len(f" {line.mark}")


def _columns_length(block: Block, numbers: Sequence[int]) -> float:
    """Return the width of columns with the gaps before them; a title above some may be wider than these."""
    gap = 2 * _beside(block) / _DIGIT
    lengths = {number: gap + _column_length(block, number) for number in numbers}
    total = sum(lengths.values())
    for title, members in itertools.groupby(numbers, key=lambda number: block.groups[number] if block.groups else ""):
        total += max(0.0, width(title) - sum(lengths[number] for number in members))
    return total


def _column_length(block: Block, number: int) -> float:
    cells = [line.cells[number - 1] for line in block.lines]
    shown = [width(cell.text) + _SPREAD_SIZE * (len(cell.spread) + bool(cell.spread)) for cell in cells]
    return max(*map(width, block.headers[number]), *shown)


def _tabular(grid: _Grid) -> Iterator[str]:
    yield rf"{{{_size(grid.block)}\medskip"
    yield rf"\begin{{tabular}}{{{_columns(grid)}}}"
    yield from (*_heads(grid), *_rows(grid), r"\bottomrule", r"\end{tabular}\par}")


def _size(block: Block) -> str:
    return rf"\footnotesize\setlength{{\tabcolsep}}{{{_beside(block)}pt}}"


def _beside(block: Block) -> int:
    return _BESIDE_TOGETHER if block.stays_together else _BESIDE


def _columns(grid: _Grid) -> str:
    return rf"@{{}}l{'r' * (len(grid.block.headers) - 1)}@{{}}"


def _heads(grid: _Grid) -> Iterator[str]:
    heads = [texts for texts in zip(*grid.block.headers, strict=True) if any(texts)]
    yield r"\toprule"
    yield from _group_heads(grid.block)
    yield from (" & ".join(map(escaped, texts)).strip() + r" \\" for texts in heads)
    yield r"\midrule"


def _rows(grid: _Grid) -> Iterator[str]:
    for line in grid.block.lines:
        yield " & ".join((_label(line, grid.room), *map(_cell, line.cells))) + r" \\"


def _group_heads(block: Block) -> Iterator[str]:
    """Yield the line of the titles that columns share, and the rules below them; nothing where there are none."""
    if not any(block.groups):
        return
    spans = [(title, len(list(members))) for title, members in itertools.groupby(block.groups)]
    yield (
        " & ".join(rf"\multicolumn{{{n}}}{{c}}{{{escaped(title)}}}" if title else " & " * (n - 1) for title, n in spans)
        + r" \\"
    )
    ends = itertools.accumulate(n for _, n in spans)
    yield " ".join(
        rf"\cmidrule(lr){{{end - n + 1}-{end}}}" for (title, n), end in zip(spans, ends, strict=True) if title
    )


def _cell(cell: Cell) -> str:
    figure = rf"\textbf{{{escaped(cell.text)}}}" if cell.best else escaped(cell.text)
    return rf"{figure} {{\scriptsize {escaped(cell.spread)}}}" if cell.spread else figure


def _label(line: Line, room: float) -> str:
    """Return a label and its mark; a long label takes several lines."""
    first, *others = map(escaped, _label_lines(line, room))
    mark = f" {escaped(line.mark)}" if line.mark else ""
    indent = r"\quad " * line.is_indented
    if not others:
        return f"{indent}{first}{mark}"
    rest = "".join(rf"\\ \quad {text}" for text in others)
    return rf"{indent}\begin{{tabular}}[t]{{@{{}}l@{{}}}}{first}{rest}{mark}\end{{tabular}}"


def _label_lines(line: Line, room: float) -> list[str]:
    longest = LONGEST_PIECE if room >= LABEL_LENGTH else int(room)
    lines = [""]
    for piece in label_pieces(printable(line.label), longest, length):
        if lines[-1] and length((lines[-1] + piece).rstrip()) > room:
            lines.append("")
        for character in piece:
            if length(lines[-1] + character) > longest:
                lines.append("")
            lines[-1] += character
    return [text.rstrip() for text in lines]
