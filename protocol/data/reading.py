"""What a reader found out about a source of interactions by itself, so that a person can check it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from protocol.data.excerpts import excerpt

_PER_SECOND = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
"""The Unix seconds of the first and the last day that the calendar of Python has."""


class Reading(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How a source of interactions was read.

    Parameters
    ----------
    form
        The kind of source: ``"text separated by commas"``, ``"Parquet"``.
    n_parts
        The number of files that together are the source, if there are several.
    header
        Whether the first line was taken for a header; None for sources that have no lines.
    quoted
        Whether quotation marks were taken for quotes around fields; None where there are none.
    columns
        The column of each role as the source names it; counted from 0 where it has no names.
    ids
        How ids were typed, by role: ``"whole numbers"`` or ``"text"``.
    unit
        The unit of the times: a key of the table of units, or ``"no clock"`` for numbers that only order.
    first_time, last_time
        The range of the times, in that unit.
    n_dropped
        The number of rows that lack a value and were left out, as the user asked.
    """

    form: str
    n_parts: int = 0
    header: bool | None = None
    quoted: bool | None = None
    columns: Mapping[str, str] = {}
    ids: Mapping[str, str] = {}
    unit: str = ""
    first_time: int = 0
    last_time: int = 0
    n_dropped: int = 0

    def sentence(self) -> str:
        """Return all of it in one line."""
        roles = ", ".join(f"{role}={excerpt(name)}{self._kind(role)}" for role, name in self.columns.items())
        dropped = f"rows left out that lack a value: {self.n_dropped:,}" if self.n_dropped else ""
        return "; ".join(part for part in (self._shape(), roles, dropped) if part)

    def _shape(self) -> str:
        header = {None: "", True: ", with a header", False: ", without a header (columns counted from 0)"}[self.header]
        quotes = {None: "", True: ", quotation marks around fields", False: ", quotation marks part of the text"}
        parts = f", {self.n_parts:,} files" if self.n_parts else ""
        return f"{self.form}{parts}{header}{quotes[self.quoted]}"

    def _kind(self, role: str) -> str:
        if role in self.ids:
            return f" ({self.ids[role]})"
        return f" ({self.times()})" if role == "timestamp" and self.unit else ""

    def times(self) -> str:
        """Return the unit of the times and their range, as dates where they are of a clock."""
        parts = _PER_SECOND.get(self.unit)
        first, last = self.first_time, self.last_time
        if parts is None or not _EARLIEST <= first // parts <= last // parts <= _LATEST:
            return f"{self.unit}, {first:,} to {last:,}"
        days = [datetime.fromtimestamp(time // parts, UTC).date().isoformat() for time in (first, last)]
        return f"Unix {self.unit}, {days[0]} to {days[1]}"
