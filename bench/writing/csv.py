"""Values as CSV, unrounded."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.writing.formats import Screen, Writable


def write(what: Writable, _: Screen) -> str:
    """Return the values as CSV (see `bench.writing.formats`)."""
    return csv_text(what.values())


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _spreadsheet(value) for name, value in row.items()} for row in rows])
    return stream.getvalue()


def _spreadsheet(value: Any) -> Any:
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return repr(value) if isinstance(value, float) else value
