"""Groups of records: those of one recommender with its parameters, over its training seeds."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.records.task import Parts
from protocol.errors import ProtocolError
from recommenders.registry.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record
    from bench.records.task import RecordedTask


@dataclass(frozen=True, eq=False)
class Group:
    """The records of one recommender with one set of hyper-parameters and one machine, one for each training seed.

    Parameters
    ----------
    label
        Name and parameters as given, or the name that the user gives to the row; unique within all groups.
    fitted, failed
        By ascending seed; not both are empty.
    shares_name
        Whether other groups have the same name, so that the label ends with digits.
    """

    label: str
    fitted: tuple[Record, ...]
    failed: tuple[Record, ...]
    shares_name: bool = False

    @property
    def recommender(self) -> RecordedRecommender:
        """The recommender, as its records describe it."""
        return (*self.fitted, *self.failed)[0].recommender

    @property
    def deterministic(self) -> bool:
        """Whether training again gives the same model."""
        return self.recommender.deterministic

    @property
    def seeds(self) -> tuple[int, ...]:
        """The training seeds that came to their end, ascending."""
        return tuple(record.seed for record in self.fitted)


def group_records(records: Iterable[Record]) -> list[Group]:
    """Return the groups of records, whatever their order.

    Records of one recommender that differ in parameters, source, threads, selection, versions, machine, device or the
    content of a file that they used stay apart: no time is the mean over two machines. So do those of two sets of
    processor instructions if the recommender's figures depend on them, and two of one seed, of which only one ranks the
    whole catalogue, say: pooled, a model would pass for two trainings. Those to which the user gave different names
    stay apart, too.
    Groups that share a label get the first digits of a hash behind it.

    Raises
    ------
    ProtocolError
        If there are no records, or they are of different tasks.
    """
    ordered = sorted(records, key=lambda record: (record.key, record.seed))
    if not ordered:
        raise ProtocolError("there are no records to show; `recbench run` makes them")
    check_one_task(ordered)
    members: dict[str, list[Record]] = defaultdict(list)
    for record in ordered:
        members[_identity(record)].append(record)
    for parts_of in (_by_machine, _by_use, _by_training, _by_name):
        members = {part: found for identity, records in members.items() for part, found in parts_of(identity, records)}
    names = {identity: _name(found) for identity, found in members.items()}
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    groups = []
    for identity, found in members.items():
        by_seed = sorted(found, key=lambda record: record.seed)
        fitted = tuple(record for record in by_seed if not record.failed)
        failed = tuple(record for record in by_seed if record.failed)
        name, is_shared = names[identity], names[identity] in shared
        groups.append(Group(_numbered(name, identity) if is_shared else name, fitted, failed, is_shared))
    return groups


def check_label(label: str, labels: Sequence[str]) -> None:
    """Refuse a label that no row has.

    Raises
    ------
    ProtocolError
        Naming the rows that there are.
    """
    if label not in labels:
        hint = did_you_mean(str(label), labels)
        raise ProtocolError(f"no row is called {label!r}{hint}; there are {listed(labels)}")


def check_one_task(records: Sequence[Record]) -> None:
    """Refuse records of different tasks, naming the parts that differ (P18).

    Raises
    ------
    ProtocolError
        If there are several task digests.
    """
    check_same_task("the records are", [record.task for record in records])


def check_same_task(who_are: str, tasks: Iterable[RecordedTask]) -> None:
    """Refuse different tasks, naming the parts that differ (P18).

    Parameters
    ----------
    who_are
        Whose tasks these are, as the message begins: "the records are".

    Raises
    ------
    ProtocolError
        If there are several digests.
    """
    by_digest: dict[str, RecordedTask] = {}
    for task in tasks:
        _check_alike(who_are, by_digest.setdefault(task.digest, task), task)
    if len(by_digest) < 2:
        return
    differing = []
    for name in sorted(Parts.__struct_fields__):
        found = sorted({_part(task, name) for task in by_digest.values()})
        if len(found) > 1:
            differing.append(f"{name.replace('_', ' ')} ({' against '.join(found)})")
    raise ProtocolError(
        f"{who_are} of {len(by_digest)} different tasks, and figures of different tasks cannot be compared; "
        f"they differ in {', '.join(differing) or 'their digest'}; give each task a folder of its own with --out"
    )


def _check_alike(who_are: str, one: RecordedTask, other: RecordedTask) -> None:
    """Refuse one digest for two tasks: what a table says of its task is so for each of its records."""
    if (one.parts, one.purpose, one.facts.n_negatives) != (other.parts, other.purpose, other.facts.n_negatives):
        raise ProtocolError(
            f"{who_are} of one task by its digest, and differ in its parts; `recbench verify` names the damaged ones"
        )


def _part(task: RecordedTask, name: str) -> str:
    """Return a part of a task, short enough for an error message."""
    value: str = getattr(task.parts, name)
    short = value[:12] if len(value) == 64 else value
    return f"{task.dataset} {short}" if name == "dataset" else short


def _identity(record: Record) -> str:
    """Return what records must share to be pooled: everything that makes a recommender except its seed."""
    recommender = record.recommender
    parts = {name: getattr(recommender, name) for name in ("label", "reference", "parameters", "source_sha256")}
    if recommender.libraries:
        parts["libraries"] = recommender.libraries
    parts["threads"] = record.threads
    parts["patience"] = record.patience
    parts["versions"] = record.environment.versions or None
    if record.environment.instructions and not recommender.processor_independent:
        parts["instructions"] = record.environment.instructions
    if record.device is not None:
        parts["device"] = record.device.deciding
    return json.dumps(parts, sort_keys=True)


def _by_machine(identity: str, records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Part records by the machine that they were made on."""
    parts: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        parts[json.dumps(record.environment.machine)].append(record)
    for machine, members in parts.items():
        yield identity if len(parts) == 1 else f"{identity} {machine}", members


