"""A sheet as a Markdown table."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from bench.writing.sheet import Block, Sheet, header_text, label_text, marked_text
from bench.writing.text import printable

if TYPE_CHECKING:
    from bench.writing.formats import Screen, Writable


def write(what: Writable, _: Screen) -> str:
    """Return the sheet in this format (see `bench.writing.formats`)."""
    return github_text(what.sheet())


def github_text(sheet: Sheet) -> str:
    """Return a Markdown table for GitHub, which most other programs read, too."""
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


def _markdown(text: str) -> str:
    """Escape characters that Markdown, or HTML in it, takes for markup; underscores inside words are not escaped."""
    escaped = re.sub(r"([\\`*\[\]|~#$])", r"\\\1", html.escape(printable(text), quote=False))
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", escaped)
