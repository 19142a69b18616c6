"""Files of a task for other people's code: the NCF paper's three files, Parquet tables, TREC qrels and runs.

Ids are the dataset's own. Of the candidates, the held-out item and the distinct rivals are written (P11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.exchange.scores import candidate_scores, read_scores
from bench.names import EXPORT_FORMATS, ExportFormat, check_known, file_name
from protocol.data.ncf import NEGATIVE, TEST, TRAIN
from protocol.data.registered import likely_collection
from protocol.drafts import drafts
from protocol.errors import DatasetError, ProtocolError
from protocol.installation import how_to_add
from protocol.tasks.listing import written_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import numpy.typing as npt

    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task
    from protocol.types import Scores

    Values = npt.NDArray[Any]
    Writer = Callable[[Path], None]

QRELS, RUN = ".qrels", ".run"
TRAIN_TABLE, HELDOUT_TABLE, CANDIDATE_TABLE = ".train.parquet", ".heldout.parquet", ".candidates.parquet"


def export_task(
    dataset: Dataset, task: Task, form: ExportFormat, folder: Path, *, scores: Path | None = None
) -> list[Path]:
    """Write a task into a folder, and return the files.

    Parameters
    ----------
    dataset
        Of the task.
    form
        ``"ncf"``: training and held-out lines with rating 1, and lists of rivals; ``"parquet"``: tables of training
        interactions, held-out items and candidates (sorted by item, so that the order does not show the held-out one);
        ``"trec"``: qrels, in which the held-out item alone is relevant.
    scores
        For ``"trec"``: they become a run, with each user's candidates, best first.

    Raises
    ------
    RecbenchError
        If the format cannot hold the ids, a file exists already, pyarrow is missing, or the scores are malformed.
    """
    check_known("export format", form, EXPORT_FORMATS)
    if scores is not None and form != "trec":
        raise ProtocolError(f"scores become a run of --format trec; {form} has no place for them")
    if form != "trec" or scores is not None:
        task = written_out(task, dataset)
    writers = {"ncf": _ncf, "parquet": _parquet, "trec": _trec}[form](dataset, task)
    if scores is not None:
        values, _ = candidate_scores(read_scores(scores), dataset, task, str(scores))
        writers[RUN] = lambda path: _write_lines(path, _run(dataset, task, values, scores.resolve().name))
    name = file_name(dataset.name)
    places = {folder / f"{name}{ending}": write for ending, write in writers.items()}
    taken = [str(place) for place in places if place.exists()]
    if taken:
        raise ProtocolError(f"{', '.join(taken)} is there already; name another folder with --out, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    with drafts(folder) as scratch:
        for place, write in places.items():
            write(scratch / place.name)
        for place in places:
            (scratch / place.name).rename(place)
    return list(places)


def warning_of(task: Task, form: ExportFormat) -> str | None:
    """Return what readers of the files must know and the files do not say; None where there is nothing."""
    if form != "ncf" or len(task.later) == 0:
        return None
    return (
        f"what users touched from the cut on beside their held-out item ({len(task.later):,} interactions) is in none "
        "of the NCF files: the lists of negatives leave it out, but a full ranking made of these files would count it "
        "as untouched"
    )


def terms_of(dataset: Dataset) -> str | None:
    """Return the terms under which the files may be passed on, if the dataset's name shows its collection."""
    collection = likely_collection(dataset.name)
    if collection is None:
        return None
    if collection.may_be_passed_on:
        return f"{collection.name} data come with terms ({collection.terms}): name them where you pass the files on"
    return f"{collection.name} data may not be passed on ({collection.terms}): keep what was written to yourself"


