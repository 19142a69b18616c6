"""Rows that failed: the words in place of their figures, and why, below the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import seeds_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary

_WORDS = {
    "raised": "raised",
    "timeout": "timed out",
    "died": "died",
    "scores": "bad scores",
    "memory": "no memory",
    "device memory": "no device memory",
}


def failure_words(row: Row) -> str:
    """Return how a row failed, in a word or two: ``timed out``."""
    return _WORDS.get(str(row.failure_kind), str(row.failure_kind))


def failures_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say why rows failed."""
    for row in summary.rows:
        if row.failed:
            yield "Failed", f"{row.label} ({seeds_text(row.seeds)}): {row.failure}"
