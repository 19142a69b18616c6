"""The task of some records, made again from its data: split, candidates and counts."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analysis.source import load_data, protocol_of, source_of
from bench.audit.consistency import RemadeTask, differences
from bench.audit.judging import judged
from bench.audit.keys import possible_keys
from bench.writing.text import count_text
from protocol.errors import DatasetError, ProtocolError
from protocol.tasks.task import DEFAULT_NEGATIVES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.audit.judging import Ledger
    from bench.data import Data
    from bench.findings import Judgement
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from protocol.data.dataset import Dataset


class Redrawing:
    """The task of some records, made again from its data.

    Attributes
    ----------
    remade
        The task; None where it was not made again.
    missing
        Why the data are not here, if that is why.
    """

    def __init__(
        self, records: Mapping[str, Record], data: Data, dataset: Dataset | None, ledger: Ledger, *, offline: bool
    ) -> None:
        self._records, self._dataset, self._offline = records, dataset, offline
        self._data, self._ledger = data, ledger
        self.missing: str | None = None
        self.remade: RemadeTask | None = None

    def task(self) -> Judgement:
        """Split and draw again, and compare digest, parts, counts and lists."""
        tasks = [record.task for record in self._records.values()]
        if len({task.digest for task in tasks}) != 1:
            return "fail", "not checked: there is no one task to make again"
        try:
            self._data = protocol_of(tasks[0], self._data)
        except ValueError as error:
            return "fail", f"not checked: the records name no protocol that can be followed ({error})"
        self.missing = self._get_data(tasks[0])
        if self.missing or self._dataset is None:
            return "warn", f"not checked, neither candidates nor counts: {self.missing}"
        make = self._data.validation_task if tasks[0].purpose == "validation" else self._data.test_task
        task = make(self._dataset)
        remade = self.remade = RemadeTask(task)
        problems = [
            line
            for name, record in self._records.items()
            for line in self._ledger.named(name, differences(record, remade))
        ]
        facts = task.facts
        drawn = f"{facts['n_evaluated']:,} users with {facts['n_negatives'] or 'no'} negatives each"
        return judged(problems, f"split, {drawn} and counts made again from {self._dataset.name}")

    def _get_data(self, task: RecordedTask) -> str | None:
        """Load the dataset that the records name, if none was named; return the reason where that fails."""
        try:
            source = source_of(task, self._data)
            if self._dataset is None:
                self._dataset = load_data(source, offline=self._offline)
        except DatasetError as error:
            return str(error)
        return None

    def keys(self, records: Mapping[str, Record]) -> Judgement:
        """Compute the keys of records whose epochs were chosen on a validation task."""
        n = count_text(len(records), "key")
        if self.missing or self._dataset is None:
            return "warn", f"{n} not checked, which takes the validation task: {self.missing}"
        left = dict(records)
        for digest in self._validation_digests(self._dataset):
            left = {name: one for name, one in left.items() if one.key not in possible_keys(one, digest)}
            if not left:
                break
        text = "its key is not the hash of what it says went into it"
        problems = [line for name in left for line in self._ledger.named(name, [text])]
        return judged(problems, f"{n} computed again with the validation task")

    def _validation_digests(self, dataset: Dataset) -> Iterator[str]:
        """Yield the digests of possible validation tasks: a record does not say all the options of its own."""
        for negatives in dict.fromkeys((self._data.negatives, DEFAULT_NEGATIVES)):
            for short_users in ("all", "drop"):
                options = replace(self._data, negatives=negatives, short_users=short_users)
                # A task that cannot be made is not the one that a record was selected on.
                with contextlib.suppress(ProtocolError):
                    yield options.validation_task(dataset).digest
