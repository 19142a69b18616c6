"""Synthetic interactions with planted tastes, the same on every machine, for use without real data.

Each user has one of a few tastes, and each item belongs to one. An interaction of a user is drawn from the items of
the user's taste with a chance of .7, else from all items; in both cases popular items are likelier. So models that
find the tastes beat popularity, and popularity beats chance. All numbers come from `protocol.keyed`, by integers and
correctly rounded operations, so they are the same in every release of NumPy and Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import blocks
from protocol.data.dataset import Dataset
from protocol.data.indexing import canonical
from protocol.errors import DatasetError
from protocol.keyed import bounded, derive, root_key, words
from protocol.types import Interactions

if TYPE_CHECKING:
    import numpy.typing as npt

    Indices = npt.NDArray[np.int64]

DEFAULT_SIZE = (600, 400, 24_000)
MAX_ROUNDS = 12
BLOCK_ROWS = 2**20
"""The number of interactions that are drawn at once, at some two hundred bytes each."""
_OWN_TASTE = 0.7
_DAY = 86_400
_EPOCH = 946_684_800


def parse_sizes(name: str) -> tuple[int, int, int]:
    """Return users, items and interactions of ``synthetic`` or ``synthetic:UxIxN``.

    Raises
    ------
    DatasetError
        If the name has another form, or the number of interactions is impossible.
    """
    if name == "synthetic":
        return DEFAULT_SIZE
    form = re.fullmatch(r"synthetic:([0-9]+)x([0-9]+)x([0-9]+)", name)
    if form is None:
        raise DatasetError(f"{name!r} is no synthetic dataset; write synthetic or synthetic:USERSxITEMSxINTERACTIONS")
    n_users, n_items, n = (int(number) for number in form.groups())
    if n_users < 1 or n_items < 1:
        raise DatasetError(f"{name}: expected at least one user and one item")
    if not n_users <= n <= n_users * n_items:
        raise DatasetError(
            f"{name}: {n:,} interactions of {n_users:,} users with {n_items:,} items are impossible; expected between "
            f"{n_users:,} (one a user) and {n_users * n_items:,} (everything)"
        )
    return n_users, n_items, n


def generate(name: str) -> Dataset:
    """Return the synthetic dataset of a name (see `parse_sizes`)."""
    n_users, n_items, n = parse_sizes(name)
    degrees = _degrees(n_users, n_items, n)
    ends = np.cumsum(degrees)
    by_popularity = np.argsort(words(_key("popularity"), np.arange(n_items)), kind="stable")
    items, times = np.empty(n, np.int32), np.empty(n, np.int64)
    for block in blocks(degrees, BLOCK_ROWS):
        rows = slice(int(ends[block.start] - degrees[block.start]), int(ends[block.stop - 1]))
        own = _histories(block.start, degrees[block], by_popularity, rows.start)
        items[rows], times[rows] = own.items, own.timestamps
    users = np.repeat(np.arange(n_users, dtype=np.int32), degrees)
    return Dataset(
        name,
        Interactions(users, items, times, n_users, n_items),
        np.arange(n_users),
        np.arange(n_items),
        notes=("synthetic data",),
    )


def _histories(first_user: int, degrees: Indices, by_popularity: Indices, first_row: int) -> Interactions:
    """Return the interactions of consecutive users, who are counted from 0.

    Parameters
    ----------
    first_user, first_row
        The first of these users, and the first of their interactions, among all.
    degrees
        Of these users.
    by_popularity
        All items, popular ones first.
    """
    n_items = by_popularity.size
    pairs = _pairs(first_user, degrees, by_popularity)
    users, items = pairs // n_items, pairs % n_items
    times = _times(first_user, users, items, degrees, first_row)
    return canonical(users, items, times, degrees.size, n_items)


def _key(purpose: str) -> npt.NDArray[np.uint64]:
    return root_key(0, f"synthetic {purpose}")


def _unit(keys: npt.NDArray[np.uint64], counters: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return uniform numbers in [0, 1) that float64 represents exactly."""
    return np.asarray((words(keys, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def _degrees(n_users: int, n_items: int, n: int) -> Indices:
    """Return the number of interactions of each user: skewed, from 1 to all items, ``n`` in all."""
    weights = (1e6 / (_unit(_key("activity"), np.arange(n_users)) + 0.15)).astype(np.int64)
    degrees = np.ones(n_users, dtype=np.int64)
    while (left := n - int(degrees.sum())) > 0:
        is_open = degrees < n_items
        shares = left * (weights * is_open) // int(weights[is_open].sum())
        if not shares.any():
            shares[np.flatnonzero(is_open)[:left]] = 1
        degrees = np.minimum(degrees + shares, n_items)
    return degrees


def _pairs(first_user: int, degrees: Indices, by_popularity: Indices) -> Indices:
    """Return distinct codes ``user * n_items + item``, ascending; each user has as many as its degree."""
    n_items = by_popularity.size
    pairs = np.empty(0, dtype=np.int64)
    drawn, missing = np.zeros_like(degrees), degrees
    for _ in range(MAX_ROUNDS):
        users = np.repeat(np.arange(degrees.size), missing)
        counters = drawn[users] + np.arange(users.size) - np.repeat(np.cumsum(missing) - missing, missing)
        fresh = np.sort(users * n_items + _draw_items(first_user, users, counters, by_popularity))
        fresh = fresh[np.concatenate(([True], fresh[1:] != fresh[:-1]))]
        pairs = _merged(pairs, fresh)
        drawn = drawn + missing
        missing = degrees - np.bincount(pairs // n_items, minlength=degrees.size)
        if not missing.any():
            return pairs
    return np.sort(np.concatenate((pairs, _filled(pairs, missing, n_items))))


def _merged(pairs: Indices, fresh: Indices) -> Indices:
    """Return the union of two ascending arrays, ascending."""
    place = np.searchsorted(pairs, fresh)
    known = place < pairs.size
    known[known] = pairs[place[known]] == fresh[known]
    return np.sort(np.concatenate((pairs, fresh[~known])), kind="stable")


def _draw_items(first_user: int, users: Indices, counters: Indices, by_popularity: Indices) -> Indices:
    """Return one item for each user and counter; items can repeat."""
    n_items = by_popularity.size
    n_tastes = max(1, min(20, n_items // 20))
    tastes = bounded(_key("taste"), first_user + np.arange(users.max() + 1), n_tastes)
    keys = derive(_key("choice"), first_user + users)
    chance, place = _unit(keys, 2 * counters), _unit(keys, 2 * counters + 1)
    skewed = place * place
    n_own = (n_items - 1 - tastes) // n_tastes + 1
    own = (skewed * n_own[users]).astype(np.int64) * n_tastes + tastes[users]
    return by_popularity[np.where(chance < _OWN_TASTE, own, (skewed * n_items).astype(np.int64))]


def _filled(pairs: Indices, missing: Indices, n_items: int) -> Indices:
    """Return codes of untouched items for users who still lack some after all rounds, as they have nearly all items."""
    starts = np.searchsorted(pairs, np.arange(missing.size + 1) * n_items)
    order = np.argsort(words(_key("filling"), np.arange(n_items)), kind="stable")
    filled = []
    for user in np.flatnonzero(missing):
        touched = pairs[starts[user] : starts[user + 1]] - user * n_items
        untouched = order[~np.isin(order, touched)]
        filled.append(user * n_items + untouched[: missing[user]])
    return np.concatenate(filled)


def _times(first_user: int, users: Indices, items: Indices, degrees: Indices, first_row: int) -> Indices:
    """Return Unix seconds: each user begins on some day and acts once a minute; one action in five is a tie."""
    keys = derive(_key("order"), first_user + users)
    order = np.lexsort((words(keys, items), users))
    steps = (bounded(keys, first_row + np.arange(users.size), 5) > 0).astype(np.int64)
    elapsed = np.cumsum(steps)
    first = np.cumsum(degrees) - degrees
    beginnings = _EPOCH + bounded(_key("beginning"), first_user + np.arange(degrees.size), 1000) * _DAY
    times = np.empty(users.size, dtype=np.int64)
    times[order] = beginnings[users] + 60 * (elapsed - elapsed[first][users])
    return times
