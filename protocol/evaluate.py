"""Score a fitted recommender on a task and rank the held-out items, in blocks of users."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import blocks
from protocol.contract import FullRanker, Recommender
from protocol.keyed import Keys, bounded, derive, root_key, words
from protocol.ranking import Ranks, checked_scores, rank_heldout
from protocol.types import IndexArray, Interactions, Scores, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from protocol.task import Task

BLOCK_BYTES = 64 * 2**20
"""A block of scores, at eight bytes each, takes no more than this."""

RANKED_BYTES = 2**21
"""So much of a block of full rows is ranked at once: it stays in the cache, which is passed over several times."""

TOP_ITEMS = 100
"""The length of the stored list of each user's best items."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Ranks against the candidates, and what the full ranking gives where the recommender has one.

    Parameters
    ----------
    ranks
        Against the candidates; where none are drawn (P25), against every item that the user never touched.
    score_seconds
        Time spent scoring for them, in seconds.
    full_ranks
        Against every item that the user never touched; None without full ranking.
    top_items
        int32, ``(n_eval, 100)`` or fewer columns in a smaller catalogue: the best among these and the held-out item,
        best first, filled up with -1; None without full ranking.
    full_score_seconds
        Time spent scoring all items, in seconds; None without full ranking.
    """

    ranks: Ranks
    score_seconds: float
    full_ranks: Ranks | None = None
    top_items: IndexArray | None = None
    full_score_seconds: float | None = None


@dataclass
class _Stopwatch:
    """Adds up the time spent inside its ``with`` blocks, in seconds."""

    seconds: float = 0.0
    _started: float = field(default=0.0, repr=False)

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started


def evaluate(recommender: Recommender, task: Task, *, full: bool = True, name: str = "recommender") -> Evaluation:
    """Score and rank every evaluated user.

    Parameters
    ----------
    recommender
        Fitted on ``task.train``.
    full
        Whether to rank the whole catalogue, too, if the recommender has ``score_all``. Where no negatives are drawn,
        that is the measure, and done for every recommender.
    name
        What error messages call the recommender.

    Raises
    ------
    ScoreError
        If scores are misshapen, of a wrong type or not finite.
    """
    if task.is_full_ranking:
        ranks, top_items, seconds = rank_catalogue(recommender, task, name)
        return Evaluation(ranks, seconds, ranks, top_items, seconds)
    ranks, score_seconds = rank_candidates(recommender, task, name)
    if not (full and isinstance(recommender, FullRanker)):
        return Evaluation(ranks, score_seconds)
    full_ranks, top_items, full_seconds = rank_catalogue(recommender, task, name)
    return Evaluation(ranks, score_seconds, full_ranks, top_items, full_seconds)


def rank_candidates(recommender: Recommender, task: Task, name: str) -> tuple[Ranks, float]:
    """Return the ranks against the candidates and the seconds spent scoring.

    The candidates of each user are shown in a keyed random order, so that no column tells the held-out item.
    """
    clock = _Stopwatch()
    parts = []
    candidates = task.candidates
    for block in _blocks(candidates.n_evaluated, 1 + candidates.negatives.shape[1]):
        items = np.concatenate((candidates.heldout[block, None], candidates.negatives[block]), axis=1)
        keys, is_rival = task.column_keys[block], candidates.is_rival[block]
        items = with_random_repeats(items, is_rival, keys)
        order = column_order(keys, items.shape[1])
        users = frozen(candidates.users[block], np.int32)
        shown = frozen(np.take_along_axis(items, order, axis=1), np.int32)
        with clock:
            answer = recommender.score(users, shown)
        scores = checked_scores(answer, shown.shape, name)
        in_place = np.empty_like(scores)
        np.put_along_axis(in_place, order, scores, axis=1)
        parts.append(rank_heldout(in_place, is_rival))
    return Ranks.concatenate(parts), clock.seconds


def column_order(keys: Keys, n_columns: int) -> npt.NDArray[np.int64]:
    """Return a random order of the columns for each key; int64, ``(n, n_columns)``."""
    return np.argsort(words(keys[:, None], np.arange(n_columns)), axis=1, kind="stable")


def with_random_repeats(items: IndexArray, is_rival: npt.NDArray[np.bool_], keys: Keys) -> IndexArray:
    """Return the candidates with another of the row's items, drawn by its key, in each column that does not count.

    Such a column repeats an item, and in short lists it is the held-out one: shown like that, it would tell which.

    Parameters
    ----------
    items
        int32, ``(n, 1 + n_negatives)``; column 0 is the held-out item.
    is_rival
        bool, ``(n, n_negatives)``.
    keys
        uint64, ``(n,)``.
    """
    counts = np.insert(is_rival, 0, values=True, axis=1)
    rows, columns = np.nonzero(~counts)
    if rows.size == 0:
        return items
    counting_first = np.argsort(~counts, axis=1, kind="stable")
    # The order of columns takes the first words of each stream.
    drawn = bounded(keys[rows], items.shape[1] + columns, np.count_nonzero(counts, axis=1)[rows])
    shown = items.copy()
    shown[rows, columns] = items[rows, counting_first[rows, drawn]]
    return shown


def rank_catalogue(recommender: Recommender, task: Task, name: str) -> tuple[Ranks, IndexArray, float]:
    """Return the ranks against all untouched items, each user's best items, and the seconds spent scoring.

    A recommender without ``score_all`` is asked for the score of every item.
    """
    clock = _Stopwatch()
    ranks, tops = [], []
    candidates, train = task.candidates, task.train
    every_item = np.arange(train.n_items, dtype=np.int32)
    tie_keys = words(derive(root_key(0, "ties of top lists"), 0), np.arange(train.n_items))
    for block in _blocks(candidates.n_evaluated, train.n_items):
        users = frozen(candidates.users[block], np.int32)
        if isinstance(recommender, FullRanker):
            with clock:
                answer = recommender.score_all(users)
        else:
            shown = frozen(np.broadcast_to(every_item, (users.size, train.n_items)), np.int32)
            with clock:
                answer = recommender.score(users, shown)
        scores = checked_scores(answer, (users.size, train.n_items), name)
        parts = list(blocks(np.full(users.size, scores.itemsize * train.n_items), RANKED_BYTES))
        room = np.empty((parts[0].stop, train.n_items), dtype=scores.dtype)
        for part in parts:
            rows, items = _unranked_pairs(task, users[part])
            open_scores = room[: part.stop - part.start]
            np.copyto(open_scores, scores[part])
            open_scores[rows, items] = -np.inf
            ranks.append(_rank_among_open(open_scores, candidates.heldout[block][part], rows))
            tops.append(top_items(open_scores, min(TOP_ITEMS, train.n_items), tie_keys))
    return Ranks.concatenate(ranks), np.concatenate(tops), clock.seconds


def _blocks(n_users: int, width: int) -> Iterator[slice]:
    """Cut ``n_users`` rows of ``width`` eight-byte scores into blocks of at most `BLOCK_BYTES`."""
    return blocks(np.full(n_users, 8 * width), BLOCK_BYTES)


def _unranked_pairs(task: Task, users: IndexArray) -> tuple[npt.NDArray[np.int64], IndexArray]:
    """Return (row, item) of all that the users touched but the held-out items; rows index ``users``."""
    trained, later = (_pairs_of(interactions, users) for interactions in (task.train, task.later))
    return np.concatenate((trained[0], later[0])), np.concatenate((trained[1], later[1]))


def _pairs_of(interactions: Interactions, users: IndexArray) -> tuple[npt.NDArray[np.int64], IndexArray]:
    """Return (row, item) of all interactions of the users, ``(n_pairs,)`` each; rows index ``users``."""
    starts = interactions.offsets[users]
    counts = interactions.offsets[users + 1] - starts
    rows = np.repeat(np.arange(users.size), counts)
    index_in_row = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, interactions.items[starts[rows] + index_in_row]


def _rank_among_open(scores: Scores, heldout: IndexArray, closed_rows: npt.NDArray[np.int64]) -> Ranks:
    """Rank the held-out items among all items but those that score ``-inf``, which are given by their rows."""
    n_users, n_items = scores.shape
    own = scores[np.arange(n_users), heldout][:, None]
    n_better = np.count_nonzero(scores > own, axis=1)
    n_equal = _row_counts(scores == own, 1)
    n_rivals = n_items - 1 - np.bincount(closed_rows, minlength=n_users)
    return Ranks(n_better, n_equal - 1, n_rivals)


def _row_counts(mask: npt.NDArray[np.bool_], least: int) -> IndexArray:
    """Return how many of each row are true, which are ``least`` or more: as a rule so many, and soon counted."""
    if np.count_nonzero(mask) == least * len(mask):
        return np.full(len(mask), least, dtype=np.int32)
    counts: IndexArray = np.count_nonzero(mask, axis=1).astype(np.int32)
    return counts


def top_items(scores: Scores, n: int, tie_keys: Keys) -> IndexArray:
    """Return the ``n`` best items of each row, best first; int32, ``(n_users, n)``.

    Items that score ``-inf`` are no candidates; where too few are left, the list is filled up with -1. Equal scores
    are ordered by ``tie_keys``, uint64 ``(n_items,)``, so that a low index is no advantage.
    """
    n_users, n_items = scores.shape
    threshold = np.partition(scores, n_items - n, axis=1)[:, n_items - n, None]
    chosen = scores >= threshold
    crowded = np.flatnonzero(_row_counts(chosen, n) > n)
    if crowded.size:
        chosen[crowded] = _first_of_equals(scores[crowded], threshold[crowded], n, tie_keys)
    items = np.flatnonzero(chosen).reshape(n_users, n) - n_items * np.arange(n_users)[:, None]
    found = np.take_along_axis(scores, items, axis=1)
    order = np.argsort(-found, axis=1)
    in_order = np.take_along_axis(found, order, axis=1)
    tied = np.flatnonzero((in_order[:, 1:] == in_order[:, :-1]).any(axis=1))
    order[tied] = np.lexsort((tie_keys[items[tied]], -found[tied]), axis=1)
    items[found == -np.inf] = -1
    return np.take_along_axis(items, order, axis=1).astype(np.int32)


def _first_of_equals(scores: Scores, threshold: Scores, n: int, tie_keys: Keys) -> npt.NDArray[np.bool_]:
    """Choose all above the threshold, ``(n_users, 1)``, and of those at it the first by key, ``n`` in each row."""
    by_key = np.argsort(tie_keys, kind="stable")
    chosen = scores > threshold
    n_wanted = n - np.count_nonzero(chosen, axis=1)
    equal = np.take(scores == threshold, by_key, axis=1)
    rows, places = np.nonzero(equal & (np.cumsum(equal, axis=1, dtype=np.int32) <= n_wanted[:, None]))
    chosen[rows, by_key[places]] = True
    return chosen
