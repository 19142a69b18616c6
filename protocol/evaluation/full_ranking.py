"""Rank the held-out item among all items that its user never touched, and list the best of these in order (P16).

Each row of scores is read once, while it is in the cache. Rows are independent, so that threads can share the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from protocol.compiled import compiled
from protocol.keyed import GOLDEN_GAMMA, MIX_1, MIX_2, Keys, derive, text_key, words
from protocol.quickselect import nth_largest

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.tasks.task import Task
    from protocol.types import IndexArray, Scores

    Floats = npt.NDArray[np.float64]

NO_ITEM = -1
"""The padding of lists with fewer items."""

_LOWEST: float = np.finfo(np.float64).min


class CatalogueRanker:
    """Ranks the held-out items of a task among the items that each user never touched.

    Parameters
    ----------
    task
        A user touched the items in ``train`` and in ``later``, no pair twice; the held-out item is in neither.
    n_best
        The length of the lists of best items; in a smaller catalogue the lists hold all items.
    """

    def __init__(self, task: Task, n_best: int) -> None:
        self._users, self._heldout = task.candidates.users, task.candidates.heldout
        self._n_items = n_items = task.train.n_items
        self._n_best = min(n_best, n_items)
        train, later = task.train, task.later
        self._touched = train.offsets, train.items, later.offsets, later.items
        n_touched = (np.diff(train.offsets) + np.diff(later.offsets))[self._users]
        self.n_rivals: IndexArray = (n_items - 1 - n_touched).astype(np.int32)
        self._tie_keys = tie_keys(task.column_keys)

    def rank(self, scores: Scores, first: int, share: slice) -> tuple[IndexArray, IndexArray, IndexArray] | None:
        """Return how many untouched items are better and tied, int32, ``(n,)``, and the best, ``(n, n_best)``.

        Return None where some of the scores of untouched items are not finite. Those of touched items may be anything:
        many models give them ``-inf``, so that no list holds them.

        Parameters
        ----------
        scores
            The scores of all items, ``(n_users, n_items)``, for the evaluated users from ``first`` on.
        share
            The rows of ``scores`` to rank.
        """
        evaluated = slice(first + share.start, first + share.stop)
        own = np.ascontiguousarray(scores[share], dtype=np.float64)
        n_better, n_tied = np.empty((2, len(own)), dtype=np.int32)
        chosen = np.empty((len(own), self._n_best), dtype=np.int32)
        found = np.empty(chosen.shape)
        is_finite = _rank_rows(
            own, self._users[evaluated], self._heldout[evaluated], *self._touched, self._tie_keys[evaluated],
            n_better, n_tied, chosen, found,
        )  # fmt: skip
        if not is_finite:
            return None
        return n_better, n_tied, in_order(chosen, found, self._tie_keys[evaluated])

    def is_untouched(self, evaluated: slice) -> npt.NDArray[np.bool_]:
        """Return which items some of the evaluated users never touched, ``(n, n_items)``; the held-out ones are."""
        users = self._users[evaluated]
        untouched = np.ones((users.size, self._n_items), dtype=np.bool_)
        for offsets, items in (self._touched[:2], self._touched[2:]):
            for row, user in enumerate(users):
                untouched[row, items[offsets[user] : offsets[user + 1]]] = False
        return untouched


def tie_keys(column_keys: Keys) -> Keys:
    """Return the keys by which `in_order` orders equal scores, uint64, ``(n,)``, from the keys of some users."""
    return derive(column_keys, text_key("ties of top lists"))


def in_order(items: IndexArray, scores: Floats, keys: Keys) -> IndexArray:
    """Return the items of each row, ``(n, n_best)``, by descending scores.

    Equal scores are ordered by the words of the row's key, one for each item (see `protocol.keyed.words`).
    """
    order = np.argsort(-scores, axis=1)
    descending = np.take_along_axis(scores, order, axis=1)
    tied = np.flatnonzero((descending[:, 1:] == descending[:, :-1]).any(axis=1))
    order[tied] = np.lexsort((words(keys[tied, None], items[tied]), -scores[tied]), axis=1)
    return np.take_along_axis(items, order, axis=1)


@numba.njit(nogil=True)
def _bound(row: Floats, n: int, room: Floats) -> float:
    """Return a score that at least ``n`` items reach, or the lowest score; ``room`` is scratch memory.

    Split the items into groups, and take the best score of each. The ``n``-th largest of these is such a score, as the
    best items of ``n`` groups reach it.
    """
    group_size = row.size // (2 * n)
    if group_size < 2:
        return _LOWEST
    n_groups = row.size // group_size
    best = room[:n_groups]
    best[:] = row[:n_groups]
    for start in range(n_groups, n_groups * group_size, n_groups):
        for group in range(n_groups):
            best[group] = max(best[group], row[start + group])
    found: float = max(nth_largest(best, n), _LOWEST)
    return found


@numba.njit(nogil=True)
def _lead(key: np.uint64, item: int) -> float:
    """Return a number that is higher the lower the item's word of `protocol.keyed.words` is: its upper 53 bits."""
    word = key + (np.uint64(item) + np.uint64(1)) * GOLDEN_GAMMA
    word = (word ^ (word >> np.uint64(30))) * MIX_1
    word = (word ^ (word >> np.uint64(27))) * MIX_2
    word ^= word >> np.uint64(31)
    return -float(word >> np.uint64(11))


