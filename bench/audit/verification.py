"""The checks of ``recbench verify``: whether stored results are whole, agree with themselves, and are of their task.

This checks integrity, not authenticity: plausible numbers whose digests were computed again to match can only be
exposed by running again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.audit.consistency import agree, contradictions, differences
from bench.audit.plausibility import disagreements, impossibilities, misdescriptions, of_this_code
from bench.audit.searches import search_files, search_problems
from bench.findings import Finding
from bench.records.groups import check_one_task
from bench.records.inputs import job_key
from bench.records.store import (
    ARRAYS,
    DOCUMENT,
    MANIFEST,
    RECORDS,
    Store,
    file_digest,
    folder_name,
    manifest_text,
    read_record,
)
from bench.tables.results import render
from bench.tuning.search import TRIALS
from bench.writing.text import count_text
from protocol.data.sources import NAMED, find
from protocol.errors import DatasetError, ProtocolError
from protocol.tasks.split_rule import rule_of_part
from protocol.tasks.task import DEFAULT_NEGATIVES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from bench.data import Data
    from bench.findings import Status
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from protocol.data.dataset import Dataset

    Outcome = tuple[Status, str]

TABLE = "table.md"
"""A committed table, if there is one, is what ``recbench table RESULTS --format github`` prints."""

MOST_NAMED = 5
"""How many problems a message names."""

_FILTERS = ("minimum rating", "-core:")
"""What notes of the dataset say where it was filtered."""


def verify_results(folder: Path, data: Data, *, offline: bool = False) -> Iterator[Finding]:
    """Yield one finding per check, each as soon as it is known; a check that breaks is itself a finding.

    Parameters
    ----------
    folder
        Of a `bench.records.store.Store`.
    data
        Where the data are; by default those that the records name. The protocol's options are the records' own.
    offline
        Whether to fetch nothing.

    Raises
    ------
    ProtocolError
        If there are no records.
    DatasetError
        If a dataset that was named cannot be loaded.
    """
    if Store(folder).is_empty:
        raise ProtocolError(f"{folder} holds no records; `recbench run --out {folder}` makes them")
    dataset = None if data.dataset is None else _load(data, offline=offline)
    results = _Results(folder)
    yield _examined("manifest", results.manifest)
    yield _examined("files", results.files)
    yield _examined("records", results.read)
    yield _examined("one task", results.one_task)
    yield _examined("counts", results.counts)
    yield _examined("outcomes", results.outcomes)
    yield _examined("recommenders", results.recommenders)
    yield _examined("keys", results.keys)
    if (folder / TABLE).exists():
        yield _examined("table", results.table)
    if results.search_files:
        yield _examined("search", results.search)
    data_finding = _Redrawing(results.records, data, dataset, offline=offline)
    yield _examined("task", data_finding.task)
    if results.unproven_keys:
        yield _examined("selected keys", lambda: data_finding.keys(results.unproven_keys))


def _examined(name: str, examination: Callable[[], Outcome]) -> Finding:
    try:
        status, message = examination()
    except Exception as error:  # noqa: BLE001 - damage can break anything, and is what is looked for
        status, message = "fail", f"{type(error).__name__}: {error}"
    return Finding(name, status, message)


def _outcome(problems: Iterable[str], otherwise: str) -> Outcome:
    """Return a failure with its problems, the first few by name; nothing wrong is ok."""
    found = list(problems)
    if not found:
        return "ok", otherwise
    more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return "fail", "; ".join(found[:MOST_NAMED]) + more


def _load(data: Data, *, offline: bool) -> Dataset:
    if offline and data.dataset in NAMED and find(data.dataset, data.data_dir) is None:
        raise DatasetError(f"{data.dataset} is not here, and --offline fetches nothing; say --data-dir FOLDER")
    return data.load()


class _Results:
    """A folder of results; what could be read of it is in ``records``, by folder."""

    def __init__(self, folder: Path) -> None:
        self.records: dict[str, Record] = {}
        self.unproven_keys: dict[str, Record] = {}
        self._folder = folder
        self._n_folders = 0

    def _listed(self) -> Mapping[str, str]:
        text = (self._folder / MANIFEST).read_text(encoding="utf-8")
        listed: dict[str, str] = json.loads(text)["files"]
        return listed

    def manifest(self) -> Outcome:
        """Compare the manifest with the one way of writing it: each of its bytes is determined by what it lists."""
        if not (self._folder / MANIFEST).is_file():
            return "fail", f"there is no {MANIFEST}, so it is unknown what the files were"
        try:
            listed = self._listed()
            same = manifest_text(listed).encode() == (self._folder / MANIFEST).read_bytes()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return "fail", f"{MANIFEST} cannot be read: {type(error).__name__}: {error}"
        return _outcome([] if same else [f"{MANIFEST} is not as recbench writes it"], count_text(len(listed), "file"))

    def files(self) -> Outcome:
        """Compare every file with the manifest, and the manifest with the files there are."""
        listed = self._listed()
        # A link to a folder counts as a file: what it leads to would be read without being listed.
        paths = [path for path in (self._folder / RECORDS).rglob("*") if path.is_symlink() or not path.is_dir()]
        there = {path.relative_to(self._folder).as_posix(): path for path in paths}
        problems = [f"{name} is listed and missing" for name in sorted(set(listed) - set(there))]
        problems += [f"{name} is not listed" for name in sorted(set(there) - set(listed))]
        changed = [name for name in sorted(set(there) & set(listed)) if file_digest(there[name]) != listed[name]]
        problems += [f"{name} has changed since it was written" for name in changed]
        return _outcome(problems, f"{count_text(len(there), 'file')}, each with the SHA-256 that the manifest has")

    def read(self) -> Outcome:
        """Read every record: schema, arrays, shapes, and that it lies where its key says."""
        problems = []
        for folder in sorted(path for path in (self._folder / RECORDS).iterdir() if path.is_dir()):
            self._n_folders += 1
            try:
                record = read_record(folder)
                if folder_name(record) != folder.name:
                    problems.append(f"{folder.name} holds the record {folder_name(record)}")
                if set(record.contents.files) != (set() if record.failed else {ARRAYS}):
                    problems.append(f"{folder.name}/{DOCUMENT} does not list the files that belong to it")
                self.records[folder.name] = record
            except (ProtocolError, ValueError, KeyError, TypeError, AttributeError) as error:
                problems.append(str(error) if isinstance(error, ProtocolError) else f"{folder.name}: {error!r}")
        n_failed = sum(record.failed for record in self.records.values())
        return _outcome(problems, count_text(self._n_folders, "record") + (f", {n_failed} failed" if n_failed else ""))

    def one_task(self) -> Outcome:
        """Refuse records of several tasks (P18)."""
        try:
            check_one_task(list(self.records.values()))
        except ProtocolError as error:
            return "fail", str(error)
        digests = {record.task.digest for record in self.records.values()}
        return ("ok", digests.pop()) if digests else ("fail", "no record can be read")

    def counts(self) -> Outcome:
        """Compare what can be found twice in a record; the counts of a task are also the same in all its records."""
        problems = [f"{name}: {text}" for name, record in self.records.items() for text in contradictions(record)]
        problems += [f"{name}: its counts differ from those in {first}" for first, name in self._disagreeing()]
        n_users = sum(record.ranks.n_better.size for record in self.records.values() if record.ranks)
        return _outcome(problems, f"documents and arrays agree, {n_users:,} per-user ranks")

    def _disagreeing(self) -> Iterator[tuple[str, str]]:
        """Yield pairs of records of one task that do not agree on what is counted of it."""
        first_of: dict[str, str] = {}
        for name, record in self.records.items():
            if record.counts is not None:
                first = first_of.setdefault(record.task.digest, name)
                if not agree(self.records[first], record):
                    yield first, name

    def outcomes(self) -> Outcome:
        """Look for impossible times, curves, memory, versions and labels."""
        problems = [f"{name}: {text}" for name, record in self.records.items() for text in impossibilities(record)]
        problems += disagreements(self.records)
        return _outcome(
            problems, "times, learning curves, memory, versions and labels are plausible (this does not prove them)"
        )

    def recommenders(self) -> Outcome:
        """Compare what records say of recommenders with this code, where the source is the same."""
        known = {name: record for name, record in self.records.items() if of_this_code(record)}
        problems = [f"{name}: {text}" for name, record in known.items() for text in misdescriptions(record)]
        n_others = len(self.records) - len(known)
        others = f"; {count_text(n_others, 'record')} of other code not compared" if n_others else ""
        return _outcome(problems, f"{count_text(len(known), 'record')} of recommenders as they are here{others}")

    def keys(self) -> Outcome:
        """Compute every key again from its record.

        A key also covers the digest of the validation task; where that is another task than the record's, it is not in
        the record, and the data are needed.
        """
        problems, n_proven = [], 0
        for name, record in self.records.items():
            if record.patience is not None and record.task.purpose != "validation":
                self.unproven_keys[name] = record
                continue
            if record.key in _possible_keys(record, _own_validation(record)):
                n_proven += 1
            else:
                problems.append(f"{name}: its key is not the hash of what it says went into it")
        left = f"; {count_text(len(self.unproven_keys), 'key')} with a selection left" if self.unproven_keys else ""
        return _outcome(problems, f"{count_text(n_proven, 'key')} computed again{left}")

    def table(self) -> Outcome:
        """Make the committed table again, every figure in it from the ranks."""
        if len(self.records) < self._n_folders:
            return "fail", f"{TABLE} cannot be made again: not all records can be read"
        same = render(self.records.values(), "github").encode() == (self._folder / TABLE).read_bytes()
        problem = f"{TABLE} is not what `recbench table {self._folder} --format github` prints"
        return _outcome([] if same else [problem], f"{TABLE} made again byte for byte")

    @property
    def search_files(self) -> list[str]:
        """The names of a search's files beside its records; none where the records are not of a search."""
        purposes = {record.task.purpose for record in self.records.values()}
        return search_files(self._folder) if purposes == {"validation"} else []

    def search(self) -> Outcome:
        """Make trials and the best of them again from the records."""
        names = self.search_files
        if len(self.records) < self._n_folders:
            return "fail", f"{', '.join(names)} cannot be made again: not all records can be read"
        if TRIALS not in names:
            return (
                "warn",
                f"{', '.join(names)} not checked: without {TRIALS} its records are unknown",
            )
        if len(names) > 2:
            return (
                "warn",
                f"{', '.join(names)} not checked: {TRIALS} is of one of two searches, which is unknown",
            )
        problems = search_problems(self._folder, list(self.records.values()))
        return _outcome(problems, f"{' and '.join(names)}: figures and parameters made again from the records")


