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

_UNCLEAR = (
    "how many jobs a machine ran at the same time is not known where an executor of the user's placed them, or a "
    "scheduler that calls `recbench work`: such times may be longer than alone."
)


def timing_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say of a table of one task what `timing_notes` says."""
    return timing_notes(summary.timing, summary.timing_sentence)


def timing_notes(timing: TimingGroups, sentence: str) -> Iterable[tuple[str, str]]:
    """Say what the letters of times mean, and where it is not known what ran beside a job.

    Parameters
    ----------
    sentence
        Of the letters; may be empty.
    """
    if sentence:
        yield "Timing", sentence
    if timing.is_unclear:
        yield "Neighbours", _UNCLEAR


def timing_values(timing: TimingGroups, records: Sequence[Record]) -> dict[str, Any]:
    """Return what files say of the times that are means over records, by the names that CSV, JSON and frames share.

    ``timing`` is the letter, and ``at_once`` the most jobs that the machine worked on at the same time; each is there
    only where a table has something to say with it. None without times, and where it is not known.
    """
    letters = {"timing": timing.mark(records) or None} if timing.are_several else {}
    return letters | ({"at_once": _most_at_once(records)} if timing.is_shared else {})


def _most_at_once(records: Sequence[Record]) -> int | None:
    known = [at_once for at_once in map(jobs_at_once, records) if at_once is not None]
    return max(known) if known and len(known) == len(records) else None


def timing_value(name: str, summary: Summary, row: Row) -> Any:
    """Return one of the `timing_values` of a row."""
    return timing_values(summary.timing, row.records)[name]


def timing_document(timing: TimingGroups) -> dict[str, Any]:
    """Return what the letters mean, in JSON's types; nothing where all times can be compared."""
    if not timing.are_several:
        return {}
    return {"timing": [{"letter": letter, **asdict(each)} for letter, each in timing.lettered.items()]}
