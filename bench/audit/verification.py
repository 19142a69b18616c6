"""The checks of ``recbench verify``: whether stored results are whole, agree with themselves, and are of their task.

This checks integrity, not authenticity: plausible numbers whose digests were computed again to match can only be
exposed by running again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.analysis.source import load_data
from bench.audit.consistency import contradictions, disagreeing
from bench.audit.documents import document_problems, model_problems
from bench.audit.judging import Ledger, judged
from bench.audit.keys import own_validation, possible_keys
from bench.audit.plausibility import disagreements, impossibilities
from bench.audit.redrawing import Redrawing
from bench.audit.searches import search_files, search_problems
from bench.audit.this_code import ThisCode
from bench.audit.unproven import not_proven
from bench.audit.use import names_use, use_judged
from bench.findings import examined
from bench.records.files import DOCUMENT, is_own, read_record
from bench.records.groups import check_one_task
from bench.records.manifest import MANIFEST, RECORDS, read_manifest
from bench.records.reading import digest_of, read_file
from bench.records.results_folders import refuse_several
from bench.records.store import Store
from bench.tables.results import render
from bench.tuning.search import TRIALS
from bench.writing.text import count_text
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from bench.data import Data
    from bench.findings import Finding, Judgement
    from bench.records.manifest import Manifest
    from bench.records.record import Record

TABLE = "table.md"
"""A committed table, if there is one, is what ``recbench table RESULTS --format github`` prints."""


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
        If there are no records, or they are of several splits or datasets.
    DatasetError
        If a dataset that was named cannot be loaded.
    """
    yield from Verification(folder, data, offline=offline).findings()


class Verification:
    """The checks of one folder of results, and what they found against each record.

    Parameters
    ----------
    without
        Folders of records that are not read.

    Attributes
    ----------
    ledger
        The problems of each record, as far as the checks have been done; under ``""`` those of all its records.
    """

    def __init__(self, folder: Path, data: Data, *, offline: bool = False, without: Collection[str] = ()) -> None:
        self.ledger = Ledger()
        self._folder, self._data, self._offline = folder, data, offline
        self._results = _Results(folder, self.ledger, without)
        self._redrawing: Redrawing | None = None

    @property
    def records(self) -> Mapping[str, Record]:
        """The records that could be read, by folder."""
        return self._results.records

    @property
    def missing(self) -> str | None:
        """Why split and candidates were not made again; None where they were."""
        if self._redrawing is None:
            return "no check was done"
        return None if self._redrawing.remade is not None else self._redrawing.missing or "the data were not read"

    def findings(self) -> Iterator[Finding]:
        """Yield one finding per check; see `verify_results`."""
        folder, results = self._folder, self._results
        store = Store(folder)
        refuse_several(folder)
        if store.is_empty:
            raise ProtocolError(f"{folder} holds no records; `recbench run --out {folder}` makes them")
        dataset = None if self._data.dataset is None else load_data(self._data, offline=self._offline)
        with store.unchanged():
            what_is_there = [
                self._examined("manifest", results.manifest),
                self._examined("files", results.files),
                self._examined("records", results.read),
            ]
        yield from what_is_there
        yield self._examined("one task", results.one_task)
        yield self._examined("counts", results.counts)
        yield self._examined("outcomes", results.outcomes)
        yield self._examined("recommenders", results.recommenders)
        if results.using:
            yield examined("use", lambda: use_judged(results.using))
        yield self._examined("keys", results.keys)
        if (folder / TABLE).exists():
            yield examined("table", results.table)
        if results.search_files:
            yield examined("search", results.search)
        redrawing = Redrawing(results.records, self._data, dataset, self.ledger, offline=self._offline)
        self._redrawing = redrawing
        yield self._examined("task", redrawing.task)
        if results.unproven_keys:
            yield self._examined("selected keys", lambda: redrawing.keys(results.unproven_keys))
        yield examined("not proven", lambda: not_proven(results.records.values(), redrawing.remade))

    def _examined(self, name: str, examination: Callable[[], Judgement]) -> Finding:
        """Examine; a failure that is about no certain record is one of all records."""
        n_before = self.ledger.n_problems
        finding = examined(name, examination)
        if finding.status == "fail" and self.ledger.n_problems == n_before:
            self.ledger.against.setdefault("", []).append(f"{name}: {finding.message}")
        return finding


