"""One row for a job, whichever processors it ran on.

The key of a job holds the instructions of its processor where its figures may depend on them. So a job that failed on
one machine and gave figures on another has two keys, and would have two rows: its figures are its row.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from bench.running.used import changes_since
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.plan import Job


class OneRow:
    """Stores the records of jobs so that no failure of a job stays beside what it gave on another processor.

    Parameters
    ----------
    store
        Where they go.
    documents
        All records of the store, without their arrays.
    """

    def __init__(self, store: Store, documents: Iterable[Record]) -> None:
        self.store = store
        self._instructions = dict.fromkeys(record.environment.instructions for record in documents)

    def add(
        self, job: Job, record: Record, *, model: Path | None = None, stopped: Callable[[], bool] | None = None
    ) -> Record:
        """Store a record of a job, and return the job's row.

        Failures of the job on processors with other instructions go. If the record is a failure itself, and the store
        has figures of such a processor that used what is there now, these are kept and returned, with a warning.

        Parameters
        ----------
        model, stopped
            See `bench.records.store.Store.add`.

        Raises
        ------
        TimeoutError, ProtocolError
            As `bench.records.store.Store.add`.
        """
        others = self._of_other_processors(job, record)
        if record.failure is not None:
            figures = next((one for one in others if not one.failed and not changes_since(one, job)), None)
            if figures is not None:
                warnings.warn(
                    f"{job.title} failed on {record.environment.cpu} ({record.failure.message}), and "
                    f"{self.store.folder} has its figures of another processor, {figures.environment.cpu}: these are "
                    "kept",
                    RecbenchWarning,
                    stacklevel=3,
                )
                return figures
        # Before the new record is there: killed in between, the job runs again, as a failure does anyway.
        for one in others:
            if one.failed:
                self.store.remove(one, stopped=stopped)
        self.store.add(record, model=model, stopped=stopped)
        return record

    def found(self, key: str) -> Record | None:
        """Return the stored record of a key; None where there is none, or a damaged one."""
        try:
            return self.store.find(key)
        except ProtocolError:
            return None

    def _of_other_processors(self, job: Job, record: Record) -> list[Record]:
        """Return the stored records of a job whose keys differ from that of a record by the instructions alone."""
        self._instructions.setdefault(record.environment.instructions)
        keys = dict.fromkeys(job.key_on(each, record.device) for each in self._instructions)
        found = [self.found(key) for key in keys if key != record.key]
        return [one for one in found if one is not None]
