"""Fit records anew: the same task, parameters, seed, threads and device. No other check shows what that shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bench.analysis.recommending.recommendation import check_task
from bench.analysis.recommending.restoring import entry_of
from bench.analysis.source import load_data, protocol_of, source_of
from bench.audit.reproduction import Reproduction
from bench.choices import Choice, typed
from bench.machine.devices.choosing import Asked
from bench.machine.devices.words import CPU, FLOAT32
from bench.machine.environment import describe_environment
from bench.names import EXTERNAL
from bench.records.store import Store
from bench.running.plan import plain, plan_jobs
from bench.running.runner import run_jobs
from bench.running.settings import differences
from bench.running.used import changes_since
from protocol.errors import ProtocolError
from protocol.scratch import scratch_folder
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.data import Data
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task


def has_a_fit(record: Record) -> bool:
    """Return whether a record is of something that recbench fitted, and has its ranks."""
    return not record.failed and record.recommender.origin != EXTERNAL


@dataclass(frozen=True, eq=False)
class Refitting:
    """Fits records of one task anew, each in a process of its own, and keeps nothing of it.

    Parameters
    ----------
    recorded
        The task of the records.
    source
        Where its data are, with the options of the protocol as they were.
    dataset
        These data.
    plugins
        Recommenders beside those that are registered, by their names.
    """

    recorded: RecordedTask
    source: Data
    dataset: Dataset
    plugins: Mapping[str, registry.Entry]

    @classmethod
    def of(
        cls, recorded: RecordedTask, data: Data, plugins: Mapping[str, registry.Entry], *, offline: bool = False
    ) -> Refitting:
        """Load the data of a task.

        Parameters
        ----------
        data
            Where the data are; by default what the records name.
        offline
            Whether to fetch nothing.

        Raises
        ------
        RecbenchError
            If the data are not here, or the records name no protocol that can be followed.
        """
        try:
            source = protocol_of(recorded, source_of(recorded, data))
        except ValueError as error:
            raise ProtocolError(f"the records name no protocol that can be followed: {error}") from error
        return cls(recorded, source, load_data(source, offline=offline), plugins)

    @cached_property
    def task(self) -> Task:
        """The task of the records, made again."""
        return self._validation if self.recorded.purpose == "validation" else self.source.test_task(self.dataset)

    @cached_property
    def _validation(self) -> Task:
        return self.source.validation_task(self.dataset)

    def job(self, record: Record) -> Job:
        """Return the job that fits a record anew: the same parameters, seed, threads, patience, device and task.

        Raises
        ------
        RecbenchError
            If there is nothing to fit, the recommender or the device is not here, or the data are others.
        """
        label = record.recommender.label
        if record.failure is not None:
            raise ProtocolError(f"{label}: the record is of a failure, and has no ranks: {record.failure.message}")
        if record.recommender.origin == EXTERNAL:
            raise ProtocolError(
                f"{label}: another program computed these scores, and only that can fit it anew; `recbench score` "
                "ranks its scores again"
            )
        check_task(record, self.task)
        (job,) = plan_jobs(
            [self._choice(record)],
            (record.seed,),
            threads=record.threads or 1,
            environment=describe_environment(),
            task=self.task,
            validation=None if record.patience is None else self._validation,
            patience=record.patience,
            full_limit=0 if record.full_ranks is None else self.task.candidates.n_evaluated * self.task.train.n_items,
            asked=_asked(record),
            options=record.options,
        )
        return job

    def _choice(self, record: Record) -> Choice:
        entry = entry_of(record, self.plugins)
        known = registry.required_description_of(entry).parameters
        # What is the default anyway need not be text that the constructor takes.
        defaults = {name: plain(parameter.default) for name, parameter in known.items()}
        given = {
            name: value
            for name, value in record.recommender.parameters.items()
            if name not in defaults or defaults[name] != value
        }
        return Choice(entry, typed(entry, given), display_name=record.recommender.display_name)

    def fit(self, records: Sequence[Record], *, timeout: float, progress: Progress) -> list[Reproduction]:
        """Fit records anew, and compare.

        Parameters
        ----------
        timeout
            Seconds after which a job is stopped; it has then failed.

        Raises
        ------
        RecbenchError
            As `job`, before anything is fitted.
        """
        jobs = [self.job(record) for record in records]
        with scratch_folder() as folder:
            made = run_jobs(jobs, Store(folder), timeout=timeout, progress=progress, go_on=True)
        by_key = {record.key: record for record in made}
        return [
            Reproduction(record, by_key[job.key], _changes(record, job))
            for record, job in zip(records, jobs, strict=True)
        ]


def _asked(record: Record) -> Asked:
    """Return the device and the precision of a record; one that names none ran on the processor."""
    options = {} if record.device is None else record.device.options
    return Asked(options.get("--device", CPU), options.get("--precision", FLOAT32))


def _changes(record: Record, job: Job) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*differences(record.document, job.document), *changes_since(record, job))))
