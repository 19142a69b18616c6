"""Datasets: implicit feedback with its raw ids, the same whatever the order of rows (P1, P2, P3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.errors import DatasetError
from protocol.types import IndexArray, Interactions, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    RawIds = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class ImportedLists:
    """A split and candidate lists that somebody else fixed, in the dataset's indices (P11).

    Parameters
    ----------
    heldout_users, heldout_items
        int32, ``(n_eval,)``; users ascending.
    negatives
        int32, ``(n_eval, n_negatives)``; shorter lists are filled up with the held-out item.
    """

    heldout_users: IndexArray
    heldout_items: IndexArray
    negatives: IndexArray

    def __post_init__(self) -> None:
        for name in ("heldout_users", "heldout_items", "negatives"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int32))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions with their raw ids.

    Parameters
    ----------
    name
        As the user named it.
    interactions
        Each (user, item) pair once, at its first time; sorted by user, time and item.
    user_ids, item_ids
        Raw ids in the order of the indices: ascending; int64 or text.
    n_duplicates
        How many rows repeated a pair.
    imported
        The split and lists that the dataset brings, if it does.
    notes
        What a reader of its table should know.
    """

    name: str
    interactions: Interactions
    user_ids: RawIds
    item_ids: RawIds
    n_duplicates: int = 0
    imported: ImportedLists | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def from_arrays(
        cls,
        name: str,
        users: RawIds,
        items: RawIds,
        timestamps: npt.NDArray[np.int64],
        *,
        notes: tuple[str, ...] = (),
    ) -> Dataset:
        """Return the dataset of some rows in any order.

        Parameters
        ----------
        users, items
            Raw ids, ``(n_rows,)``: integers or text.
        timestamps
            int64, ``(n_rows,)``; of a pair that stands more than once the smallest counts.

        Raises
        ------
        DatasetError
            If an id is missing, or is neither an integer nor text.
        """
        user_ids, user_indices = indexed(users)
        item_ids, item_indices = indexed(items)
        interactions = first_interactions(
            user_indices, item_indices, np.asarray(timestamps, np.int64), user_ids.size, item_ids.size
        )
        n_duplicates = len(user_indices) - len(interactions)
        return cls(name, interactions, user_ids, item_ids, n_duplicates, notes=notes)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over raw ids, pairs and times."""
        digest = hashlib.sha256(b"recbench dataset")
        for ids in (self.user_ids, self.item_ids):
            _add_ids(digest, ids)
        for column, dtype in (("users", "<i4"), ("items", "<i4"), ("timestamps", "<i8")):
            digest.update(getattr(self.interactions, column).astype(dtype, copy=False).data)
        return digest.hexdigest()

    def restricted_to(self, interactions: Interactions) -> Dataset:
        """Return some of the interactions as a dataset of their own: users and items without any do not exist in it."""
        users, user_indices = _present(interactions.users, interactions.n_users)
        items, item_indices = _present(interactions.items, interactions.n_items)
        own = canonical(user_indices, item_indices, interactions.timestamps, users.size, items.size)
        return Dataset(self.name, own, self.user_ids[users], self.item_ids[items], notes=self.notes)


def load_dataset(
    name_or_path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    min_rating: float | None = None,
    core: int | None = None,
    data_dir: Path | None = None,
) -> Dataset:
    """Return a dataset by its name, its ``synthetic:`` or ``ncf:`` form, or the path of a file.

    Parameters
    ----------
    columns
        The file's names of the columns ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    min_rating
        Rows rated lower are left out.
    core
        Users and items with fewer interactions than this are left out, until none is left to leave out.
    data_dir
        A folder to look for named datasets in before anywhere else.

    Raises
    ------
    DatasetError
        If the data cannot be had, read or trusted.
    """
    from protocol.loading import load

    return load(str(name_or_path), columns or {}, min_rating, core, data_dir)


def indexed(ids: RawIds) -> tuple[RawIds, npt.NDArray[np.int64]]:
    """Return the distinct ids, ascending, and the position of each row's id among them."""
    if np.issubdtype(ids.dtype, np.integer):
        return _indexed_integers(ids.astype(np.int64, copy=False))
    import pandas as pd

    codes, distinct = pd.factorize(np.asarray(ids, dtype=object))
    strange = next((raw_id for raw_id in distinct if not isinstance(raw_id, str)), None)
    if strange is not None or (codes < 0).any():
        found = "a missing one" if strange is None else f"{strange!r}, a {type(strange).__name__}"
        raise DatasetError(f"ids are {found}; expected an array of integers or one of text")
    order = np.argsort(distinct, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return distinct[order], place[codes]


def _indexed_integers(ids: npt.NDArray[np.int64]) -> tuple[RawIds, npt.NDArray[np.int64]]:
    if ids.size == 0:
        return ids, ids
    lowest, span = int(ids.min()), int(ids.max()) - int(ids.min()) + 1
    if span <= 4 * ids.size + 1024:
        present, indices = _present(ids - lowest, span)
        return present + lowest, indices
    order = np.argsort(ids, kind="stable")
    ascending = ids[order]
    is_new = np.concatenate(([True], ascending[1:] != ascending[:-1]))
    indices = np.empty(ids.size, dtype=np.int64)
    indices[order] = np.cumsum(is_new) - 1
    return ascending[is_new], indices


def _present(values: npt.NDArray[Any], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which of ``0 .. size - 1`` occur, ascending, and each value's position among them."""
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[values] = True
    position = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs), position[values]


def first_interactions(
    users: npt.NDArray[np.int64],
    items: npt.NDArray[np.int64],
    timestamps: npt.NDArray[np.int64],
    n_users: int,
    n_items: int,
) -> Interactions:
    """Return each (user, item) pair once, at its first time, in canonical order."""
    interactions = canonical(users, items, timestamps, n_users, n_items)
    pairs = interactions.users.astype(np.int64) * n_items + interactions.items
    # Sorting values is much faster than sorting positions, and most data repeat nothing.
    ascending = np.sort(pairs)
    if not (ascending[1:] == ascending[:-1]).any():
        return interactions
    by_pair = np.argsort(pairs, kind="stable")
    in_order = pairs[by_pair]
    first = np.ones(pairs.size, dtype=np.bool_)
    first[by_pair[1:][in_order[1:] == in_order[:-1]]] = False
    return interactions.where(first)


def canonical(
    users: npt.NDArray[np.int64],
    items: npt.NDArray[np.int64],
    timestamps: npt.NDArray[np.int64],
    n_users: int,
    n_items: int,
) -> Interactions:
    """Return interactions sorted by user, time and item."""
    order = _canonical_order(users, items, timestamps)
    return Interactions(
        users[order].astype(np.int32), items[order].astype(np.int32), timestamps[order], n_users, n_items
    )


def _canonical_order(
    users: npt.NDArray[np.int64], items: npt.NDArray[np.int64], timestamps: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return what ``np.lexsort((items, timestamps, users))`` does, sooner: one key where one holds user and time."""
    earliest = int(timestamps.min(initial=0))
    span = int(timestamps.max(initial=0)) - earliest + 1
    if (int(users.max(initial=0)) + 1) * span >= 2**63:
        return np.lexsort((items, timestamps, users))
    keys = users * span + (timestamps - earliest)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    same = keys[1:] == keys[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    rows = order[tied]
    order[tied] = rows[np.lexsort((items[rows], keys[tied]))]
    return order


def _add_ids(digest: Any, ids: RawIds) -> None:
    """Add ids so that no two different arrays of ids add the same bytes."""
    if np.issubdtype(ids.dtype, np.integer):
        digest.update(b"integers %d " % ids.size)
        digest.update(ids.astype("<i8", copy=False).data)
        return
    encoded = [str(raw_id).encode() for raw_id in ids]
    digest.update(b"texts %d " % ids.size)
    digest.update(np.array([len(text) for text in encoded], dtype="<i8").data)
    digest.update(b"".join(encoded))


@dataclass(frozen=True)
class DatasetInfo:
    """What `recbench datasets` tells of a dataset; ``path`` is where it is at hand, None where it would be fetched."""

    name: str
    n_users: int
    n_items: int
    n_interactions: int
    source: str
    terms: str
    path: Path | None


def available_datasets(data_dir: Path | None = None) -> tuple[DatasetInfo, ...]:
    """Return the datasets that are known by name; nothing is fetched."""
    from protocol.sources import NAMED, TERMS, find

    return tuple(
        DatasetInfo(
            known.name, known.n_users, known.n_items, known.n_interactions, known.url, TERMS, find(known.name, data_dir)
        )
        for known in NAMED.values()
    )
