"""One row for a job, whichever machines it ran on.

The key of a job holds the instructions of its processor where its figures may depend on them, and the device where a
worker chooses it. So a job that failed on one machine, or before it had any, and gave figures on another has two keys,
and would have two rows: its figures are its row.
"""

from __future__ import annotations

import warnings
from itertools import product
from typing import TYPE_CHECKING

from bench.running.used import changes_since
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bench.records.device import RecordedDevice
    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.plan import Job


class OneRow:
    """Stores the records of jobs so that no failure of a job stays beside what it gave on another machine.

    Parameters
    ----------
    store
        Where they go.
    documents
        All records of the store, without their arrays.
    """

    def __init__(self, store: Store, documents: Iterable[Record]) -> None:
        self.store = store
        self._machines: dict[tuple[str | None, RecordedDevice | None], None] = dict.fromkeys(
            (record.environment.instructions, record.device) for record in documents
        )

    def add(
        self, job: Job, record: Record, *, model: Path | None = None, stopped: Callable[[], bool] | None = None
    ) -> Record:
        """Store a record of a job, and return the job's row.

        Failures of the job on processors with other instructions, and on other devices that it may choose, go. If the
        record is a failure itself, and the store has figures of such a machine that used what is there now, these are
        kept and returned, with a warning.

        Parameters
        ----------
        model, stopped
            See `bench.records.store.Store.add`.

        Raises
        ------
        TimeoutError, ProtocolError
            As `bench.records.store.Store.add`.
        """
        others = self._of_other_machines(job, record)
        if record.failure is not None:
            figures = next((one for one in others if not one.failed and not changes_since(one, job)), None)
            if figures is not None:
                warnings.warn(
                    f"{job.title} failed on {_machine(record)} ({record.failure.message}), and {self.store.folder} has "
                    f"its figures of another machine, {_machine(figures)}: these are kept",
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

    def _of_other_machines(self, job: Job, record: Record) -> list[Record]:
        """Return the stored records of a job that differ from a record by instructions and by a chosen device alone."""
        self._machines.setdefault((record.environment.instructions, record.device))
        instructions = dict.fromkeys(each for each, _ in self._machines)
        chosen = (each for _, each in self._machines if job.may_be_on(each))
        devices = dict.fromkeys((job.device, record.device, *chosen))
        keys = dict.fromkeys(job.key_on(*machine) for machine in product(instructions, devices))
        found = [self.found(key) for key in keys if key != record.key]
        return [one for one in found if one is not None]


def _machine(record: Record) -> str:
    """Return the processor of a record and, where it has one, the device."""
    device = record.device
    return f"{record.environment.cpu}{'' if device is None else f', {device.name or device.words}'}"
