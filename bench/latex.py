"""A sheet as a ``table`` for LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.writers import header_text, label_text, marked_text, printable

if TYPE_CHECKING:
    from bench.sheet import Block, Sheet

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
        " & ".join(_latex(header_text(name, unit)) for name, unit in block.headers) + r" \\",
        r"\midrule",
    ]
    for line in block.lines:
        marked = (marked_text(cell, _latex, r"\textbf{{{}}}") for cell in line.cells)
        lines.append(" & ".join((label_text(line, _latex), *marked)) + r" \\")
    return [*lines, r"\bottomrule", r"\end{tabular}", ""]


def _latex(text: str) -> str:
    escaped = "".join(_LATEX.get(character, character) for character in printable(text))
    return re.sub("-(?=-)", "-{}", escaped)  # two hyphens, as of an option, would become a dash
