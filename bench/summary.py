"""From records to the figures of a table: one row per recommender, pooled over its training seeds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.errors import ProtocolError
from protocol.metrics import hit_rate, ndcg
from protocol.statistics import Interval, mean_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.store import Record
    from protocol.ranking import Ranks

FULL = "full "
"""Begins the name of a figure that ranks against every untouched item instead of the candidates."""


@dataclass(frozen=True)
class Row:
    """One recommender with one set of hyper-parameters, or its failure.

    Parameters
    ----------
    label
        Name and parameters as given; unique within a summary.
    seeds
        The training seeds that the row pools, ascending.
    accuracy
        ``"HR@10"``, ``"NDCG@10"``, ``"full HR@10"``, ...: mean over users of the per-user values (averaged over
        training seeds first), with the interval over users. Empty for a failure; no ``full`` ones where the
        recommender does not rank the whole catalogue.
    fit_seconds, score_us_per_user, selection_seconds
        Means over seeds.
    peak_mib
        The highest over seeds.
    best_epochs
        Per seed, where the number of epochs was chosen on the validation task.
    failure_kind, failure
        In a word, and in a line.
    """

    label: str
    recommender: Mapping[str, Any]
    seeds: tuple[int, ...]
    accuracy: Mapping[str, Interval] = field(default_factory=dict)
    fit_seconds: float | None = None
    score_us_per_user: float | None = None
    peak_mib: float | None = None
    selection_seconds: float | None = None
    best_epochs: tuple[int, ...] = ()
    failure_kind: str | None = None
    failure: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the row is a failure."""
        return self.failure_kind is not None


@dataclass(frozen=True)
class Summary:
    """All that a table shows, in figures.

    Parameters
    ----------
    task
        Of the records: ``digest``, ``purpose``, ``parts``, ``dataset`` and ``facts``.
    ks
        The cut-offs; the first one sorts.
    rows
        By NDCG at the first cut-off, descending; failures last.
    environments
        The distinct ones of the records.
    threads, patiences
        The distinct numbers of threads, and of epochs without improvement after which selection stopped.
    n_fewer_rivals
        How many users have fewer rivals among the candidates than others.
    """

    task: Mapping[str, Any]
    ks: tuple[int, ...]
    rows: tuple[Row, ...]
    environments: tuple[Mapping[str, Any], ...]
    threads: tuple[int, ...]
    patiences: tuple[int, ...]
    n_fewer_rivals: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """All training seeds of the rows, ascending."""
        return tuple(sorted({seed for row in self.rows for seed in row.seeds}))


def summarise(records: Iterable[Record], ks: Sequence[int] = (10,)) -> Summary:
    """Return the figures of a table; a pure function of the records, whatever their order.

    Records of one recommender that differ in parameters, source, threads, selection or versions stay apart; where
    they also share a label, the label gets the first digits of a hash of those.

    Raises
    ------
    ProtocolError
        If there are no records, or they are of different tasks.
    """
    ordered = sorted(records, key=lambda record: str(record.document["key"]))
    if not ordered:
        raise ProtocolError("there are no records to show; `recbench run` makes them")
    check_one_task(ordered)
    documents = [record.document for record in ordered]
    patiences = {document["patience"] for document in documents if document["patience"] is not None}
    return Summary(
        task=_pooled_task(documents),
        ks=tuple(ks),
        rows=_sorted_rows(_rows(ordered, tuple(ks)), ks[0]),
        environments=_distinct([document["environment"] for document in documents]),
        threads=tuple(sorted({document["threads"] for document in documents})),
        patiences=tuple(sorted(patiences)),
        n_fewer_rivals=_n_fewer_rivals(ordered),
    )


def check_one_task(records: Sequence[Record]) -> None:
    """Refuse records of different tasks, naming the parts that differ.

    Raises
    ------
    ProtocolError
        If there are several task digests.
    """
    tasks = {record.document["task"]["digest"]: record.document["task"] for record in records}
    if len(tasks) < 2:
        return
    names = sorted({name for task in tasks.values() for name in task["parts"]})
    differing = []
    for name in names:
        found = sorted({_part(task, name) for task in tasks.values()})
        if len(found) > 1:
            differing.append(f"{name.replace('_', ' ')} ({' against '.join(found)})")
    raise ProtocolError(
        f"the records are of {len(tasks)} different tasks, and figures of different tasks cannot be compared; "
        f"they differ in {', '.join(differing) or 'their digest'}; give each task a folder of its own with --out"
    )


def _part(task: Mapping[str, Any], name: str) -> str:
    """Return a part of a task, short enough for an error message."""
    value = str(task["parts"].get(name, "none"))
    short = value[:12] if len(value) == 64 else value
    return f"{task['dataset']} {short}" if name == "dataset" else short


