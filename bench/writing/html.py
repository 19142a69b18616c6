"""A sheet as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from bench.writing.sheet import Block, Sheet, header_text, label_text, marked_text
from bench.writing.text import printable

if TYPE_CHECKING:
    from bench.writing.formats import Screen, Writable


def write(what: Writable, _: Screen) -> str:
    """Return the sheet in this format (see `bench.writing.formats`)."""
    return html_text(what.sheet())


def html_text(sheet: Sheet) -> str:
    """Return a ``figure`` element for a page, without style or script."""
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


def _html(text: str) -> str:
    return html.escape(printable(text))
