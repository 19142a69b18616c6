"""A sheet as a ``table`` for LaTeX: a fragment that needs only the package booktabs.

It compiles with pdfLaTeX, LuaLaTeX and XeLaTeX, and uses only their fonts.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.writing.formats import Screen, Writable
    from bench.writing.sheet import Block, Cell, Line, Sheet

LABEL_LENGTH = 24
"""A longer label is broken into lines after a comma or colon."""

LONGEST_PIECE = 28
"""A longer piece without a comma or colon is broken anywhere."""

LINE_LENGTH = 78.0
"""The room of one tabular: the text width of the class article, in digits. More columns go into the next tabular."""

_GAP_LENGTH = 1.9
"""The gap between columns, in digits."""

_SPREAD_SIZE = 0.93
"""The width of an interval's digits, relative to those of its figure."""

_LONGEST_WORD = 24
"""A longer word may be broken after a comma, colon, underscore or slash; without these, such as a digest, anywhere."""

_WIDE_LETTERS = {"M": 1.84, "W": 2.06, "m": 1.67, "w": 1.45, "@": 1.56, "%": 1.67, "&": 1.56, "±": 1.56}
"""The width of letters of Computer Modern, in digits; other capitals are at most `_CAPITAL`, all else about a digit."""

_CAPITAL = 1.57

_CODE_LENGTH = 7
"""The width of ``U+5354``, in digits."""

_IN_CAPTION = ("Order", "Interval", "Cost", "Data", "Seeds", "Selection", "Versions", "Task")
"""Keywords of notes that become comments if the sheet has a caption."""

_CONTINUED = (r"\end{table}", r"\begin{table}", r"\centering", r"\tablename~\thetable{} (continued)\par")
"""Between two blocks: the end of one ``table``, and the begin of the next."""

_ANY = r"\recbenchcharacter"
"""The command for all other characters: it shows the character if the font has it, else its code point."""

_ANY_DEFINED = (
    rf"\providecommand*{{{_ANY}}}[2]"
    r'{\ifdefined\Umathchar\iffontchar\font"#1 #2\else U+#1\fi\else U+#1\fi}'
)
"""pdfLaTeX has no \\Umathchar, and fonts of 256 characters."""

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi - pi rho - sigma tau upsilon phi chi psi "
    "omega"
)
"""The Greek letters from U+03B1 on."""

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",
    "`": r"\`{}",
    "±": r"$\pm$",
    "\N{DAGGER}": r"\dag{}",
    "\N{DOUBLE DAGGER}": r"\ddag{}",
    "µ": r"$\mu$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{LATIN SMALL LETTER SHARP S}": r"\ss{}",
    **{chr(code): rf"$\{name}$" for code, name in enumerate(_GREEK.split(), start=0x3B1) if name != "-"},
    "\N{LATIN SMALL LETTER DOTLESS I}": r"\i{}",
    **{
        letter: f"\\{name}{{}}"
        for letter, name in zip("æÆœŒøØłŁ", ("ae", "AE", "oe", "OE", "o", "O", "l", "L"), strict=True)
    },
    # At the start of a row, LaTeX would take these for arguments of the previous row's end.
    **{sign: f"{{{sign}}}" for sign in "[]*"},
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}

_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING MACRON}": "=",
    "\N{COMBINING DOT ABOVE}": ".",
    "\N{COMBINING BREVE}": "u",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": "H",
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING CEDILLA}": "c",
}
"""The accents that every font encoding can put on a letter."""


def write(what: Writable, _: Screen) -> str:
    """Return the sheet in this format (see `bench.writing.formats`)."""
    return latex_text(what.sheet())


def latex_text(sheet: Sheet) -> str:
    """Return a ``table`` with a caption, a label, and the notes below.

    Each further block begins a ``table`` of its own, since a page may have no room for all of them. The last has the
    notes.
    """
    lines = [
        r"% Takes \usepackage{booktabs} and nothing else. Made for one column of text; in two, write table* for table.",
        r"\begin{table}",
        r"\centering",
        *_caption(sheet),
    ]
    for number, block in enumerate(sheet.blocks):
        lines += _CONTINUED if number else ()
        lines += [line for part in _split(block) for line in _grid(part)]
    text = "\n".join([*lines, *_notes(sheet), r"\end{table}", ""])
    return f"{_ANY_DEFINED}\n{text}" if _ANY in text else text


def _caption(sheet: Sheet) -> Iterator[str]:
    captions = [_prose(text) for text in (f"{sheet.title}.", sheet.caption) if text]
    yield rf"\caption[{_prose(sheet.title)}]{{{' '.join(captions)}}}"
    if sheet.name:
        yield rf"\label{{tab:{re.sub(r'[^A-Za-z0-9.-]+', '-', sheet.name).strip('-')}}}"


