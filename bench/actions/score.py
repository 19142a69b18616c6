"""Rank the scores that another program wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.run import Outcome

if TYPE_CHECKING:
    from bench.data import Data


def score_records(
    scores: Path,
    data: Data,
    *,
    label: str | None = None,
    out: Path | str | None = None,
    baseline: str | None = None,
) -> Outcome:
    """Do what `score` does, and return all records of the folder."""
    from bench.exchange.external import external_record
    from bench.records.groups import check_label, group_records
    from bench.records.store import Store

    data = data.named()
    dataset = data.load()
    task = data.test_task(dataset)
    record = external_record(scores, dataset, task, scores.resolve().name.split(".")[0] if label is None else label)
    folder = Path(out) if out else data.folder(dataset, task)
    store = Store(folder)
    records = [] if store.is_empty else store.records()
    is_new = record.key not in {other.key for other in records}
    records += [record] * is_new
    groups = group_records(records)
    if baseline is not None:
        check_label(baseline, [group.label for group in groups])
    if is_new:
        store.add(record)
    return Outcome(tuple(records), folder)
