"""Datasets of a study, made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hand_made import FACTS, record, task

from bench.studies.columns import DatasetRecords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.records.record import Record


def task_of(name: str, n_users: int, **facts: Any) -> dict[str, Any]:
    """Return the task of a dataset, with a digest of its own."""
    made = task(dataset=name, facts={**FACTS, "n_users": n_users, "n_evaluated": n_users, **facts})
    digest = name.encode().hex().ljust(64, "0")[:64]
    return {**made, "digest": digest, "parts": {**made["parts"], "dataset": digest}}


def dataset_of(name: str, rows: Mapping[str, Sequence[int]], **facts: Any) -> DatasetRecords:
    """Return a dataset with one deterministic record for each row, whose held-out items have so many rivals before."""
    n_users = len(next(iter(rows.values())))
    of = task_of(name, n_users, **facts)
    records = [
        record(
            label,
            ranks,
            full=[9 * rank for rank in ranks],
            of=of,
            deterministic=True,
            top=[[0]] * n_users,
            counts=([5] * n_users, [1] * n_users, [2, 1]),
        )
        for label, ranks in rows.items()
    ]
    return DatasetRecords(name, tuple(map(keyed, records)), Path(name))


def keyed(made: Record) -> Record:
    """Give a record a key that a folder can be named for."""
    made.document["key"] = made.document["key"].encode().hex().ljust(64, "0")[-64:]
    return made
