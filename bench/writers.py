"""A sheet written out in each format; names and messages come from strangers and are escaped for each."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.names import Format
    from bench.sheet import Block, Cell, Line, Sheet

LABEL_WIDTH = 24
"""A terminal's longest label, in characters; longer ones go on in the next line."""

LONGEST_PIECE = 32
"""What is longer, and has no comma or colon, is broken anywhere."""

NOTES_WIDTH = 92

TITLE_WIDTH = 100

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",
    "±": r"$\pm$",
    "\N{DAGGER}": r"\dag{}",
    "µ": r"\textmu{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "`": r"\textasciigrave{}",
    # At the start of a row these would be arguments of the end of the row before it.
    **{special: f"{{{special}}}" for special in "[]*"},
    **{special: f"\\{special}" for special in "{}$&#_%"},
}


def printable(text: str) -> str:
    """Return a text without control characters: a name cannot move a terminal's cursor or break a line."""
    return "".join(c if c.isprintable() else " " if c.isspace() else c.encode("unicode_escape").decode() for c in text)


def sheet_text(sheet: Sheet, form: Format, *, styled: bool = False) -> str:
    """Return a sheet in one of the formats that are for reading: all but CSV and JSON."""
    if form == "terminal":
        return terminal_text(sheet, styled=styled)
    return {"github": github_text, "latex": latex_text, "html-fragment": html_text}[form](sheet)


def terminal_text(sheet: Sheet, *, styled: bool = False) -> str:
    """Return plain text of at most some 100 columns, with the best in bold where ``styled``."""
    indent = max(len(keyword) for keyword, _ in sheet.notes) + 2
    notes = [
        textwrap.fill(
            printable(text),
            NOTES_WIDTH,
            initial_indent=f"{keyword:{indent}}",
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
        )
        for keyword, text in sheet.notes
    ]
    grids = [line for block in sheet.blocks for line in (_terminal_grid(block, styled=styled), "")]
    title = textwrap.fill(printable(sheet.title), TITLE_WIDTH, break_on_hyphens=False)
    return "\n".join((title, "", *grids, *notes, ""))


def _terminal_grid(block: Block, *, styled: bool) -> str:
    from tabulate import tabulate

    def show(cell: Cell) -> str:
        figure = f"\x1b[1m{cell.text}\x1b[0m" if styled and cell.best else printable(cell.text)
        return f"{figure} {cell.spread}" if cell.spread else figure

    grid = tabulate(
        [[_wrapped_label(printable(line.label), line.mark), *map(show, line.cells)] for line in block.lines],
        headers=[f"{name}\n{unit}" if unit else name for name, unit in block.headers],
        tablefmt="simple",
        colalign=("left", *("right",) * (len(block.headers) - 1)),
        disable_numparse=True,
    )
    return "\n".join(line.rstrip() for line in grid.splitlines())


def _label(line: Line, escape: Callable[[str], str]) -> str:
    """Return the label of a line, and its mark behind it."""
    return f"{escape(line.label)} {escape(line.mark)}" if line.mark else escape(line.label)


def _wrapped_label(label: str, mark: str = "") -> str:
    """Break a long label behind its commas and colons, anywhere if there are none for long, and before its mark."""
    lines = [""]
    for piece in (*re.findall(rf"[^,:]{{0,{LONGEST_PIECE}}}[,:]?", label), *([f" {mark}"] if mark else [])):
        if lines[-1] and len(lines[-1]) + len(piece) > LABEL_WIDTH:
            lines.append(" " if piece.startswith(" ") else "  ")
        lines[-1] += piece
    return "\n".join(lines)


def github_text(sheet: Sheet) -> str:
    """Return a Markdown table as GitHub and most others read it."""
    notes = "\n".join(f"- **{keyword}**: {_markdown(text)}" for keyword, text in sheet.notes)
    return "\n\n".join((f"### {_markdown(sheet.title)}", *map(_markdown_grid, sheet.blocks), f"{notes}\n"))


def _markdown_grid(block: Block) -> str:
    from tabulate import tabulate

    return tabulate(
        [
            [_label(line, _markdown), *(_marked(cell, _markdown, "**{}**") for cell in line.cells)]
            for line in block.lines
        ],
        headers=[_header(name, unit) for name, unit in block.headers],
        tablefmt="pipe",
        colalign=("left", *("right",) * (len(block.headers) - 1)),
        disable_numparse=True,
    )


def latex_text(sheet: Sheet) -> str:
    """Return a ``table`` for the booktabs package."""
    lines = [r"\begin{table}", rf"\caption{{{_latex(sheet.title)}}}"]
    for block in sheet.blocks:
        lines += _latex_grid(block)
    lines += [r"\footnotesize"]
    lines += [rf"\emph{{{keyword}}}: {_latex(text)}\par" for keyword, text in sheet.notes]
    return "\n".join([*lines, r"\end{table}", ""])


def _latex_grid(block: Block) -> list[str]:
    lines = [
        rf"\begin{{tabular}}{{l{'r' * (len(block.headers) - 1)}}}",
        r"\toprule",
        " & ".join(_latex(_header(name, unit)) for name, unit in block.headers) + r" \\",
        r"\midrule",
    ]
    for line in block.lines:
        marked = (_marked(cell, _latex, r"\textbf{{{}}}") for cell in line.cells)
        lines.append(" & ".join((_label(line, _latex), *marked)) + r" \\")
    return [*lines, r"\bottomrule", r"\end{tabular}", ""]


def html_text(sheet: Sheet) -> str:
    """Return a ``figure`` element to be put into a page: no style, no script."""
    lines = ['<figure class="recbench">']
    for number, block in enumerate(sheet.blocks):
        lines += ["<table>", *([f"<caption>{_html(sheet.title)}</caption>"] if number == 0 else []), *_html_grid(block)]
    lines += ["<figcaption><dl>"]
    lines += [f"<dt>{keyword}</dt><dd>{_html(text)}</dd>" for keyword, text in sheet.notes]
    return "\n".join([*lines, "</dl></figcaption>", "</figure>", ""])


def _html_grid(block: Block) -> list[str]:
    heads = "".join(f'<th scope="col">{_html(_header(name, unit))}</th>' for name, unit in block.headers)
    lines = [f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for line in block.lines:
        cells = "".join(f"<td>{_marked(cell, _html, '<strong>{}</strong>')}</td>" for cell in line.cells)
        lines.append(f'<tr><th scope="row">{_label(line, _html)}</th>{cells}</tr>')
    return [*lines, "</tbody>", "</table>"]


def csv_text(figures: Sequence[dict[str, Any]]) -> str:
    """Return every figure, unrounded. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(figures[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _spreadsheet(value) for name, value in row.items()} for row in figures])
    return stream.getvalue()


def json_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _header(name: str, unit: str) -> str:
    """Return a header in one line, such as "fit s" and "full NDCG@10"."""
    return f"{name} {unit}".strip()


def _marked(cell: Cell, escape: Callable[[str], str], bold: str) -> str:
    figure = bold.format(escape(cell.text)) if cell.best else escape(cell.text)
    return f"{figure} {escape(cell.spread)}" if cell.spread else figure


def _markdown(text: str) -> str:
    """Escape what Markdown or HTML within it would read as markup; an underscore within a word is none."""
    escaped = re.sub(r"([\\`*\[\]|~#$])", r"\\\1", html.escape(printable(text), quote=False))
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", escaped)


def _latex(text: str) -> str:
    escaped = "".join(_LATEX.get(character, character) for character in printable(text))
    return re.sub("-(?=-)", "-{}", escaped)  # two hyphens, as of an option, would become a dash


def _html(text: str) -> str:
    return html.escape(printable(text))


def _spreadsheet(value: Any) -> Any:
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return repr(value) if isinstance(value, float) else value
