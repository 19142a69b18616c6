"""Where the hyper-parameters were found that a file gave (``--params``): on the data of the table, or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import DIGEST_DIGITS
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.choices import FoundParameters


def parameters_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say for each row with parameters of a search where the search was."""
    rows_by_origin: dict[str, list[str]] = {}
    for row in summary.rows:
        for found in row.found_parameters:
            rows_by_origin.setdefault(origin_text(found), []).append(f"{row.label} ({', '.join(found.names)})")
    for origin, rows in rows_by_origin.items():
        yield "Parameters", f"{enumerated(rows)}: {origin}."
    unknown = [row.label for row in summary.rows if row.is_tuned and not row.found_parameters]
    if unknown:
        yield "Parameters", f"{enumerated(unknown)}: found by a search; on which data is not recorded."


def found_on_text(row: Row) -> str | None:
    """Return the data on which a row's parameters were found, for programs; None where no file gave any."""
    return "; ".join(_place(found) for found in row.found_parameters) or None


def origin_text(found: FoundParameters) -> str:
    """Return where parameters were found, as a sentence ends."""
    if found.is_own:
        return "found on the validation task of these data, as the file with them says (--params)"
    if found.validation_task is None:
        return "taken from a file that does not say on which data they were found (--params)"
    own = (found.own_validation_task or "")[:DIGEST_DIGITS]
    return (
        f"found on {_place(found)}, not on the validation task of these data and this protocol ({own}): here they are "
        "not tuned"
    )


def _place(found: FoundParameters) -> str:
    if found.validation_task is None:
        return "not known"
    return f"{found.dataset or 'other data'}, validation task {found.validation_task[:DIGEST_DIGITS]}"