@numba.njit(nogil=True)
def _choose(
    row: Floats, key: np.uint64, room: Floats, contenders: IndexArray, chosen: IndexArray, found: Floats
) -> None:
    """Choose the best items of a row, in any order; of items tied for the last places, those with the lowest words.

    Parameters
    ----------
    row
        ``(n_items,)``; an entry of ``-inf`` cannot be chosen.
    key
        Of the words that order tied items.
    room, contenders
        ``(n_items,)``, float64 and int32: scratch memory.
    chosen, found
        ``(n,)``: written with the items and their scores; -1 and ``-inf`` if there are fewer.
    """
    n = chosen.size
    bound = _bound(row, n, room)
    count = 0
    for item in range(row.size):
        contenders[count] = item
        count += row[item] >= bound
    n_chosen = 0
    if count > n:
        for k in range(count):
            room[k] = row[contenders[k]]
        threshold = nth_largest(room[:count], n)
        n_equal = 0
        for k in range(count):
            item = contenders[k]
            if row[item] > threshold:
                chosen[n_chosen] = item
                n_chosen += 1
            elif row[item] == threshold:
                contenders[n_equal] = item
                n_equal += 1
        for k in range(n_equal):
            room[k] = _lead(key, contenders[k])
        last = nth_largest(room[:n_equal], n - n_chosen)
        for k in range(n_equal):
            # Of two items that share 53 bits, the first one is chosen.
            if n_chosen < n and _lead(key, contenders[k]) >= last:
                chosen[n_chosen] = contenders[k]
                n_chosen += 1
    else:
        chosen[:count] = contenders[:count]
        chosen[count:] = NO_ITEM
        n_chosen = count
    found[n_chosen:] = -np.inf
    for k in range(n_chosen):
        found[k] = row[chosen[k]]


def _fixed(of: str, n_dimensions: int = 1) -> str:
    """Return numba's name of the type of a read-only array."""
    return f"Array({of}, {n_dimensions}, 'C', readonly=True)"


_TOUCHED = f"{_fixed('int64')}, {_fixed('int32')}"


@compiled(
    f"({_fixed('float64', 2)}, {_fixed('int32')}, {_fixed('int32')}, {_TOUCHED}, {_TOUCHED}, uint64[::1], "
    "int32[::1], int32[::1], int32[:, ::1], float64[:, ::1])"
)
def _rank_rows(
    scores: Floats,
    users: IndexArray,
    heldout: IndexArray,
    train_offsets: npt.NDArray[np.int64],
    train_items: IndexArray,
    later_offsets: npt.NDArray[np.int64],
    later_items: IndexArray,
    tie_keys: Keys,
    n_better: IndexArray,
    n_tied: IndexArray,
    chosen: IndexArray,
    found: Floats,
) -> bool:
    """Rank the held-out item of each row among the untouched ones, and choose the best of these, in any order.

    Return whether all scores of untouched items are finite; it stops at the first row with one that is not.

    Parameters
    ----------
    scores
        ``(n, n_items)``.
    users, heldout
        ``(n,)``.
    tie_keys
        ``(n,)``: of the order of tied items.
    n_better, n_tied, chosen, found
        Written with the results: ``(n,)`` for the first two, ``(n, n_best)`` for the others (see `_choose`).
    """
    n_items = scores.shape[1]
    row, room = np.empty(n_items), np.empty(n_items)
    contenders = np.empty(n_items, dtype=np.int32)
    for at, user in enumerate(users):
        own, better, equal, finite = scores[at, heldout[at]], 0, 0, 0
        for item in range(n_items):
            score = scores[at, item]
            row[item] = score
            better += score > own
            equal += score == own
            finite += abs(score) < np.inf
        n_untouched = n_items
        for offsets, items in ((train_offsets, train_items), (later_offsets, later_items)):
            for k in range(offsets[user], offsets[user + 1]):
                score = row[items[k]]
                better -= score > own
                equal -= score == own
                finite -= abs(score) < np.inf
                row[items[k]] = -np.inf
            n_untouched -= offsets[user + 1] - offsets[user]
        if finite < n_untouched:
            return False
        n_better[at], n_tied[at] = better, equal - 1
        _choose(row, tie_keys[at], room, contenders, chosen[at], found[at])
    return True
