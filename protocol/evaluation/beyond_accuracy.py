"""Properties of recommendations beyond accuracy: coverage of the catalogue, popularity and novelty.

They are computed from stored lists of each user's best items and from the training interactions. None of them says that
a list is good: random lists cover the whole catalogue. In the worked numbers there are 4 training users, items 0 .. 3
have 4, 2, 1 and 0 training interactions, and the lists of two users are 0 1 and 0 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.evaluation.expectation import PerUser
    from protocol.types import IndexArray

    Counts = npt.NDArray[np.int64]


def catalogue_coverage(top_items: IndexArray, n_items: int, k: int) -> float:
    """Return the share of all items that are among the first ``k`` of at least one user; 0 .. 1.

    Ge, Delgado-Battenfeld & Jannach, "Beyond accuracy", RecSys 2010. Worked: 3 of 4 items, so 0.75.

    Parameters
    ----------
    top_items
        int32, ``(n_eval, n)``: each user's best items, best first; short lists are padded with -1.
    n_items
        The size of the catalogue, with the items that have no training interaction.
    k
        The number of items of each list to look at.

    Raises
    ------
    ProtocolError
        If the lists are shorter than ``k`` and than the catalogue.
    """
    return float(np.count_nonzero(_exposures(top_items, n_items, k))) / n_items


def exposure_gini(top_items: IndexArray, n_items: int, k: int) -> float:
    """Return how unevenly items share the first ``k`` places: 0 (all items equally) .. 1 (one item has all places).

    Gini's index of how often each item is shown, ``sum of (2 j - n - 1) p_j / (n - 1)``, where ``p_j`` is an item's
    share of the places, ascending over ``j = 1 .. n`` (Shani & Gunawardana, "Evaluating recommendation systems",
    Recommender Systems Handbook, 2011). Coverage counts an item shown once like one shown to all; this does not.
    Worked: shown 0, 1, 1 and 2 times, so (-3 * 0 - 1 * 1/4 + 1 * 1/4 + 3 * 2/4) / 3 = 0.5.

    Parameters and errors are those of `catalogue_coverage`.
    """
    shown = np.sort(_exposures(top_items, n_items, k))
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float(weights @ shown / (max(n_items - 1, 1) * shown.sum()))


def average_popularity(top_items: IndexArray, train_counts: Counts, k: int) -> PerUser:
    """Return the mean number of training interactions of each user's first ``k`` items; float64, ``(n_eval,)``.

    Its mean over users is the average recommendation popularity, ARP, of Yin et al., "Challenging the long tail
    recommendation", VLDB 2012: the higher, the stronger the bias towards popular items. Worked: (4 + 2) / 2 = 3 and
    (4 + 1) / 2 = 2.5, so ARP = 2.75.

    Parameters
    ----------
    top_items
        int32, ``(n_eval, n)``: each user's best items, best first; short lists are padded with -1.
    train_counts
        int64, ``(n_items,)``: the training interactions of each item.
    k
        The number of items of each list to look at; short lists are averaged over their items.

    Raises
    ------
    ProtocolError
        If the lists are shorter than ``k`` and than the catalogue.
    """
    return _mean_over_lists(train_counts.astype(np.float64), top_items, k)


def novelty(top_items: IndexArray, train_counts: Counts, n_users: int, k: int) -> PerUser:
    """Return the mean self-information of each user's first ``k`` items, in bits; float64, ``(n_eval,)``.

    An item that a share ``p`` of the training users touched has ``-log2 p`` bits: the surprise that a random user knows
    it (Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 2010; Vargas &
    Castells, RecSys 2011). An item without training interactions counts as if it had one, which bounds
    novelty by ``log2 n_users``.
    Worked: (-log2 4/4 - log2 2/4) / 2 = 0.5 and (-log2 4/4 - log2 1/4) / 2 = 1.

    Parameters
    ----------
    top_items
        int32, ``(n_eval, n)``: each user's best items, best first; short lists are padded with -1.
    train_counts
        int64, ``(n_items,)``: the training interactions of each item, which are its users.
    n_users
        The number of training users.
    k
        The number of items of each list to look at; short lists are averaged over their items.

    Raises
    ------
    ProtocolError
        If the lists are shorter than ``k`` and than the catalogue.
    """
    return _mean_over_lists(np.log2(n_users / np.maximum(train_counts, 1)), top_items, k)


def _exposures(top_items: IndexArray, n_items: int, k: int) -> Counts:
    """Return the number of users to whom each item is shown, int64 ``(n_items,)``."""
    shown = _first(top_items, n_items, k)
    return np.bincount(shown[shown >= 0], minlength=n_items)


def _mean_over_lists(values: npt.NDArray[np.float64], top_items: IndexArray, k: int) -> PerUser:
    """Return the mean over each list's items of one value per item, ``(n_items,)``."""
    shown = _first(top_items, values.size, k)
    is_item = shown >= 0
    means: PerUser = np.where(is_item, values[shown], 0.0).sum(axis=1) / np.count_nonzero(is_item, axis=1)
    return means


def _first(top_items: IndexArray, n_items: int, k: int) -> IndexArray:
    """Return the first ``k`` columns, after checking the lists."""
    length = top_items.shape[1]
    if k < 1 or (k > length and length < n_items):
        raise ProtocolError(f"the cut-off k is {k}, expected 1 .. {length}: the stored lists are no longer")
    if top_items.size == 0 or top_items.max() >= n_items or top_items[:, 0].min() < 0:
        raise ValueError(f"top_items {top_items.shape} must hold one or more of items 0 .. {n_items - 1} for each user")
    return top_items[:, :k]