def _owner(file: str) -> str:
    """Return the record that a file belongs to, by its path in the results; nothing for one that is of none."""
    first, _, rest = file.partition("/")
    return rest.partition("/")[0] if first == RECORDS else ""


class _Results:
    """A folder of results; what could be read of it is in ``records``, by folder."""

    def __init__(self, folder: Path, ledger: Ledger, without: Collection[str]) -> None:
        self.records: dict[str, Record] = {}
        self.unproven_keys: dict[str, Record] = {}
        self._folder, self._ledger, self._without = folder, ledger, without
        self._n_folders = 0
        self._being_written: frozenset[str] = frozenset()

    def manifest(self) -> Judgement:
        """Compare the manifest with the one way of writing it: each of its bytes is determined by what it lists."""
        try:
            manifest = read_manifest(self._folder)
        except ValueError as error:
            there_is = "cannot be read" if os.path.lexists(self._folder / MANIFEST) else "is missing"
            return "fail", f"{MANIFEST} {there_is}, so it is unknown what the files were: {error}"
        self._being_written = frozenset(manifest.writing)
        same = manifest.text().encode() == read_file(self._folder / MANIFEST)
        left = f"; {count_text(len(manifest.writing), 'record')} of a run that was stopped" if manifest.writing else ""
        problems = [] if same else [f"{MANIFEST} is not as recbench writes it"]
        return judged(problems, f"{count_text(len(manifest.files), 'file')}{left}")

    def files(self) -> Judgement:
        """Compare every file with the manifest, and the manifest with the files there are."""
        listed = read_manifest(self._folder).as_it_is(self._folder).files
        # A link to a folder counts as a file: what it leads to would be read without being listed.
        paths = [path for path in (self._folder / RECORDS).rglob("*") if path.is_symlink() or not path.is_dir()]
        there = {path.relative_to(self._folder).as_posix(): path for path in paths if not self._is_left_over(path)}
        there |= {name: self._folder / name for name in listed if os.path.lexists(self._folder / name)}
        wrong = [(name, "is listed and missing") for name in sorted(set(listed) - set(there))]
        wrong += [(name, "is not listed") for name in sorted(set(there) - set(listed))]
        changed = [name for name in sorted(set(there) & set(listed)) if digest_of(there[name]) != listed[name]]
        wrong += [(name, "has changed since it was written") for name in changed]
        problems = [line for name, text in wrong for line in self._ledger.kept(_owner(name), [f"{name} {text}"])]
        return judged(problems, f"{count_text(len(there), 'file')}, each with the SHA-256 that the manifest has")

    def _is_left_over(self, path: Path) -> bool:
        """Return whether a file is of a record that was being written when its run was stopped."""
        record, *within = path.relative_to(self._folder / RECORDS).parts
        return record in self._being_written and bool(within) and is_own(within[0])

    def read(self) -> Judgement:
        """Read every record: schema, arrays, shapes, seal, and that it lies where its key says."""
        problems: list[str] = []
        manifest = self._manifest_as_it_is()
        for folder in sorted(path for path in (self._folder / RECORDS).iterdir() if path.is_dir()):
            if folder.name in self._being_written and not (folder / DOCUMENT).exists():
                continue
            if folder.name in self._without:
                continue
            self._n_folders += 1
            try:
                record = read_record(folder, sealed=False)
                problems += self._ledger.kept(folder.name, document_problems(record, folder.name))
                if manifest is not None:
                    listed = manifest.files_of(folder.name)
                    problems += self._ledger.kept(folder.name, model_problems(record, folder.name, listed))
                self.records[folder.name] = record
            except (RecbenchError, ValueError, KeyError, TypeError, AttributeError) as error:
                text = str(error) if isinstance(error, RecbenchError) else f"{folder.name}: {error!r}"
                problems += self._ledger.kept(folder.name, [text])
        n_failed = sum(record.failed for record in self.records.values())
        return judged(problems, count_text(self._n_folders, "record") + (f", {n_failed} failed" if n_failed else ""))

    def _manifest_as_it_is(self) -> Manifest | None:
        """Return the manifest; None where it cannot be read, which is a finding of its own."""
        try:
            return read_manifest(self._folder).as_it_is(self._folder)
        except ValueError:
            return None

    def one_task(self) -> Judgement:
        """Refuse records of several tasks (P18)."""
        try:
            check_one_task(list(self.records.values()))
        except ProtocolError as error:
            return "fail", str(error)
        digests = {record.task.digest for record in self.records.values()}
        return ("ok", digests.pop()) if digests else ("fail", "no record can be read")

    def counts(self) -> Judgement:
        """Compare what can be found twice in a record; the counts of a task are also the same in all its records."""
        problems = [
            line for name, record in self.records.items() for line in self._ledger.named(name, contradictions(record))
        ]
        problems += disagreeing(self.records)
        n_users = sum(record.ranks.n_better.size for record in self.records.values() if record.ranks)
        return judged(problems, f"documents and arrays agree, {n_users:,} per-user ranks")

    def outcomes(self) -> Judgement:
        """Look for impossible times, curves, memory, versions and labels."""
        problems = [
            line for name, record in self.records.items() for line in self._ledger.named(name, impossibilities(record))
        ]
        problems += [line for name, text in disagreements(self.records) for line in self._ledger.named(name, [text])]
        return judged(
            problems, "times, learning curves, memory, versions and labels are plausible (this does not prove them)"
        )

    def recommenders(self) -> Judgement:
        """Compare what records say of recommenders with this code, where the source is the same and loads."""
        code = ThisCode()
        found = {name: code.misdescriptions(record) for name, record in self.records.items()}
        known = {name: texts for name, texts in found.items() if texts is not None}
        problems = [line for name, texts in known.items() for line in self._ledger.named(name, texts)]
        n_others = len(found) - len(known)
        others = f"; {count_text(n_others, 'record')} not compared, as the same code is not here" if n_others else ""
        return judged(problems, f"{count_text(len(known), 'record')} of recommenders as they are here{others}")

    @property
    def using(self) -> dict[str, Record]:
        """The records that have to say which files and libraries they used, by folder."""
        return {name: record for name, record in self.records.items() if names_use(record)}

    def keys(self) -> Judgement:
        """Compute every key again from its record.

        A key also covers the digest of the validation task. A record of the test task does not hold that digest: the
        data are needed to compute it.
        """
        n_proven, problems = 0, list[str]()
        for name, record in self.records.items():
            if record.patience is not None and record.task.purpose != "validation":
                self.unproven_keys[name] = record
                continue
            if record.key in possible_keys(record, own_validation(record)):
                n_proven += 1
            else:
                problems += self._ledger.named(name, ["its key is not the hash of what it says went into it"])
        left = f"; {count_text(len(self.unproven_keys), 'key')} with a selection left" if self.unproven_keys else ""
        return judged(problems, f"{count_text(n_proven, 'key')} computed again{left}")

    def table(self) -> Judgement:
        """Make the committed table again, every figure in it from the ranks."""
        if len(self.records) < self._n_folders:
            return "fail", f"{TABLE} cannot be made again: not all records can be read"
        same = render(self.records.values(), "github").encode() == (self._folder / TABLE).read_bytes()
        problem = f"{TABLE} is not what `recbench table {self._folder} --format github` prints"
        return judged([] if same else [problem], f"{TABLE} made again byte for byte")

    @property
    def search_files(self) -> list[str]:
        """The names of a search's files beside its records; none where the records are not of a search."""
        purposes = {record.task.purpose for record in self.records.values()}
        return search_files(self._folder) if purposes == {"validation"} else []

    def search(self) -> Judgement:
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
        return judged(problems, f"{' and '.join(names)}: figures and parameters made again from the records")