def _notes(sheet: Sheet) -> Iterator[str]:
    """Yield the notes, one per line of the file; LaTeX sets them as one paragraph, which saves room."""
    yield r"\par\medskip"
    yield r"\begin{minipage}{\linewidth}\scriptsize\emergencystretch=2em"
    yield "% Notes, one per line; those that a caption, or the text of a paper, already gives are behind a %."
    for keyword, text in sheet.notes:
        comment = "% " if sheet.caption and keyword in _IN_CAPTION else ""
        yield rf"{comment}\emph{{{_prose(keyword)}:}} {_prose(text)}"
    yield r"\end{minipage}"


def _split(block: Block) -> Iterator[Block]:
    """Yield blocks with as many columns as fit beside the labels."""
    labels = max((_label_length(line) for line in block.lines), default=0)
    room = LINE_LENGTH - max(labels, _width(block.headers[0][0]))
    parts: list[list[int]] = [[]]
    left = room
    for number in range(1, len(block.headers)):
        wide = _GAP_LENGTH + _column_length(block, number)
        if parts[-1] and wide > left:
            parts.append([])
            left = room
        parts[-1].append(number)
        left -= wide
    return (block.part(numbers) for numbers in parts)


def _label_length(line: Line) -> float:
    first, *others = map(_width, _label_lines(line))
    # A \quad is two digits wide.
    return 2 * line.is_indented + max(first, *(2 + width for width in others), 0) + len(f" {line.mark}")


def _column_length(block: Block, number: int) -> float:
    cells = [line.cells[number - 1] for line in block.lines]
    shown = [_width(cell.text) + _SPREAD_SIZE * (len(cell.spread) + bool(cell.spread)) for cell in cells]
    return max(*map(_width, block.headers[number]), *shown)


def _width(text: str) -> float:
    """Return about how wide a text is at most, in digits: ``NDCG@10`` is 9.84."""
    return sum(_letter_width(character) for character in text)


def _letter_width(character: str) -> float:
    if character in _WIDE_LETTERS:
        return _WIDE_LETTERS[character]
    return _CAPITAL if character.isascii() and character.isupper() else _length(character)


def _grid(block: Block) -> list[str]:
    heads = [texts for texts in zip(*block.headers, strict=True) if any(texts)]
    return [
        r"{\footnotesize\setlength{\tabcolsep}{4pt}\medskip",
        rf"\begin{{tabular}}{{@{{}}l{'r' * (len(block.headers) - 1)}@{{}}}}",
        r"\toprule",
        *_group_heads(block),
        *(" & ".join(map(escaped, texts)).strip() + r" \\" for texts in heads),
        r"\midrule",
        *(" & ".join((_label(line), *map(_cell, line.cells))) + r" \\" for line in block.lines),
        r"\bottomrule",
        r"\end{tabular}\par}",
    ]


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


def _label(line: Line) -> str:
    """Return a label and its mark; a long label takes several lines."""
    first, *others = map(escaped, _label_lines(line))
    mark = f" {escaped(line.mark)}" if line.mark else ""
    indent = r"\quad " * line.is_indented
    if not others:
        return f"{indent}{first}{mark}"
    rest = "".join(rf"\\ \quad {text}" for text in others)
    return rf"{indent}\begin{{tabular}}[t]{{@{{}}l@{{}}}}{first}{rest}{mark}\end{{tabular}}"


def _label_lines(line: Line) -> list[str]:
    lines = [""]
    for piece in re.findall(r"[^,:]+[,:]?|[,:]", printable(line.label)):
        if lines[-1] and _length(lines[-1] + piece) > LABEL_LENGTH:
            lines.append("")
        for character in piece:
            if _length(lines[-1] + character) > LONGEST_PIECE:
                lines.append("")
            lines[-1] += character
    return lines


def _length(text: str) -> int:
    """Return the largest number of characters that a text can take when it is shown."""
    return sum(_CODE_LENGTH if _ANY in _character(character) else 1 for character in text)


def _prose(text: str) -> str:
    """Escape a text, and allow LaTeX to break its long words."""
    return " ".join(
        r"\allowbreak{}".join(map(escaped, _parts(word))) if _length(word) > _LONGEST_WORD else escaped(word)
        for word in printable(text).split(" ")
    )


def _parts(word: str) -> Iterator[str]:
    """Yield the parts into which LaTeX may break a word."""
    for part in re.findall(r"[^,:_/]+[,:_/]?|[,:_/]", word):
        yield from re.findall(".{1,8}", part) if _length(part) > _LONGEST_WORD else [part]


def escaped(text: str) -> str:
    """Return the LaTeX source that shows a text, whatever its characters."""
    shown = "".join(map(_character, unicodedata.normalize("NFC", printable(text))))
    return re.sub("-(?=-)", "-{}", shown)  # LaTeX makes a dash of two hyphens, as in --option


def _character(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    letter, accents = parts[0], parts[1:]
    if letter.isascii() and accents in _ACCENTS:
        return rf"\{_ACCENTS[accents]}{{{letter}}}"
    return rf"{_ANY}{{{ord(character):04X}}}{{{character}}}"
