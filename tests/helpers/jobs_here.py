"""Jobs in the test's own process, for tests of what is made of a job's record and not of how a job is started.

A job's process costs more than half a second before it does anything. What it does then is `run_and_note`: here it is
called with the same spec, through JSON as there, and its record is written and read back; its data are those of the
run, and are not handed over. Jobs run one at a time: two in one process would share the global random generators.
"""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.records.store import read_record, write_record
from bench.running.keeping import keep
from bench.running.supervisor import Supervisor
from bench.running.taking import with_taken_model
from bench.running.used import run_and_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.records.store import Record
    from bench.running.keeping import Measured
    from bench.running.plan import Job
    from protocol.tasks.task import Task
    from protocol.types import Interactions

ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class DataHere:
    """The supply of a job in this process (see `bench.running.supply.Supply`)."""

    job: Job

    def validation(self) -> Task:
        """Return the validation task."""
        assert self.job.validation is not None
        return self.job.validation

    def train(self) -> Interactions:
        """Return the training interactions."""
        return self.job.task.train

    def task(self) -> Task:
        """Return the task."""
        return self.job.task


@contextmanager
def jobs_here() -> Iterator[None]:
    """Run all jobs in this process until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Supervisor, "run", _run_here)
        yield


def _run_here(supervisor: Supervisor, job: Job) -> Record:
    """Run one job; takes the place of `bench.running.supervisor.Supervisor.run`."""
    with ONE_AT_A_TIME, tempfile.TemporaryDirectory() as name:
        out = Path(name, "record")
        spec = json.loads(json.dumps(job.spec(out, Path(name, "model") if supervisor.models else None)))
        measured: list[Measured] = []
        record = run_and_note(
            spec, DataHere(job), lambda event: supervisor._progress.reported(job, event), measured.append
        )
        out.mkdir()
        write_record(record, out)
        if supervisor.models and measured:
            keep(measured[0], Path(name, "model"))
        return with_taken_model(read_record(out), job, Path(name, "model"), supervisor.models, "it died")
