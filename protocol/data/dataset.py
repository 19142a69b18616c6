"""Datasets: implicit feedback with its raw ids, independent of the order of rows (P1, P2, P3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from protocol.data.indexing import canonical, first_interactions, indexed, present_values
from protocol.types import IndexArray, Interactions, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.indexing import RawIds
    from protocol.data.reading import Reading

Times: TypeAlias = Literal["clock", "order", "none"]

NO_TIMES = "the data have no times: the order of a user's interactions is unknown, and models of it learn nothing true"
"""A note of a dataset without times."""


@dataclass(frozen=True, eq=False)
class ImportedLists:
    """A split and candidate lists from elsewhere, in the dataset's indices (P11).

    Parameters
    ----------
    heldout_users, heldout_items
        int32, ``(n_eval,)``; users ascending.
    negatives
        int32, ``(n_eval, n_negatives)``; shorter lists are padded with the held-out item.
    lengths
        int, ``(n_eval,)``: the entries of each list before the padding; None where they are not known.
    """

    heldout_users: IndexArray
    heldout_items: IndexArray
    negatives: IndexArray
    lengths: IndexArray | None = None

    def __post_init__(self) -> None:
        for name in ("heldout_users", "heldout_items", "negatives"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int32))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions with their raw ids.

    Parameters
    ----------
    name
        The name that the user gave.
    interactions
        Each (user, item) pair once, at its first time; sorted by user, time and item.
    user_ids, item_ids
        Raw ids in the order of the indices: ascending; int64 or text.
    n_duplicates
        The number of rows that repeated a pair.
    imported
        The split and lists that come with the dataset, if any.
    notes
        Remarks for the reader of its table.
    reading
        What the reader of the file found out by itself; None where the layout is fixed.
    times
        What the times are: of one clock, only the order of each user's interactions, or unknown and all the same.
        ``"clock"`` is what is assumed of data that do not say.
    """

    name: str
    interactions: Interactions
    user_ids: RawIds
    item_ids: RawIds
    n_duplicates: int = 0
    imported: ImportedLists | None = None
    notes: tuple[str, ...] = ()
    reading: Reading | None = None
    times: Times = "clock"

    @classmethod
    def from_arrays(
        cls,
        name: str,
        users: RawIds,
        items: RawIds,
        timestamps: npt.NDArray[np.int64],
        *,
        notes: tuple[str, ...] = (),
        reading: Reading | None = None,
    ) -> Dataset:
        """Return the dataset of rows in any order.

        Parameters
        ----------
        users, items
            Raw ids, ``(n_rows,)``: integers or text.
        timestamps
            int64, ``(n_rows,)``; a repeated pair gets its earliest time.

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
        return cls(name, interactions, user_ids, item_ids, n_duplicates, notes=notes, reading=reading)

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
        """Return the dataset of some of the interactions, without the users and items that have none of them."""
        users, user_indices = present_values(interactions.users, interactions.n_users)
        items, item_indices = present_values(interactions.items, interactions.n_items)
        own = canonical(user_indices, item_indices, interactions.timestamps, users.size, items.size)
        raw_ids = self.user_ids[users], self.item_ids[items]
        return Dataset(self.name, own, *raw_ids, notes=self.notes, reading=self.reading, times=self.times)


def _add_ids(digest: Any, ids: RawIds) -> None:
    """Add ids to a digest; different arrays of ids add different bytes."""
    if np.issubdtype(ids.dtype, np.integer):
        digest.update(b"integers %d " % ids.size)
        digest.update(ids.astype("<i8", copy=False).data)
        return
    encoded = [str(raw_id).encode() for raw_id in ids]
    digest.update(b"texts %d " % ids.size)
    digest.update(np.array([len(text) for text in encoded], dtype="<i8").data)
    digest.update(b"".join(encoded))
