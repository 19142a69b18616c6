"""Tables whose cells are coloured by a share of 1: each has a class of the style in ``several.css``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.writing.sheet import Cell

_SHADES = 20


@dataclass(frozen=True)
class HeatCell:
    """A cell, and its class in the style: ``h0`` to ``h20``, ``none`` without a figure, or nothing."""

    text: str
    spread: str = ""
    best: bool = False
    kind: str = ""


@dataclass(frozen=True)
class HeatLine:
    """A line: its label, with mark and link; its cells; its class in the style: ``head``, ``setting`` or nothing."""

    label: str
    cells: tuple[HeatCell, ...]
    mark: str = ""
    kind: str = ""
    link: str | None = None


@dataclass(frozen=True)
class HeatTable:
    """A table: the heads of its columns, each with what it links to, or None; and its lines."""

    heads: tuple[tuple[str, str | None], ...]
    lines: tuple[HeatLine, ...]


def heat_cell(cell: Cell, kind: str = "") -> HeatCell:
    """Return a cell of a sheet, in a class."""
    return HeatCell(cell.text, cell.spread, cell.best, kind)


def heat_cells(texts: Iterable[object]) -> tuple[HeatCell, ...]:
    """Return cells without a colour."""
    return tuple(HeatCell(str(text)) for text in texts)


def shade(share: float | None) -> str:
    """Return the class of a share of 1; less than 0 has the colour of 0."""
    return "" if share is None else f"h{round(_SHADES * min(max(share, 0.0), 1.0))}"
