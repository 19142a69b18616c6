"""The entries of a board: records, where they came from, and how far they could be verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.studies.board.standing import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.records.record import Record
    from bench.studies.board.standing import Standing


@dataclass(frozen=True, eq=False)
class Entry:
    """A record on a board.

    Parameters
    ----------
    source
        What the board calls the folder of results: ``ann/ml-100k``.
    folder
        Of the results.
    name
        Of the record's folder.
    standing
        How far it could be verified.
    record
        None where it cannot be read. It needs no lists of best items.
    """

    source: str
    folder: Path
    name: str
    standing: Standing
    record: Record | None

    @property
    def place(self) -> tuple[str, str]:
        """The source and the name, which no other entry has."""
        return self.source, self.name

    @property
    def title(self) -> str:
        """The row and, where it changes the outcome, the training seed; the name of a record that cannot be read."""
        return self.name if self.record is None else self.record.title


def one_of_each_job(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return one entry of each job, whose figures count: a job that two people ran would count twice.

    Of those with one key the one that claims most counts, figures before failures, then the first. Entries that do not
    count, or cannot be read, are left out.
    """
    chosen: dict[str, Entry] = {}
    for entry in entries:
        if entry.record is None or not entry.standing.counts:
            continue
        before = chosen.get(entry.record.key)
        if before is None or _claim(entry) > _claim(before):
            chosen[entry.record.key] = entry
    return tuple(chosen.values())


def _claim(entry: Entry) -> tuple[bool, int]:
    return entry.record is not None and not entry.record.failed, KINDS.index(entry.standing.kind)
