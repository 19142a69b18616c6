"""The jobs of a run: one for each recommender and training seed, identified by a hash of all that goes into it."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.machine.devices.choosing import ON_CPU, Asked, Placement, placement
from bench.machine.devices.words import AUTO, CPU, CUDA, FLOAT32
from bench.machine.environment import versions
from bench.records.device import RecordedDevice
from bench.records.inputs import SCHEMA, job_key, recorded_task
from bench.records.recommender import RecordedRecommender
from protocol.errors import ProtocolError, RecommenderError
from protocol.tasks.compared import check_compared
from recommenders import registry
from recommenders.libraries import versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.choices import Choice
    from protocol.tasks.task import Task


@dataclass(frozen=True, eq=False)
class Job:
    """One recommender, one training seed, one task.

    Parameters
    ----------
    task
        The test task or, in a search for parameters, the validation task.
    validation
        Where the number of epochs is chosen; None for as many as the hyper-parameter says. If it is ``task`` itself,
        the job ends with that choice.
    patience
        See `bench.running.training.select_epochs`; None exactly where ``validation`` is.
    full
        Whether to rank the whole catalogue: where the recommender can, or where that is the measure (P25).
    environment
        See `bench.machine.environment.describe_environment`.
    placement
        Where it runs; None for a recommender that takes no device, and runs on the processor.
    asked
        What the user asks for where a worker decides the placement; None where it is decided.
    libraries
        Versions, by name, of what the recommender is made of (see `recommenders.libraries`).
    requirements
        What the environment of a program was built from.
    options
        Of the run that nothing else here tells (see `bench.running.given_options`); they are not in the key.
    """

    choice: Choice
    description: registry.Description
    source_sha256: str
    libraries: Mapping[str, str]
    requirements: tuple[str, ...]
    seed: int
    threads: int
    task: Task
    validation: Task | None
    patience: int | None
    full: bool
    environment: Mapping[str, Any]
    placement: Placement | None = None
    asked: Asked | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_described(self) -> bool:
        """Whether it is known what the recommender can do; false for a plug-in that could not be imported."""
        return self.description is not NOTHING_KNOWN

    @cached_property
    def key(self) -> str:
        """SHA-256, in hexadecimal, over all that decides the outcome."""
        return self.key_on(self.environment.get("instructions"), self.device)

    def key_on(self, instructions: str | None, device: RecordedDevice | None) -> str:
        """Return the key that the job has on a machine with these instructions and this device."""
        return job_key(
            self._recommender,
            task=self.task.digest,
            validation=self.validation.digest if self.validation else None,
            patience=self.patience,
            full=self.full,
            seed=self.seed,
            threads=self.threads,
            versions=versions(),
            instructions=instructions,
            device=device,
        )

    @property
    def device(self) -> RecordedDevice | None:
        """The device as the record has it; None for the processor with ordinary arithmetic.

        Where a worker is to choose it, what is asked for: the record of a job that no worker began has that.
        """
        where = self.placement
        if where is None and self.asked is not None:
            return self._asked_device(self.asked)
        if where is None or where.is_plain:
            return None
        about = {"kind": where.place} if where.device is None else asdict(where.device)
        return RecordedDevice(**about, precision=where.precision, tf32=where.tf32)

    def _asked_device(self, asked: Asked) -> RecordedDevice | None:
        """Return what is asked for as a device without a name; of the best one there is, the processor is the least."""
        precision, tf32 = asked.arithmetic(takes_precision=self.description.takes_precision)
        least = CUDA if tf32 else CPU
        found = RecordedDevice(least if asked.device == AUTO else asked.kind, precision=precision, tf32=tf32)
        return None if found.kind == CPU and Placement(precision=precision).is_plain else found

    def may_be_on(self, device: RecordedDevice | None) -> bool:
        """Return whether its figures may be of a device: its own or, where a worker chooses, one that is asked for."""
        if self.asked is None:
            return _deciding(device) == _deciding(self.device)
        takes_precision = self.description.takes_precision
        found = device or RecordedDevice(CPU, precision=FLOAT32 if takes_precision else None)
        arithmetic = self.asked.arithmetic(takes_precision=takes_precision)
        return self.asked.takes(found.kind) and (found.precision, found.tf32) == arithmetic

    @property
    def parameters(self) -> dict[str, Any]:
        """All hyper-parameters, defaults included, in JSON's types."""
        return {**self._defaults, **{name: plain(value) for name, value in self.choice.parameters.items()}}

    @property
    def _defaults(self) -> dict[str, Any]:
        return {name: plain(parameter.default) for name, parameter in self.description.parameters.items()}

    @property
    def document(self) -> dict[str, Any]:
        """The document of the record, as far as it is known before the job runs (see `bench.records.contents`)."""
        return {
            "schema": SCHEMA,
            "key": self.key,
            "recommender": to_builtins(self._recommender),
            "seed": self.seed,
            "threads": self.threads,
            "patience": self.patience,
            "tuning_seconds": self.choice.tuning_seconds,
            **({"found_parameters": to_builtins(self.choice.found)} if self.choice.found else {}),
            "task": to_builtins(recorded_task(self.task)),
            "environment": dict(self.environment),
            **({"device": to_builtins(self.device)} if self.device else {}),
            **({"options": dict(self.options)} if self.options else {}),
            **({"bibtex": self.description.bibtex} if self.description.bibtex else {}),
        }

    @property
    def _recommender(self) -> RecordedRecommender:
        entry, parameters = self.choice.entry, self.parameters
        return RecordedRecommender(
            name=entry.name,
            label=self.choice.label,
            reference=entry.public_reference,
            origin="file" if entry.origin.startswith("file ") else entry.origin,
            parameters=parameters,
            deterministic=self.description.deterministic,
            iterative=self.description.iterative,
            processor_independent=self.description.processor_independent,
            source_sha256=self.source_sha256,
            libraries=dict(self.libraries),
            # They are part of the source, which is in the key, and are here so that a table can name them.
            requirements=list(self.requirements),
            # It follows from name and parameters, which are in the key: two jobs of one key say the same.
            chosen_on=entry.chosen_on if entry.chosen_on and parameters == self._defaults else None,
            personalised=self.description.personalised,
            display_name=self.choice.display_name,
        )

    @property
    def row_name(self) -> str:
        """What its row is called."""
        return self.choice.row_name

    @property
    def seed_text(self) -> str:
        """The seed on screen, ``seed 3``; empty where seeds do not change the outcome."""
        return "" if self.description.deterministic else f"seed {self.seed}"

    @property
    def title(self) -> str:
        """The job's name on screen: its row's and, where seeds change the outcome, the seed."""
        return ", ".join(filter(None, (self.row_name, self.seed_text)))

    @property
    def only_selects(self) -> bool:
        """Whether the job ends with the choice of the number of epochs, whose outcome is its own."""
        return self.validation is not None and self.validation.digest == self.task.digest

    def spec(self, out: Path, keep: Path | None = None) -> dict[str, Any]:
        """Return what the job's process is to do, in JSON's types; its data are handed to it apart.

        Parameters
        ----------
        out
            Where the record is to be written.
        keep
            Where the fitted model is to be saved; None for nowhere.
        """
        return {
            "entry": asdict(self.choice.entry),
            "parameters": self.choice.parameters,
            "placement": {} if self.placement is None else self.placement.arguments,
            "folder": str(Path.cwd()),
            "selects": self.validation is not None,
            "only_selects": self.only_selects,
            "full": self.full,
            "document": self.document,
            "out": str(out),
            "keep": None if keep is None else str(keep),
        }


