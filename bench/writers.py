"""A sheet written out in each format; names and messages come from strangers and are escaped for each."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.names import Format
    from bench.sheet import Block, Cell, Line, Sheet


def printable(text: str) -> str:
    """Return a text without control characters: a name cannot move a terminal's cursor or break a line."""
    return "".join(c if c.isprintable() else " " if c.isspace() else c.encode("unicode_escape").decode() for c in text)


def sheet_text(sheet: Sheet, form: Format, *, styled: bool = False, width: int | None = None) -> str:
    """Return a sheet in one of the formats that are for reading: all but CSV and JSON.

    ``styled`` and ``width`` are a terminal's (see `bench.terminal.terminal_text`).
    """
    from bench.latex import latex_text
    from bench.terminal import terminal_text

    if form == "terminal":
        return terminal_text(sheet, styled=styled, width=width)
    return {"github": github_text, "latex": latex_text, "html-fragment": html_text}[form](sheet)


def label_text(line: Line, escape: Callable[[str], str]) -> str:
    """Return the label of a line, and its mark behind it."""
    return f"{escape(line.label)} {escape(line.mark)}" if line.mark else escape(line.label)


def github_text(sheet: Sheet) -> str:
    """Return a Markdown table as GitHub and most others read it."""
    notes = "\n".join(f"- **{keyword}**: {_markdown(text)}" for keyword, text in sheet.notes)
    return "\n\n".join((f"### {_markdown(sheet.title)}", *map(_markdown_grid, sheet.blocks), f"{notes}\n"))


def _markdown_grid(block: Block) -> str:
    from tabulate import tabulate

    return tabulate(
        [
            [label_text(line, _markdown), *(marked_text(cell, _markdown, "**{}**") for cell in line.cells)]
            for line in block.lines
        ],
        headers=[header_text(name, unit) for name, unit in block.headers],
        tablefmt="pipe",
        colalign=("left", *("right",) * (len(block.headers) - 1)),
        disable_numparse=True,
    )


def html_text(sheet: Sheet) -> str:
    """Return a ``figure`` element to be put into a page: no style, no script."""
    lines = ['<figure class="recbench">']
    for number, block in enumerate(sheet.blocks):
        lines += ["<table>", *([f"<caption>{_html(sheet.title)}</caption>"] if number == 0 else []), *_html_grid(block)]
    lines += ["<figcaption><dl>"]
    lines += [f"<dt>{keyword}</dt><dd>{_html(text)}</dd>" for keyword, text in sheet.notes]
    return "\n".join([*lines, "</dl></figcaption>", "</figure>", ""])


def _html_grid(block: Block) -> list[str]:
    heads = "".join(f'<th scope="col">{_html(header_text(name, unit))}</th>' for name, unit in block.headers)
    lines = [f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for line in block.lines:
        cells = "".join(f"<td>{marked_text(cell, _html, '<strong>{}</strong>')}</td>" for cell in line.cells)
        lines.append(f'<tr><th scope="row">{label_text(line, _html)}</th>{cells}</tr>')
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


def header_text(name: str, unit: str) -> str:
    """Return a header in one line, such as "fit s" and "full NDCG@10"."""
    return f"{name} {unit}".strip()


def marked_text(cell: Cell, escape: Callable[[str], str], bold: str) -> str:
    """Return a cell, its figure set into ``bold`` (``"**{}**"``) where it is the best of its column."""
    figure = bold.format(escape(cell.text)) if cell.best else escape(cell.text)
    return f"{figure} {escape(cell.spread)}" if cell.spread else figure


def _markdown(text: str) -> str:
    """Escape what Markdown or HTML within it would read as markup; an underscore within a word is none."""
    escaped = re.sub(r"([\\`*\[\]|~#$])", r"\\\1", html.escape(printable(text), quote=False))
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", escaped)


def _html(text: str) -> str:
    return html.escape(printable(text))


def _spreadsheet(value: Any) -> Any:
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return repr(value) if isinstance(value, float) else value
