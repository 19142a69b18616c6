"""A job as text that any machine can read: no folder of this machine is in it, and its files are named by SHA-256."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError, Struct, convert, to_builtins

from bench.choices import Choice, FoundParameters
from bench.machine.devices.choosing import Asked, Placement, placement
from bench.running.plan import NOTHING_KNOWN, Job
from bench.running.supervisor import Limits
from bench.running.travel.identity import Identity, identity
from bench.running.travel.packed_tasks import PackedTask, pack_task, unpack_task
from bench.running.travel.sources import PackedEntry, pack_entry, unpack_entry
from protocol.errors import RecbenchError
from recommenders.registry.inspection.outcome import (
    description_from_json,
    description_to_json,
    plain_from_json,
    plain_to_json,
)

if TYPE_CHECKING:
    from bench.running.travel.blobs import Blobs
    from protocol.tasks.task import Task

FORM = 1
"""Of a parcel; it rises whenever an older worker would misread a newer one."""


class ParcelError(RecbenchError):
    """A parcel cannot be read."""


class Parcel(Struct, frozen=True, kw_only=True):
    """A job that travels.

    Parameters
    ----------
    identity
        Of the driver.
    parameters, description
        In JSON's types; the description is None of a plug-in that could not be imported.
    validation
        ``"task"`` where it is the task itself.
    limits, keeps_model
        See `RunOfJobs`.

    The others are those of `bench.running.plan.Job` and of its choice.
    """

    form: int = FORM
    identity: Identity
    entry: PackedEntry
    parameters: Mapping[str, Any]
    tuning_seconds: float | None
    found: FoundParameters | None
    display_name: str | None
    description: Mapping[str, Any] | None
    source_sha256: str
    libraries: Mapping[str, str]
    requirements: Sequence[str]
    seed: int
    threads: int
    patience: int | None
    full: bool
    placement: Placement | None
    asked: Asked | None
    options: Mapping[str, str] = {}
    task: PackedTask
    validation: PackedTask | str | None
    limits: Limits
    keeps_model: bool

    @property
    def blobs(self) -> list[str]:
        """The digests of all files that the job needs, each once."""
        tasks = [one for one in (self.task, self.validation) if isinstance(one, PackedTask)]
        sources = [file.blob for file in self.entry.files.values()]
        return list(dict.fromkeys([*(blob for one in tasks for blob in one.blobs), *sources]))

    def encoded(self) -> bytes:
        """Return the parcel as JSON, in which parameters keep their order: it is part of the row's label."""
        return json.dumps(to_builtins(self)).encode()


class Packing:
    """Makes parcels of the jobs of one run; each task and each source is packed once.

    Parameters
    ----------
    blobs
        Where the files go.
    made_by
        The code of the driver; by default that of this process.
    """

    def __init__(self, blobs: Blobs, limits: Limits, *, keeps_models: bool, made_by: Identity | None = None) -> None:
        self._blobs, self._limits, self._keeps_models = blobs, limits, keeps_models
        self._made_by = made_by or identity()
        self._tasks: dict[str, PackedTask] = {}
        self._entries: dict[tuple[str, str, str], PackedEntry] = {}

    def parcel(self, job: Job) -> Parcel:
        """Return the parcel of a job.

        Raises
        ------
        RecommenderError
            If a file of its recommender cannot travel.
        """
        choice, where = job.choice, job.choice.entry
        # Two entries may be of one class, with other presets.
        one = (where.name, where.reference, where.folder)
        if one not in self._entries:
            self._entries[one] = pack_entry(where, self._blobs)
        return Parcel(
            identity=self._made_by,
            entry=self._entries[one],
            parameters={name: plain_to_json(value) for name, value in choice.parameters.items()},
            tuning_seconds=choice.tuning_seconds,
            found=choice.found,
            display_name=choice.display_name,
            description=description_to_json(job.description) if job.is_described else None,
            source_sha256=job.source_sha256,
            libraries=dict(job.libraries),
            requirements=job.requirements,
            seed=job.seed,
            threads=job.threads,
            patience=job.patience,
            full=job.full,
            placement=job.placement,
            asked=job.asked,
            options=dict(job.options),
            task=self._packed(job.task),
            validation=self._packed_validation(job),
            limits=self._limits,
            keeps_model=self._keeps_models,
        )

    def _packed(self, task: Task) -> PackedTask:
        if task.digest not in self._tasks:
            self._tasks[task.digest] = pack_task(task, self._blobs)
        return self._tasks[task.digest]

    def _packed_validation(self, job: Job) -> PackedTask | str | None:
        if job.only_selects:
            return "task"
        return None if job.validation is None else self._packed(job.validation)


def read_parcel(content: bytes) -> Parcel:
    """Read a parcel.

    Raises
    ------
    ParcelError
        If it is none, or of another form.
    """
    try:
        document = json.loads(content)
        form = document["form"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ParcelError("this is no specification of a job; make the plan again") from error
    if form != FORM:
        raise ParcelError(f"the specification of a job has the form {form}, expected {FORM}: another recbench wrote it")
    try:
        return convert(document, Parcel)
    except MsgspecError as error:
        raise ParcelError(f"this is no specification of a job ({error}); make the plan again") from error


class Unpacking:
    """Makes jobs of parcels, as this machine runs them; each task is unpacked once.

    Parameters
    ----------
    environment
        Of this machine.
    runs_here
        Whether jobs choose among the devices of this machine; if not, their records say which they had.
    """

    def __init__(self, blobs: Blobs, environment: Mapping[str, Any], *, runs_here: bool = True) -> None:
        self._blobs, self._environment, self._runs_here = blobs, environment, runs_here
        self._tasks: dict[str, Task] = {}

    def job(self, parcel: Parcel) -> Job:
        """Return the job of a parcel.

        Raises
        ------
        BlobError
            If a file is missing or damaged.
        ParcelError
            If it is no job that this recbench can make.
        RecommenderError
            If the job runs here, and this machine has no device as asked for.
        """
        try:
            return self._job(parcel)
        except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
            raise ParcelError(
                f"this is no specification of a job ({type(error).__name__}: {error}); make the plan again"
            ) from error

    def _job(self, parcel: Parcel) -> Job:
        description, where = NOTHING_KNOWN, parcel.placement
        if parcel.description is not None:
            description = description_from_json(parcel.description)
        if parcel.asked is not None and self._runs_here:
            where = placement(parcel.asked, takes_precision=description.takes_precision)
        task = self._task(parcel.task)
        choice = Choice(
            unpack_entry(parcel.entry, self._blobs),
            {name: plain_from_json(value) for name, value in parcel.parameters.items()},
            parcel.tuning_seconds,
            parcel.found,
            parcel.display_name,
        )
        return Job(
            choice=choice,
            description=description,
            source_sha256=parcel.source_sha256,
            libraries=parcel.libraries,
            requirements=tuple(parcel.requirements),
            seed=parcel.seed,
            threads=parcel.threads,
            task=task,
            validation=self._validation(parcel.validation, task),
            patience=parcel.patience,
            full=parcel.full,
            environment=self._environment,
            placement=where,
            asked=parcel.asked,
            options=parcel.options,
        )

    def _task(self, packed: PackedTask) -> Task:
        if packed.digest not in self._tasks:
            self._tasks[packed.digest] = unpack_task(packed, self._blobs)
        return self._tasks[packed.digest]

    def _validation(self, packed: PackedTask | str | None, task: Task) -> Task | None:
        if isinstance(packed, PackedTask):
            return self._task(packed)
        return task if packed else None
