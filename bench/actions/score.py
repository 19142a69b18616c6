"""Rank the scores that another program wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import Results, TableOptions
from bench.data import data_of
from bench.names import DEFAULT_VIEWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from bench.data import Data, DataOptions, Source
    from bench.names import View


def score(
    scores: Path | str,
    dataset: Source | Data | None = None,
    *,
    label: str | None = None,
    out: Path | str | None = None,
    k: int | str | Sequence[int] = 10,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    slices: bool = False,
    **data: Unpack[DataOptions],
) -> Results:
    """Rank the scores that another program wrote, as a row beside those that a folder has.

    Parameters
    ----------
    scores
        A file, or a folder of files; see `bench.exchange.scores.read_scores`.
    dataset
        As for `bench.run`; ml-100k by default.
    label
        What the row is called; by default the file's name without its ending.
    out
        The folder of the table's other records; ``runs/DATASET`` by default.
    k, metrics, views, baseline, beyond_accuracy, slices
        What the table shows and tests; see `bench.actions.results.TableOptions`.
    data
        Further options of `bench.Data`, such as ``protocol_seed``.

    Returns
    -------
    Results
        All records of the folder.

    Raises
    ------
    RecbenchError
        If an option does not take its value, the data cannot be read, a candidate lacks one finite score, ``out``
        holds another task's records, or no row is called like the baseline; then nothing is written.
    """
    from bench.exchange.external import external_record
    from bench.records.groups import check_label, group_records
    from bench.records.results_folders import check_no_splits
    from bench.records.store import Store

    options = TableOptions().changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    path, source = Path(scores), data_of(score, dataset, data).named()
    found = source.load()
    task = source.test_task(found)
    folder = Path(out) if out else source.folder(found, task)
    check_no_splits(folder)
    record = external_record(path, found, task, path.resolve().name.split(".")[0] if label is None else label)
    store = Store(folder)
    records = [] if store.is_empty else store.records()
    is_new = record.key not in {other.key for other in records}
    records += [record] * is_new
    groups = group_records(records)
    if baseline is not None:
        check_label(baseline, [group.label for group in groups])
    if is_new:
        store.add(record)
    return Results(tuple(records), folder, options)
