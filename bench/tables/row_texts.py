"""What a row says of itself beside its label, and the text of its cells: the same in the table and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.sheet import Cell
from bench.writing.text import NOTHING, spread_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.tables.column import Column


def tags_of(summary: Summary, row: Row) -> Iterator[str]:
    """Yield the words in brackets behind a label: external, suspicious, the device, threads, faults."""
    yield from ["external"] * row.external
    yield from ["suspicious"] * summary.is_suspicious(row)
    yield from [row.device.words] if row.device else []
    yield from ["beyond its threads"] * row.exceeds_threads
    yield from [fault.mark for fault in row.faults]


def cell_of(summary: Summary, row: Row, column: Column, best: str | None, *, with_spread: bool) -> Cell:
    """Return a cell of a row.

    Parameters
    ----------
    best
        The best text of the column; None where none is.
    with_spread
        Whether half of the interval follows a mean that has one.
    """
    value = column.value(summary, row)
    if value is None:
        return Cell(NOTHING)
    text, interval = column.text(value), column.interval(row)
    spread = spread_text(interval.half_width) if interval is not None and with_spread else ""
    return Cell(text, spread or column.mark(summary, row), best=text == best and not summary.is_suspicious(row))
