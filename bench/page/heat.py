"""Cells of a table that are coloured by a share of 1: each has a class of the style in ``study.css``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.writing.sheet import Cell

_SHADES = 20


@dataclass(frozen=True)
class HeatCell:
    """A cell of the table, and its class in the style: ``h0`` to ``h20``, ``none`` without a figure, or nothing."""

    text: str
    mark: str = ""
    best: bool = False
    kind: str = ""


def heat_cell(cell: Cell, kind: str = "") -> HeatCell:
    """Return a cell of a sheet, in a class."""
    return HeatCell(cell.text, cell.spread, cell.best, kind)


def shade(share: float | None) -> str:
    """Return the class of a share of 1; less than 0 has the colour of 0."""
    return "" if share is None else f"h{round(_SHADES * min(max(share, 0.0), 1.0))}"
