"""One column of a table: its value in a row, its header and text, and when a narrow terminal leaves it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.names import View
    from protocol.evaluation.intervals import Interval


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    key
        The name of the column in frames, CSV and JSON.
    group
        Decides where it is shown (see `bench.tables.columns.PLACES`).
    value
        The value of a row, unrounded; None if the row has none.
    title, unit
        The header.
    span
        The counts of a slice of users, which the header shows below the title; empty for other columns.
    text
        Formats a value for readers.
    k
        The cut-off that the value is about, if any.
    dropped
        The order in which a narrow terminal leaves columns out, the lowest first. None keeps the column.
    is_optional
        Whether the table and the frame leave it out if no row has a value.
    matters
        Whether a row's value is worth a column; None for every value.
    is_time
        Whether it depends on the conditions that a row was timed under.
    view, metric, mean, has_spread
        Only for a column of a metric: the view, the metric, the key in `bench.analysis.rows.Row.accuracy`, and whether
        the table shows half of the interval.
    """

    key: str
    group: str
    value: Callable[[Summary, Row], Any]
    title: str = ""
    unit: str = ""
    text: Callable[[Any], str] = str
    k: int | None = None
    dropped: tuple[int, ...] | None = None
    is_optional: bool = False
    matters: Callable[[Row], bool] | None = None
    is_time: bool = False
    view: View | None = None
    metric: str = ""
    mean: str = ""
    has_spread: bool = False
    span: str = ""

    @property
    def label(self) -> str:
        """The title with its cut-off: ``NDCG@10``, ``coverage@10``, ``AUC``, ``fit``; ``activity 12-30``."""
        if self.span:
            return f"{self.title} {self.span}" if self.span != self.title else self.title
        return self.title if self.k is None else f"{self.title}@{self.k}"

    @property
    def header(self) -> tuple[str, str]:
        """The two lines above the column; the first line is the view, except for a sampled one that is shown first."""
        if self.span:
            return (self.title, self.span if self.span != self.title else "")
        is_plain = self.view is None or (self.view == "sampled" and self.has_spread)
        return (self.label, self.unit) if is_plain else (str(self.view), self.label)

    def interval(self, row: Row) -> Interval | None:
        """Return the mean of a metric with its interval; None for other columns, and if the row has none."""
        return row.accuracy.get(self.mean)

    def mark(self, summary: Summary, row: Row) -> str:
        """Return the letter behind a time that cannot be compared with all others of the table; else nothing."""
        return summary.timing.mark(row.records) if self.is_time else ""

    def is_known(self, summary: Summary) -> bool:
        """Return whether any row has a value that matters."""
        rows = [row for row in summary.rows if self.value(summary, row) is not None]
        return any(self.matters is None or self.matters(row) for row in rows)