def candidate_pairs(task: Task) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return (row, item) of the held-out items and all that count as rivals, ``(n_pairs,)`` each, sorted."""
    counts = np.insert(task.candidates.is_rival, 0, values=True, axis=1)
    rows, columns = np.nonzero(counts)
    items = task.candidates.items[rows, columns]
    order = np.lexsort((items, rows))
    return rows[order], items[order]


def _ncf(dataset: Dataset, task: Task) -> dict[str, Writer]:
    for kind, ids in (("user", dataset.user_ids), ("item", dataset.item_ids)):
        if ids.dtype == object:
            raise DatasetError(f"{dataset.name} has {kind} ids like {ids[0]!r}; NCF files hold integers: use parquet")
    return {
        TRAIN: lambda path: _write_lines(path, _rating_lines(*_train(dataset, task))),
        TEST: lambda path: _write_lines(path, _rating_lines(*_heldout(dataset, task))),
        NEGATIVE: lambda path: _write_lines(path, _negative_lines(dataset, task)),
    }


def _parquet(dataset: Dataset, task: Task) -> dict[str, Writer]:
    rows, items = candidate_pairs(task)
    candidates = (dataset.user_ids[task.candidates.users[rows]], dataset.item_ids[items])
    return {
        TRAIN_TABLE: lambda path: _write_table(path, *_train(dataset, task)),
        HELDOUT_TABLE: lambda path: _write_table(path, *_heldout(dataset, task)),
        CANDIDATE_TABLE: lambda path: _write_table(path, *candidates),
    }


def _trec(dataset: Dataset, task: Task) -> dict[str, Writer]:
    for kind, ids in (("user", dataset.user_ids), ("item", dataset.item_ids)):
        blank = next((raw_id for raw_id in ids if len(str(raw_id).split()) != 1), None) if ids.dtype == object else None
        if blank is not None:
            raise DatasetError(f"{dataset.name} has {kind} ids with blanks, such as {blank!r}; TREC's files cannot")
    users, items, _ = _heldout(dataset, task)
    lines = (f"{user} 0 {item} 1" for user, item in zip(users, items, strict=True))
    return {QRELS: lambda path: _write_lines(path, lines)}


def _train(dataset: Dataset, task: Task) -> tuple[Values, Values, Values]:
    """Return raw users, raw items and times of the training interactions, in their order."""
    return dataset.user_ids[task.train.users], dataset.item_ids[task.train.items], task.train.timestamps


def _heldout(dataset: Dataset, task: Task) -> tuple[Values, Values, Values]:
    """Return raw users, raw items and times of the held-out interactions, ``(n_eval,)``."""
    candidates, interactions = task.candidates, dataset.interactions
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    order = np.argsort(pairs)
    wanted = candidates.users.astype(np.int64) * interactions.n_items + candidates.heldout
    times = interactions.timestamps[order[np.searchsorted(pairs, wanted, sorter=order)]]
    return dataset.user_ids[candidates.users], dataset.item_ids[candidates.heldout], times


def _rating_lines(users: Values, items: Values, times: Values) -> Iterable[str]:
    return (f"{user}\t{item}\t1\t{time}" for user, item, time in zip(users, items, times, strict=True))


def _negative_lines(dataset: Dataset, task: Task) -> Iterable[str]:
    candidates = task.candidates
    for user, heldout, negatives, rival in zip(
        candidates.users, candidates.heldout, candidates.negatives, candidates.is_rival, strict=True
    ):
        ids = "\t".join(map(str, dataset.item_ids[negatives[rival]]))
        yield f"({dataset.user_ids[user]},{dataset.item_ids[heldout]})\t{ids}"


def _run(dataset: Dataset, task: Task, scores: Scores, tag: str) -> Iterable[str]:
    """Yield the lines of a TREC run: each user's candidates, best first; the tag without blanks."""
    candidates, tag = task.candidates, "-".join(tag.split())
    for row, user in enumerate(dataset.user_ids[candidates.users]):
        counts = np.append([True], candidates.is_rival[row])
        items, of_user = candidates.items[row, counts], scores[row, counts]
        for rank, place in enumerate(np.lexsort((items, -of_user)), 1):
            yield f"{user} Q0 {dataset.item_ids[items[place]]} {rank} {float(of_user[place])!r} {tag}"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def _write_table(path: Path, users: Values, items: Values, times: Values | None = None) -> None:
    import pandas as pd

    columns = {"user": users, "item": items} | ({} if times is None else {"timestamp": times})
    try:
        pd.DataFrame(columns).to_parquet(path, index=False)
    except ImportError as error:
        raise DatasetError(f"writing Parquet needs pyarrow; {how_to_add('parquet')}") from error