def plan_jobs(
    choices: Iterable[Choice],
    seeds: Sequence[int],
    *,
    threads: int,
    environment: Mapping[str, Any],
    task: Task,
    validation: Task | None = None,
    patience: int | None = None,
    full_limit: int = 0,
    asked: Asked = ON_CPU,
    elsewhere: bool = False,
    options: Mapping[str, str] | None = None,
) -> list[Job]:
    """Return a job for each recommender and seed; deterministic recommenders get the first seed alone (P20).

    Parameters
    ----------
    full_limit
        The most pairs of users and items for which the whole catalogue is ranked beside the candidates; without any,
        there is no limit.
    asked
        The device and the precision for recommenders that take them. PyTorch is asked what there is where one
        does.
    elsewhere
        Whether the jobs run on machines that have devices of their own, and choose among these.
    options
        See `Job`.

    Raises
    ------
    ProtocolError
        If a seed or the patience is negative, there is no thread, or all held-out items of a task with drawn negatives
        are cold (P7).
    RecommenderError
        If a built-in cannot be loaded, a library that a recommender is made of is not installed, or there is no such
        device. A plug-in that cannot be loaded has jobs that will fail.
    """
    _check_amounts(seeds, threads, patience)
    for each in (task, validation):
        if each is not None:
            check_compared(each)
    is_within_limit = task.candidates.n_evaluated * task.train.n_items <= full_limit
    jobs = []
    for choice in choices:
        description = registry.description_of(choice.entry) or NOTHING_KNOWN
        source = _source_digest(choice.entry)
        libraries, requirements = _installed(choice, description), registry.requirements_of(choice.entry)
        is_asked_there = elsewhere and description.takes_device and asked.device != CPU
        is_placed = description.takes_device and not is_asked_there
        where = placement(asked, takes_precision=description.takes_precision) if is_placed else None
        iterative = description.iterative and validation is not None
        jobs += [
            Job(
                choice=choice,
                description=description,
                source_sha256=source,
                libraries=libraries,
                requirements=requirements,
                seed=seed,
                threads=threads,
                task=task,
                validation=validation if iterative else None,
                patience=patience if iterative else None,
                full=task.is_full_ranking or (is_within_limit and description.full_ranker),
                environment=environment,
                placement=where,
                asked=asked if is_asked_there else None,
                options=options or {},
            )
            for seed in dict.fromkeys(seeds[:1] if description.deterministic else seeds)
        ]
    return jobs


