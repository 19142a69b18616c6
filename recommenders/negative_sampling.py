"""Negatives for training: items that the user did not train on, every one as likely as the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions


@dataclass(frozen=True, eq=False)
class NegativeSampler:
    """Draws exactly uniformly from each user's untouched items, with repetition, and without rejection.

    A position among the untouched items is drawn and mapped past the touched ones. With the touched items
    ``t_0 < t_1 < ...``, there are ``t_k - k`` untouched ones before ``t_k``, so position ``p`` is item ``p + k`` for
    the number ``k`` of touched items with ``t_k - k <= p``. One binary search over all users finds it.

    Parameters
    ----------
    n_untouched
        int64, ``(n_users,)``. Users with none cannot be drawn for.
    offsets
        int64, ``(n_users + 1,)``: where each user's keys begin.
    keys
        int64, one per interaction, ascending: ``user * (n_items + 1) + t_k - k``.
    """

    n_untouched: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    n_items: int

    @classmethod
    def of(cls, train: Interactions) -> NegativeSampler:
        """Return the sampler past the interactions of ``train``."""
        offsets = train.offsets
        order = np.lexsort((train.items, train.users))
        users = train.users.astype(np.int64)
        place = np.arange(len(train)) - offsets[users]
        keys = users * (train.n_items + 1) + train.items[order] - place
        return cls(train.n_items - np.diff(offsets), offsets, keys, train.n_items)

    def draw(self, users: IndexArray, rng: np.random.Generator) -> IndexArray:
        """Return an untouched item for each user in ``users``; int32, ``(n,)``. Ascending users are fastest.

        Raises
        ------
        ValueError
            If one of the users has no untouched item.
        """
        positions = rng.integers(self.n_untouched[users])
        queries = users.astype(np.int64) * (self.n_items + 1) + positions
        passed = np.searchsorted(self.keys, queries, side="right") - self.offsets[users]
        return (positions + passed).astype(np.int32)