def _by_use(identity: str, records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Part records so that those of one part agree on each file and library that several of them used.

    They need not have used the same ones: one seed may read what another has made.
    """
    parts: list[tuple[dict[str, str], list[Record]]] = []
    for record in records:
        used = _used_versions(record)
        for known, members in parts:
            if all(known.get(name, version) == version for name, version in used.items()):
                known.update(used)
                members.append(record)
                break
        else:
            parts.append((used, [record]))
    for known, members in parts:
        yield identity if len(parts) == 1 else f"{identity} {json.dumps(known, sort_keys=True)}", members


def _used_versions(record: Record) -> dict[str, str]:
    """Return the digest of each file, and the version of each library, that a record used."""
    if record.used is None:
        return {}
    files = {f"{root} {name}": digest for root, names in record.used.files.items() for name, digest in names.items()}
    return {**files, **record.used.distributions}


def _by_training(identity: str, records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Part records so that each seed was fitted once in each part; the first has full rankings, and all failures."""
    parts: dict[str, list[Record]] = defaultdict(list)
    n_fitted: Counter[int] = Counter()
    for record in sorted(records, key=lambda record: record.full_ranks is None):
        n_before = 0 if record.failed else n_fitted[record.seed]
        n_fitted[record.seed] += not record.failed
        parts[f"{identity} {n_before}" if n_before else identity].append(record)
    yield from parts.items()


def _by_name(identity: str, records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Part records by the names that the user gave; where there is one name, records without any have it, too."""
    parts: dict[str | None, list[Record]] = defaultdict(list)
    for record in records:
        parts[record.recommender.display_name].append(record)
    if len(parts.keys() - {None}) < 2:
        yield identity, list(records)
        return
    for name, members in parts.items():
        yield f"{identity} {json.dumps(name)}", members


def _name(records: Sequence[Record]) -> str:
    """Return what the row of some records is called."""
    named = [record for record in records if record.recommender.display_name]
    return (named or records)[0].recommender.row_name


def _numbered(name: str, identity: str) -> str:
    """Return a name with a few digits that tell its group from the others of this name."""
    return f"{name} #{hashlib.sha256(identity.encode()).hexdigest()[:7]}"