def _n_fewer_rivals(records: Sequence[Record]) -> int:
    """Count users with fewer rivals than others; it is a fact of the task, so any ranks tell it."""
    n_rivals = next((record.ranks.n_rivals for record in records if record.ranks is not None), np.zeros(0, np.int32))
    return int(np.count_nonzero(n_rivals < n_rivals.max(initial=0)))


def _pooled_task(documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the records' task; a note that only some of them carry (the digest leaves notes out) is kept."""
    task = dict(documents[0]["task"])
    notes = [note for document in documents for note in document["task"]["facts"].get("notes", [])]
    task["facts"] = {**task["facts"], "notes": list(dict.fromkeys(notes))}
    return task


def _distinct(values: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple({json.dumps(value, sort_keys=True): value for value in values}.values())


def _identity(document: Mapping[str, Any]) -> str:
    """Return what records must share to be pooled: everything that makes a recommender but its seed."""
    recommender = document["recommender"]
    parts = {name: recommender.get(name) for name in ("label", "reference", "parameters", "source_sha256")}
    parts["threads"] = document["threads"]
    parts["patience"] = document["patience"]
    parts["versions"] = document["environment"].get("versions")
    return json.dumps(parts, sort_keys=True)


def _rows(records: Sequence[Record], ks: tuple[int, ...]) -> list[Row]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[_identity(record.document)].append(record)
    labels = _unique_labels(groups)
    rows = []
    for identity, group in groups.items():
        in_order = sorted(group, key=lambda record: int(record.document["seed"]))
        fitted = [record for record in in_order if record.document["status"] == "ok"]
        if fitted:
            rows.append(_pooled(labels[identity], fitted, ks))
        rows.extend(_failures(labels[identity], [record for record in in_order if record.document["status"] != "ok"]))
    return rows


def _unique_labels(groups: Mapping[str, Sequence[Record]]) -> dict[str, str]:
    """Return a label for each identity; those that would share one get a few digits of their hash."""
    import hashlib

    plain = {identity: str(group[0].document["recommender"]["label"]) for identity, group in groups.items()}
    shared = {label for label in plain.values() if list(plain.values()).count(label) > 1}
    return {
        identity: f"{label} #{hashlib.sha256(identity.encode()).hexdigest()[:7]}" if label in shared else label
        for identity, label in plain.items()
    }


def _pooled(label: str, records: Sequence[Record], ks: tuple[int, ...]) -> Row:
    """Return one row of the records of one recommender, one per seed."""
    documents = [record.document for record in records]
    selections = [document["selection"] for document in documents if document["selection"]]
    full_ranks = [record.full_ranks for record in records if record.full_ranks is not None]
    accuracy = _accuracy("", [record.ranks for record in records if record.ranks is not None], ks)
    if len(full_ranks) == len(records):
        accuracy |= _accuracy(FULL, full_ranks, ks)
    return Row(
        label=label,
        recommender=documents[0]["recommender"],
        seeds=tuple(int(document["seed"]) for document in documents),
        accuracy=accuracy,
        fit_seconds=_mean(document["time"]["fit_seconds"] for document in documents),
        score_us_per_user=_mean(document["time"]["score_us_per_user"] for document in documents),
        peak_mib=max((document["memory"]["peak_mib"] for document in documents if document["memory"]), default=None),
        selection_seconds=_mean(selection["seconds"] for selection in selections) if selections else None,
        best_epochs=tuple(int(selection["best_epoch"]) for selection in selections),
    )


def _accuracy(prefix: str, ranks_by_seed: Sequence[Ranks], ks: tuple[int, ...]) -> dict[str, Interval]:
    """Return hit rate and NDCG at each cut-off: each user's values averaged over seeds, then an interval over users."""
    return {
        f"{prefix}{name}@{k}": mean_interval(np.mean([metric(ranks, k) for ranks in ranks_by_seed], axis=0))
        for k in ks
        for name, metric in (("HR", hit_rate), ("NDCG", ndcg))
    }


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _failures(label: str, records: Sequence[Record]) -> list[Row]:
    """Return one row for each way in which the records failed, in the order of seeds."""
    seeds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        failure = record.document["failure"]
        seeds[failure["kind"], failure["message"]].append(int(record.document["seed"]))
    recommender = records[0].document["recommender"] if records else {}
    return [
        Row(label, recommender, tuple(found), failure_kind=kind, failure=message)
        for (kind, message), found in seeds.items()
    ]


def _sorted_rows(rows: Sequence[Row], k: int) -> tuple[Row, ...]:
    def place(row: Row) -> tuple[bool, float, str, tuple[int, ...]]:
        return row.failed, 0.0 if row.failed else -row.accuracy[f"NDCG@{k}"].mean, row.label, row.seeds

    return tuple(sorted(rows, key=place))
