"""Scores that another program wrote: a table of user, item and score, or a TREC run; one file, or a folder of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.records.store import file_digest
from bench.writing.text import count_text
from protocol.data.columns import Origin, checked_ids, checked_numbers
from protocol.data.files import DataFile
from protocol.data.formats import read_values
from protocol.errors import DatasetError, ScoreError
from protocol.evaluation.ranking import checked_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task
    from protocol.types import Scores

    Values = npt.NDArray[Any]

_COLUMNS = {"user": "user", "item": "item", "rating": "score"}
"""The names that the columns must have, by the usual names of columns."""

_PARQUET = (".parquet", ".pq")
_RUN_FIELDS = 6
_FINITE = "a finite number"
_WANTED = "every user's candidates are in `recbench export --format parquet`"


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of pairs of raw ids, ``(n,)`` each: ids int64 or text; scores integers or floats, finite."""

    users: Values
    items: Values
    scores: Values


def score_files(path: Path) -> list[Path]:
    """Return the file, or those in the folder, by name; what begins with a dot or an underscore is none of them.

    Raises
    ------
    DatasetError
        If there is none.
    """
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "_")))
    if not found:
        raise DatasetError(f"{path} holds no files; expected scores, as Parquet, CSV, TSV or TREC run")
    return found


def scores_digest(path: Path) -> str:
    """Return the SHA-256 of a file of scores; of a folder, that of its files' one after the other."""
    files = score_files(path)
    if not path.is_dir():
        return file_digest(path)
    return hashlib.sha256("\n".join(map(file_digest, files)).encode()).hexdigest()


def read_scores(path: Path) -> ScoreTable:
    """Read scores: columns ``user``, ``item`` and ``score`` with a header, or lines ``user Q0 item rank score tag``.

    Raises
    ------
    DatasetError
        If a file is missing or malformed, or a score is not finite.
    """
    return ScoreTable(*(_joined(parts) for parts in zip(*map(_read_file, score_files(path)), strict=True)))


def _joined(parts: Sequence[Values]) -> Values:
    """Return columns of several files as one; ids as text where one of the files has text."""
    if any(part.dtype == object for part in parts):
        parts = [part.astype(str).astype(object) for part in parts]
    return np.concatenate(parts)


def _read_file(path: Path) -> tuple[Values, Values, Values]:
    lines = _run_lines(path)
    if lines is None:
        values, origin = read_values(path, _COLUMNS, list(_COLUMNS))
    else:
        values, origin = _run_columns(path, lines), Origin(str(path), "line", 1)
    users, items = (checked_ids(values[name], name, origin) for name in ("user", "item"))
    numbers = checked_numbers(values["rating"], "score", _FINITE, origin)
    # Integers are judged by the rule that all scores are judged by.
    is_integer = np.issubdtype(values["rating"].dtype, np.integer)
    return users, items, values["rating"] if is_integer else numbers


def _run_lines(path: Path) -> list[list[str]] | None:
    """Return the fields of each line of a TREC run; None for a file of another kind."""
    if not path.is_file() or path.name.lower().removesuffix(".gz").endswith(_PARQUET):
        return None
    content = DataFile(path).content()
    first = content.partition(b"\n")[0].split()
    if len(first) != _RUN_FIELDS or first[1].upper() != b"Q0":
        return None
    try:
        return [line.split() for line in content.decode().splitlines()]
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); convert it") from error


def _run_columns(path: Path, lines: list[list[str]]) -> dict[str, Values]:
    for number, fields in enumerate(lines, 1):
        if len(fields) != _RUN_FIELDS:
            raise DatasetError(
                f"{path}, line {number:,}: {len(fields)} fields, expected six: user Q0 item rank score tag"
            )
    columns = np.array(lines, dtype=object).T
    return {"user": columns[0], "item": columns[2], "rating": columns[4]}


def candidate_scores(table: ScoreTable, dataset: Dataset, task: Task, name: str) -> tuple[Scores, int]:
    """Return the score of every candidate, and how many pairs were of no candidate.

    Parameters
    ----------
    name
        What error messages call the scores.

    Returns
    -------
    Scores
        ``(n_eval, 1 + n_negatives)``, column 0 for the held-out item, finite.

    Raises
    ------
    ScoreError
        If a pair occurs twice, a candidate has no score, or the scores are of a wrong type or not finite.
    """
    users, items = _indices(dataset.user_ids, table.users), _indices(dataset.item_ids, table.items)
    known = np.flatnonzero((users >= 0) & (items >= 0))
    n_items = dataset.item_ids.size
    pairs = users[known] * n_items + items[known]
    order = np.argsort(pairs, kind="stable")
    pairs, scores = pairs[order], table.scores[known][order]
    _refuse_repeated(pairs, dataset, name)
    wanted = task.candidates.users[:, None].astype(np.int64) * n_items + task.candidates.items
    place = np.searchsorted(pairs, wanted)
    # A pair beyond the end of the table is compared with -1, which is no pair.
    found: npt.NDArray[np.bool_] = np.equal(np.append(pairs, -1)[place], wanted)
    if not found.all():
        raise ScoreError(f"{name}: {_missing(found, dataset, task)}; {_WANTED}")
    n_extra = table.scores.size - np.unique(wanted).size
    return checked_scores(scores[place], wanted.shape, name), n_extra


def _indices(known: Values, ids: Values) -> npt.NDArray[np.int64]:
    """Return the index of each raw id, int64; -1 for those that the dataset does not have."""
    import pandas as pd

    if known.dtype == object or ids.dtype == object:
        known, ids = known.astype(str).astype(object), ids.astype(str).astype(object)
    return np.asarray(pd.Index(known).get_indexer(pd.Index(ids)), dtype=np.int64)


def _refuse_repeated(pairs: npt.NDArray[np.int64], dataset: Dataset, name: str) -> None:
    repeated = pairs[1:][pairs[1:] == pairs[:-1]]
    if repeated.size:
        user, item = divmod(int(repeated[0]), dataset.item_ids.size)
        raise ScoreError(
            f"{name}: {repeated.size:,} pairs have a second score, such as item {dataset.item_ids[item]} of user "
            f"{dataset.user_ids[user]}; expected one score for each pair"
        )


def _missing(found: npt.NDArray[np.bool_], dataset: Dataset, task: Task) -> str:
    """Say which users have no scores at all, and which candidates of the others have none."""
    candidates = task.candidates
    without: npt.NDArray[np.bool_] = np.logical_not(found.any(axis=1))
    parts = []
    if without.any():
        user = dataset.user_ids[candidates.users[np.argmax(without)]]
        parts.append(
            f"{np.count_nonzero(without):,} of {without.size:,} evaluated users have no scores, such as user {user}"
        )
    rows, columns = np.nonzero(~found & ~without[:, None])
    if rows.size:
        user = dataset.user_ids[candidates.users[rows[0]]]
        item = dataset.item_ids[candidates.items[rows[0], columns[0]]]
        parts.append(f"no score of {count_text(rows.size, 'candidate')}, such as item {item} of user {user}")
    return "; ".join(parts)
