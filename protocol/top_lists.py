"""The best items of each user, in order (P16): the lists that are stored beside the ranks of a full ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Scores

_NONE = -1


def top_items(scores: Scores, n: int, places: IndexArray) -> IndexArray:
    """Return the ``n`` best items of each row, best first; int32, ``(n_users, n)``.

    Parameters
    ----------
    scores
        ``(n_users, n_items)``. Items that score ``-inf`` are no candidates; where too few are left, the list is filled
        up with -1.
    n
        At most ``n_items``.
    places
        int32, ``(n_items,)``: where each item stands among those of equal score, so that a low index is no advantage.
    """
    items, found = _contenders(scores, n)
    if found.shape[1] > 2 * n:
        chosen = _best(found, n, items, places)
        items, found = items[chosen].reshape(-1, n), found[chosen].reshape(-1, n)
    order = np.argsort(-found, axis=1)
    # The next one after the last of the list may equal it.
    in_order = np.take_along_axis(found, order[:, : n + 1], axis=1)
    tied = np.flatnonzero((in_order[:, 1:] == in_order[:, :-1]).any(axis=1))
    order[tied] = np.lexsort((places[items[tied]], -found[tied]), axis=1)
    best = np.take_along_axis(items, order[:, :n], axis=1).astype(np.int32)
    best[in_order[:, :n] == -np.inf] = _NONE
    return best


def _contenders(scores: Scores, n: int) -> tuple[npt.NDArray[np.int64], Scores]:
    """Return a few items of each row, the ``n`` best and all that equal them among them, and their scores.

    Of the best items of any ``n`` groups none is worse than the worst of these, so that many at least are as good: the
    n-th best of the groups' best is a bound, found in one pass and a partition of few. Rows with fewer contenders are
    filled up with -1, which scores ``-inf``.
    """
    n_users, n_items = scores.shape
    group_size = n_items // (2 * n)
    if group_size < 2:
        return np.tile(np.arange(n_items), (n_users, 1)), scores
    n_groups = n_items // group_size
    best = scores[:, : n_groups * group_size].reshape(n_users, group_size, n_groups).max(axis=1)
    bound = np.partition(best, n_groups - n, axis=1)[:, n_groups - n, None]
    flat = np.flatnonzero(scores >= bound)
    starts = np.searchsorted(flat, n_items * np.arange(n_users + 1))
    counts = np.diff(starts)
    filled = np.arange(counts.max()) < counts[:, None]
    items = np.full(filled.shape, _NONE, dtype=np.int64)
    items[filled] = flat - n_items * np.repeat(np.arange(n_users), counts)
    found = np.full(filled.shape, -np.inf, dtype=scores.dtype)
    found[filled] = scores.reshape(-1)[flat]
    return items, found


def _best(found: Scores, n: int, items: npt.NDArray[np.int64], places: IndexArray) -> npt.NDArray[np.bool_]:
    """Choose the ``n`` best of each row, of those that equal the worst of them the first by place."""
    width = found.shape[1]
    threshold = np.partition(found, width - n, axis=1)[:, width - n, None]
    chosen: npt.NDArray[np.bool_] = found >= threshold
    crowded = np.flatnonzero(np.count_nonzero(chosen, axis=1) > n)
    if crowded.size:
        above, equal = found[crowded] > threshold[crowded], found[crowded] == threshold[crowded]
        # What fills a row up comes last, each at a place of its own.
        filling = np.arange(places.size, places.size + width, dtype=np.int32)
        queue = np.where(items[crowded] == _NONE, filling, places[items[crowded]])
        n_wanted = n - np.count_nonzero(above, axis=1)
        in_turn = np.sort(np.where(equal, queue, places.size + width), axis=1)
        last = np.take_along_axis(in_turn, n_wanted[:, None] - 1, axis=1)
        chosen[crowded] = above | (equal & (queue <= last))
    return chosen
