"""Which jobs a store answers, and why it does not answer others that it once ran."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench.records.kept_model import GONE
from bench.running.settings import changed_settings
from bench.running.used import changes_since
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.plan import Job

MOST_NAMED = 3
"""The number of changes, and of rows, that a message names."""


_SEARCH = ("tuning_seconds", "found_parameters")
"""What a document says about the search for the parameters."""


@dataclass(frozen=True)
class Stored:
    """What a store has of some jobs.

    Parameters
    ----------
    records
        By the job's key: those that answer.
    outdated
        The labels of jobs that run again although the store has a record of them, by what has changed since.
    """

    records: dict[str, Record] = field(default_factory=dict)
    outdated: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def reasons(self) -> list[str]:
        """Why jobs run again, each reason in one line: "ease is fitted anew: its code has changed"."""
        return [
            f"{_first(labels)} {'is' if len(set(labels)) == 1 else 'are'} fitted anew: {reason}"
            for reason, labels in self.outdated.items()
        ]


def stored_records(
    store: Store,
    jobs: Sequence[Job],
    documents: Sequence[Record],
    *,
    with_models: bool = False,
    of_any_machine: bool = False,
) -> Stored:
    """Return what a store has of some jobs.

    A record answers unless it is damaged, is a failure, or used files or libraries that are different now. It gets the
    label of the job and the name that the user gives to its row and, where the job's parameters come from a file, what
    that file says about the search. A name or a search that differs from the stored one is stored, so that a table made
    of the folder shows it, too; without a name or a file, what is stored stays.

    Parameters
    ----------
    documents
        All records of the store, without their arrays.
    with_models
        Whether a record answers only if its model was kept, or could not be.
    of_any_machine
        Whether a record answers that was made with other instructions of the processor or, where the device is chosen
        there, on any device that was asked for: so for jobs that other machines run.
    """
    stored = Stored()
    keys = _keys_by_machine(documents) if of_any_machine else None
    for job in jobs:
        record = _whole(store, job.key if keys is None else keys(job))
        changed = changed_settings(job, documents) if record is None else changes_since(record, job)
        if record is not None and with_models and not changed:
            changed = _lacks_model(record, store)
        if changed:
            stored.outdated[_first(changed)].append(job.choice.label)
        elif record is not None:
            stored.records[job.key] = _named_as(job, record, store)
    return stored


def warn_of_lost_models(jobs: Sequence[Job], documents: Sequence[Record]) -> None:
    """Say which kept models go when jobs that keep none replace the records that have them."""
    kept = {record.key for record in documents if record.model and record.model.files}
    if labels := [job.choice.label for job in jobs if job.key in kept]:
        what = "model of" if len(set(labels)) == 1 else "models of"
        warnings.warn(
            f"the kept {what} {_first(labels)} will be gone when the new record replaces the old one; add "
            "--keep-models to keep the new model",
            RecbenchWarning,
            stacklevel=3,
        )


def _lacks_model(record: Record, store: Store) -> list[str]:
    """Return why the model of a record is not in the store, where fitting anew may change that."""
    if record.model is None:
        return ["its model was not kept"]
    changed = record.model.changed_in(store.folder_of(record))
    if record.model.problem == GONE or not all(path.is_file() for path in changed):
        return ["the files of its model are gone"]
    return ["the files of its model have changed"] if changed else []


def _keys_by_machine(documents: Sequence[Record]) -> Callable[[Job], str]:
    """Return what finds the key that a job has on the machine of a stored record that is no failure."""
    done = {record.key for record in documents if not record.failed}
    machines = dict.fromkeys((record.environment.instructions, record.device) for record in documents)

    def key(job: Job) -> str:
        keys = (job.key_on(instructions, device) for instructions, device in machines if job.may_be_on(device))
        return next((each for each in (job.key, *keys) if each in done), job.key)

    return key


def _whole(store: Store, key: str) -> Record | None:
    """Return the stored record of a key unless it is damaged or a failure."""
    try:
        record = store.find(key)
    except ProtocolError as error:
        warnings.warn(f"{error}. This job is run again now.", RecbenchWarning, stacklevel=2)
        return None
    return None if record is None or record.failed else record


def _named_as(job: Job, record: Record, store: Store) -> Record:
    """Return a stored record with the label and the name of a job, and the search that found its parameters."""
    name, recommender = {"display_name": job.choice.display_name}, record.document["recommender"]
    changes = {part: job.document[part] for part in _SEARCH} if job.choice.found else {}
    if job.choice.display_name is not None:
        changes["recommender"] = {**recommender, **name}
    if any(record.document.get(part) != value for part, value in changes.items()):
        record = replace(record, document={**record.document, **changes})
        store.add(record)
    return replace(
        record, document={**record.document, "recommender": {**recommender, "label": job.choice.label, **name}}
    )


def _first(texts: Iterable[str]) -> str:
    """Return the first few of some texts, and how many more there are."""
    found = list(dict.fromkeys(texts))
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return ", ".join(found[:MOST_NAMED]) + more