def _own_validation(record: Record) -> str | None:
    """Return the digest of the validation task of a record that is of that very task, or of none."""
    return None if record.patience is None else record.task.digest


def _possible_keys(record: Record, validation: str | None) -> set[str]:
    """Return what a record's key may be; without ranks it is unknown whether the catalogue was to be ranked."""
    return {
        job_key(
            record.recommender,
            task=record.task.digest,
            validation=validation,
            patience=record.patience,
            full=full,
            seed=record.seed,
            threads=record.threads,
            versions=record.environment.versions,
        )
        for full in ((False, True) if record.failed else (record.full_ranks is not None,))
    }


class _Redrawing:
    """The task of some records, made again from its data."""

    def __init__(self, records: Mapping[str, Record], data: Data, dataset: Dataset | None, *, offline: bool) -> None:
        self._records, self._dataset, self._offline = records, dataset, offline
        self._data = data
        self._missing: str | None = None

    def task(self) -> Outcome:
        """Split and draw again, and compare digest, parts, counts and lists."""
        tasks = [record.task for record in self._records.values()]
        if len({task.digest for task in tasks}) != 1:
            return "fail", "not checked: there is no one task to make again"
        self._data = _protocol_of(tasks[0], self._data)
        self._missing = self._get_data(tasks[0])
        if self._missing or self._dataset is None:
            return "warn", f"not checked, neither candidates nor counts: {self._missing}"
        make = self._data.validation_task if tasks[0].purpose == "validation" else self._data.test_task
        task = make(self._dataset)
        problems = [f"{name}: {text}" for name, record in self._records.items() for text in differences(record, task)]
        facts = task.facts
        drawn = f"{facts['n_evaluated']:,} users with {facts['n_negatives'] or 'no'} negatives each"
        return _outcome(problems, f"split, {drawn} and counts made again from {self._dataset.name}")

    def _get_data(self, task: RecordedTask) -> str | None:
        """Load the dataset that the records name, if none was named; return the reason where that fails."""
        filters = [note for note in task.facts.notes if any(mark in note for mark in _FILTERS)]
        if filters and self._data.min_rating is None and self._data.core is None:
            return f"the data were filtered ({'; '.join(filters)}); give the same --min-rating and --core"
        if self._dataset is not None:
            return None
        name = task.dataset
        if name not in NAMED and name.partition(":")[0] != "synthetic":
            return f"the records are of {name}; say where it is with --dataset"
        try:
            self._dataset = _load(replace(self._data, dataset=name), offline=self._offline)
        except DatasetError as error:
            return str(error)
        return None

    def keys(self, records: Mapping[str, Record]) -> Outcome:
        """Compute the keys of records whose epochs were chosen on a validation task."""
        n = count_text(len(records), "key")
        if self._missing or self._dataset is None:
            return "warn", f"{n} not checked, which takes the validation task: {self._missing}"
        left = dict(records)
        for digest in self._validation_digests(self._dataset):
            left = {name: one for name, one in left.items() if one.key not in _possible_keys(one, digest)}
            if not left:
                break
        text = "its key is not the hash of what it says went into it"
        return _outcome([f"{name}: {text}" for name in left], f"{n} computed again with the validation task")

    def _validation_digests(self, dataset: Dataset) -> Iterator[str]:
        """Yield the digests of possible validation tasks: a record does not say all the options of its own."""
        for negatives in dict.fromkeys((self._data.negatives, DEFAULT_NEGATIVES)):
            for short_users in ("all", "drop"):
                options = replace(self._data, negatives=negatives, short_users=short_users)
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