def _check_amounts(seeds: Sequence[int], threads: int, patience: int | None) -> None:
    """Refuse amounts that no record can hold, before anything is fitted."""
    least = [*(("a training seed", seed, 0) for seed in seeds), ("threads", threads, 1)]
    least += [("the patience", patience, 0)] if patience is not None else []
    for name, value, fewest in least:
        if value < fewest:
            raise ProtocolError(f"{name} is {value}; expected {fewest} or more")


NOTHING_KNOWN = registry.Description(
    {}, deterministic=True, personalised=True, iterative=False, full_ranker=False, summary=""
)
"""Of a plug-in that does not load. One job is enough to say why."""


def _source_digest(entry: registry.Entry) -> str:
    """Return the digest of a recommender's source; empty where there is none, and so nothing that could be loaded."""
    try:
        return registry.source_digest(entry)
    except RecommenderError:
        if entry.origin == registry.BUILT_IN:
            raise
        return ""


def _installed(choice: Choice, description: registry.Description) -> dict[str, str]:
    try:
        return versions_of(description.libraries)
    except RecommenderError as error:
        raise RecommenderError(f"{choice.entry.name}: {error}") from error


def _deciding(device: RecordedDevice | None) -> Mapping[str, Any] | None:
    return None if device is None else device.deciding


def plain(value: Any) -> Any:
    """Return a value in JSON's types; a value of another type as text, without its address in memory."""
    if isinstance(value, tuple | list):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {name: plain(element) for name, element in value.items()}
    if isinstance(value, str):
        return str(value)  # A subclass, such as `Unread`, becomes plain text.
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
