"""The task of some records, made again from its data: split, candidates and counts."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.audit.consistency import RemadeTask, differences
from bench.audit.judging import judged
from bench.audit.keys import possible_keys
from bench.writing.text import count_text
from protocol.data.datarec import PREFIX as DATAREC
from protocol.data.datarec import is_exported
from protocol.data.fetching import find
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError, ProtocolError
from protocol.tasks.split_rule import rule_of_part
from protocol.tasks.task import DEFAULT_NEGATIVES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bench.data import Data
    from bench.findings import Judgement
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from protocol.data.dataset import Dataset

_FILTERS = ("minimum rating", "-core:")
"""Parts of a dataset's notes by which notes about filters are recognised."""


def load_data(data: Data, *, offline: bool) -> Dataset:
    """Load a dataset; offline, only one that is on this machine.

    Raises
    ------
    DatasetError
        If it cannot be loaded.
    """
    if offline and isinstance(data.dataset, str) and _is_to_be_fetched(data.dataset, data.data_dir):
        raise DatasetError(f"{data.dataset} is not here, and --offline fetches nothing; say --data-dir FOLDER")
    return data.load()


def _is_to_be_fetched(name: str, data_dir: Path | None) -> bool:
    if name.startswith(DATAREC):
        return not is_exported(name)
    return name in REGISTERED and find(name, data_dir) is None


class Redrawing:
    """The task of some records, made again from its data."""

    def __init__(self, records: Mapping[str, Record], data: Data, dataset: Dataset | None, *, offline: bool) -> None:
        self._records, self._dataset, self._offline = records, dataset, offline
        self._data = data
        self._missing: str | None = None
        self.remade: RemadeTask | None = None

    def task(self) -> Judgement:
        """Split and draw again, and compare digest, parts, counts and lists."""
        tasks = [record.task for record in self._records.values()]
        if len({task.digest for task in tasks}) != 1:
            return "fail", "not checked: there is no one task to make again"
        try:
            self._data = _protocol_of(tasks[0], self._data)
        except ValueError as error:
            return "fail", f"not checked: the records name no protocol that can be followed ({error})"
        self._missing = self._get_data(tasks[0])
        if self._missing or self._dataset is None:
            return "warn", f"not checked, neither candidates nor counts: {self._missing}"
        make = self._data.validation_task if tasks[0].purpose == "validation" else self._data.test_task
        task = make(self._dataset)
        remade = self.remade = RemadeTask(task)
        problems = [f"{name}: {text}" for name, record in self._records.items() for text in differences(record, remade)]
        facts = task.facts
        drawn = f"{facts['n_evaluated']:,} users with {facts['n_negatives'] or 'no'} negatives each"
        return judged(problems, f"split, {drawn} and counts made again from {self._dataset.name}")

    def _get_data(self, task: RecordedTask) -> str | None:
        """Load the dataset that the records name, if none was named; return the reason where that fails."""
        filters = [note for note in task.facts.notes if any(mark in note for mark in _FILTERS)]
        if filters and self._data.min_rating is None and self._data.core is None:
            return f"the data were filtered ({'; '.join(filters)}); give the same --min-rating and --core"
        if self._dataset is not None:
            return None
        name = task.dataset
        if name not in REGISTERED and name.partition(":")[0] != "synthetic":
            return f"the records are of {name}; say where it is with --dataset"
        try:
            self._dataset = load_data(replace(self._data, dataset=name), offline=self._offline)
        except DatasetError as error:
            return str(error)
        return None

    def keys(self, records: Mapping[str, Record]) -> Judgement:
        """Compute the keys of records whose epochs were chosen on a validation task."""
        n = count_text(len(records), "key")
        if self._missing or self._dataset is None:
            return "warn", f"{n} not checked, which takes the validation task: {self._missing}"
        left = dict(records)
        for digest in self._validation_digests(self._dataset):
            left = {name: one for name, one in left.items() if one.key not in possible_keys(one, digest)}
            if not left:
                break
        text = "its key is not the hash of what it says went into it"
        return judged([f"{name}: {text}" for name in left], f"{n} computed again with the validation task")

    def _validation_digests(self, dataset: Dataset) -> Iterator[str]:
        """Yield the digests of possible validation tasks: a record does not say all the options of its own."""
        for negatives in dict.fromkeys((self._data.negatives, DEFAULT_NEGATIVES)):
            for short_users in ("all", "drop"):
                options = replace(self._data, negatives=negatives, short_users=short_users)
                # A task that cannot be made is not the one that a record was selected on.
                with contextlib.suppress(ProtocolError):
                    yield options.validation_task(dataset).digest


def _protocol_of(task: RecordedTask, data: Data) -> Data:
    """Return the options with the protocol's as they were: where every user has enough items, "all" is "error"."""
    return replace(
        data,
        protocol_seed=int(task.parts.protocol_seed),
        negatives=task.facts.n_negatives,
        short_users="drop" if task.facts.n_dropped_users else "all",
        split=str(rule_of_part(task.parts.split)),
    )
