"""Read the three files of the NCF paper (He et al., WWW 2017), with its split and candidates (P11).

``PREFIX.train.rating`` and ``PREFIX.test.rating`` have lines ``user item rating time``, separated by tabs;
``PREFIX.test.negative`` has lines ``(user,item) negative negative ...``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.columns import checked
from protocol.data.dataset import Dataset, ImportedLists
from protocol.data.excerpts import quoted_excerpt
from protocol.data.files import DataFile
from protocol.data.ids import is_plain_integer
from protocol.data.indexing import first_interactions, indexed
from protocol.errors import DatasetError
from protocol.folders import expanded

if TYPE_CHECKING:
    import numpy.typing as npt

    Rows = npt.NDArray[np.int64]

_COLUMNS = ("user", "item", "timestamp")

TRAIN, TEST, NEGATIVE = ".train.rating", ".test.rating", ".test.negative"


def read_ncf(name: str) -> Dataset:
    """Return the dataset of ``ncf:PREFIX``.

    Raises
    ------
    DatasetError
        If a file is missing or malformed, or the files contradict each other.
    """
    prefix = name.partition(":")[2]
    if not prefix:
        raise DatasetError(f"ncf: needs a prefix, such as ncf:data/ml-1m for data/ml-1m{TRAIN}, {TEST} and {NEGATIVE}")
    paths = [expanded(prefix + ending) for ending in (TRAIN, TEST, NEGATIVE)]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise DatasetError(
            f"{name} lacks {', '.join(missing)}; expected the files PREFIX{TRAIN}, {TEST} and {NEGATIVE}"
        )
    train, test = _read_rows(paths[0]), _read_rows(paths[1])
    lists = _read_lists(paths[2], test)
    return _dataset(f"ncf:{Path(prefix).name}", train, test, lists)


def _read_rows(path: Path) -> Rows:
    """Return user, item and time of each line; int64, ``(n, 3)``."""
    from protocol.data.formats import read_values

    columns = checked(*read_values(path, {}, _COLUMNS), chosen=_COLUMNS)
    if columns.users.dtype != np.int64 or columns.items.dtype != np.int64:
        raise DatasetError(f"{path} has ids that are no integers; the NCF files have integers only")
    return np.stack((columns.users, columns.items, columns.timestamps), axis=1)


def _read_lists(path: Path, test: Rows) -> list[Rows]:
    """Return the negatives of each line of the test file, in the order of its lines."""
    try:
        lines = DataFile(path).content().decode("utf-8-sig").rstrip().split("\n")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); convert it") from error
    if len(lines) != len(test):
        raise DatasetError(f"{path} has {len(lines)} lists, expected {len(test)}, one for each line of the test file")
    return [
        _read_list(path, number, line, pair) for number, (line, pair) in enumerate(zip(lines, test, strict=True), 1)
    ]


def _read_list(path: Path, number: int, line: str, pair: Any) -> Rows:
    head, *negatives = line.rstrip().split("\t")
    expected = f"({pair[0]},{pair[1]})"
    if head.replace(" ", "") != expected:
        raise DatasetError(
            f"{path}, line {number:,}: the list is of {quoted_excerpt(head)}, expected {expected} as in the test file"
        )
    texts = [text for negative in negatives if (text := negative.strip())]
    wrong = next((text for text in texts if not is_plain_integer(text)), None)
    if wrong is not None:
        raise DatasetError(
            f"{path}, line {number:,}: {quoted_excerpt(wrong)} is no item id; expected integers in plain decimal form, "
            "separated by tabs"
        )
    ids = np.array(texts, dtype=np.int64) if texts else np.empty(0, dtype=np.int64)
    if not ids.size:
        raise DatasetError(f"{path}, line {number}: {expected} has no negatives; expected item ids separated by tabs")
    return ids


def _dataset(name: str, train: Rows, test: Rows, lists: list[Rows]) -> Dataset:
    if np.unique(test[:, 0]).size != len(test):
        raise DatasetError(f"{name}: a user occurs twice in the test file; expected one held-out item for each")
    strangers = np.setdiff1d(test[:, 0], train[:, 0])
    if strangers.size:
        raise DatasetError(
            f"{name}: {strangers.size} users of the test file have no training line, such as {strangers[0]}"
        )
    by_user = np.argsort(test[:, 0])
    test, lists = test[by_user], [lists[place] for place in by_user]
    user_ids, users = indexed(np.concatenate((train[:, 0], test[:, 0])))
    # Items that occur only as negatives are ranked, so they get indices, too.
    item_ids, items = indexed(np.concatenate((train[:, 1], test[:, 1], *lists)))
    n_train, n_test = len(train), len(test)
    latest = np.full(user_ids.size, np.iinfo(np.int64).min)
    np.maximum.at(latest, users[:n_train], train[:, 2])
    times = np.concatenate((train[:, 2], latest[users[n_train:]] + 1))
    n_rows = n_train + n_test
    interactions = first_interactions(users, items[:n_rows], times, user_ids.size, item_ids.size)
    heldout = items[n_train:n_rows]
    pairs = users * item_ids.size + items[:n_rows]
    learnt = np.isin(pairs[n_train:], pairs[:n_train], kind="sort")
    if learnt.any():
        user, item = test[np.argmax(learnt), :2]
        raise DatasetError(
            f"{name}: {np.count_nonzero(learnt)} users have their held-out item also among their training lines, "
            f"such as item {item} of user {user}; remove it from one of the two files"
        )
    negatives = _padded(items[n_rows:], heldout, lists)
    lengths = np.array([len(one) for one in lists])
    imported = ImportedLists(*(part.astype(np.int32) for part in (users[n_train:], heldout, negatives, lengths)))
    n_duplicates = n_rows - len(interactions)
    return Dataset(name, interactions, user_ids, item_ids, n_duplicates, imported)


def _padded(negatives: Rows, heldout: Rows, lists: list[Rows]) -> Rows:
    """Return the lists as rows, ``(n_eval, longest)``; short ones are padded with the held-out item."""
    lengths = np.array([len(one) for one in lists])
    padded = np.repeat(heldout[:, None], lengths.max(), axis=1)
    padded[np.arange(lengths.max()) < lengths[:, None]] = negatives
    return padded
