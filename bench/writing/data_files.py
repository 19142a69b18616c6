"""Every figure, unrounded: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def csv_text(figures: Sequence[dict[str, Any]]) -> str:
    """Return every figure, unrounded. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(figures[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _spreadsheet(value) for name, value in row.items()} for row in figures])
    return stream.getvalue()


def json_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _spreadsheet(value: Any) -> Any:
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return repr(value) if isinstance(value, float) else value
