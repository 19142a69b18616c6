"""How tables say which times cannot be compared; they say nothing where all can."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.records.conditions import jobs_at_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.analysis.timing_groups import TimingGroups
    from bench.records.record import Record


def timing_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the letters of times mean, and which rows have them."""
    if summary.timing_sentence:
        yield "Timing", summary.timing_sentence


def timing_values(timing: TimingGroups, records: Sequence[Record]) -> dict[str, Any]:
    """Return what files say of the times that are means over records, by the names that CSV, JSON and frames share.

    ``timing`` is the letter, and ``at_once`` the most jobs that the machine worked on at the same time; each is there
    only where a table has something to say with it. None without times.
    """
    letters = {"timing": timing.mark(records) or None} if timing.are_several else {}
    return letters | ({"at_once": max(map(jobs_at_once, records), default=None)} if timing.is_shared else {})


def timing_value(name: str, summary: Summary, row: Row) -> Any:
    """Return one of the `timing_values` of a row."""
    return timing_values(summary.timing, row.records)[name]


def timing_document(timing: TimingGroups) -> dict[str, Any]:
    """Return what the letters mean, in JSON's types; nothing where all times can be compared."""
    if not timing.are_several:
        return {}
    return {"timing": [{"letter": letter, **asdict(each)} for letter, each in timing.lettered.items()]}
