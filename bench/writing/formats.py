"""A sheet written out in each format; names and messages come from strangers and are escaped for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.html import html_text
from bench.writing.markdown import github_text

if TYPE_CHECKING:
    from bench.names import Format
    from bench.writing.sheet import Sheet


def sheet_text(sheet: Sheet, form: Format, *, styled: bool = False, width: int | None = None) -> str:
    """Return a sheet in one of the formats that are for reading: all but CSV and JSON.

    ``styled`` and ``width`` are a terminal's (see `bench.writing.terminal.terminal_text`).
    """
    from bench.writing.latex import latex_text
    from bench.writing.terminal import terminal_text

    if form == "terminal":
        return terminal_text(sheet, styled=styled, width=width)
    return {"github": github_text, "latex": latex_text, "html-fragment": html_text}[form](sheet)
