"""Score a fitted recommender on a task and rank the held-out items, in blocks of users."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import equal_blocks
from protocol.contract import FullRanker, Recommender
from protocol.evaluation.clock import Stopwatch, at_once
from protocol.evaluation.ranking import BLOCK_BYTES, Ranks, checked_array, checked_scores, not_finite, rank_heldout
from protocol.evaluation.tensors import as_array
from protocol.keyed import Keys, bounded, words
from protocol.types import IndexArray, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from protocol.evaluation.probing import Witness
    from protocol.tasks.task import Task

TOP_ITEMS = 100
"""The length of the stored list of each user's best items."""

LIST_TIES = "by user and item"
"""The order of equal scores in these lists: a keyed hash of user and item, so that users do not share one order."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Ranks against the candidates and, if the recommender has a full ranking, the results of that.

    Parameters
    ----------
    ranks
        Ranks against the candidates; if none are drawn (P25), against every item that the user never touched.
    score_seconds
        The time of scoring the candidates, in seconds.
    full_ranks
        Ranks against every item that the user never touched; None without a full ranking.
    top_items
        int32, ``(n_eval, 100)``, or fewer columns in a smaller catalogue: the best of the untouched items and the
        held-out item, best first, padded with -1; equal scores are ordered as `LIST_TIES` says. None without a full
        ranking.
    full_score_seconds
        The time of scoring all items, in seconds; None without a full ranking.
    """

    ranks: Ranks
    score_seconds: float
    full_ranks: Ranks | None = None
    top_items: IndexArray | None = None
    full_score_seconds: float | None = None


def evaluate(
    recommender: Recommender,
    task: Task,
    *,
    full: bool = True,
    name: str = "recommender",
    threads: int = 1,
    witness: Witness | None = None,
    synchronise: Callable[[], None] = at_once,
) -> Evaluation:
    """Score and rank every evaluated user.

    Parameters
    ----------
    recommender
        Fitted on ``task.train``.
    full
        Whether to rank the whole catalogue, too, if the recommender has ``score_all``. If no negatives are drawn, the
        catalogue is always ranked, for every recommender.
    name
        The recommender's name in error messages.
    threads
        The number of threads that rank the catalogue; scoring uses as many as the recommender likes.
    witness
        Is shown the scores.
    synchronise
        See `protocol.evaluation.clock.Stopwatch`.

    Raises
    ------
    ScoreError
        If scores are misshapen, of a wrong type or not finite.
    """
    if task.is_full_ranking:
        ranks, top_items, seconds = rank_catalogue(recommender, task, name, threads, witness, synchronise)
        return Evaluation(ranks, seconds, ranks, top_items, seconds)
    ranks, score_seconds = rank_candidates(recommender, task, name, witness, synchronise)
    if not (full and isinstance(recommender, FullRanker)):
        return Evaluation(ranks, score_seconds)
    full_ranks, top_items, full_seconds = rank_catalogue(recommender, task, name, threads, witness, synchronise)
    return Evaluation(ranks, score_seconds, full_ranks, top_items, full_seconds)


def rank_candidates(
    recommender: Recommender,
    task: Task,
    name: str,
    witness: Witness | None = None,
    synchronise: Callable[[], None] = at_once,
) -> tuple[Ranks, float]:
    """Return the ranks against the candidates and the seconds spent scoring.

    The recommender gets each user's candidates in a keyed random order, so that no column gives away the held-out item.
    """
    clock = Stopwatch(synchronise)
    parts = []
    candidates = task.candidates
    for block in equal_blocks(candidates.n_evaluated, 8 * (1 + candidates.negatives.shape[1]), BLOCK_BYTES):
        items = np.concatenate((candidates.heldout[block, None], candidates.negatives[block]), axis=1)
        keys, is_rival = task.column_keys[block], candidates.is_rival[block]
        items = with_random_repeats(items, is_rival, keys)
        order = column_order(keys, items.shape[1])
        users = frozen(candidates.users[block], np.int32)
        shown = frozen(np.take_along_axis(items, order, axis=1), np.int32)
        with clock:
            answer = as_array(recommender.score(users, shown))
        scores = checked_scores(answer, shown.shape, name)
        in_place = np.empty_like(scores)
        np.put_along_axis(in_place, order, scores, axis=1)
        parts.append(rank_heldout(in_place, is_rival))
        if witness is not None:
            witness.saw_candidates(block, in_place)
    return Ranks.concatenate(parts), clock.seconds


def column_order(keys: Keys, n_columns: int) -> npt.NDArray[np.int64]:
    """Return a random order of the columns for each key; int64, ``(n, n_columns)``."""
    return np.argsort(words(keys[:, None], np.arange(n_columns)), axis=1, kind="stable")


def with_random_repeats(items: IndexArray, is_rival: npt.NDArray[np.bool_], keys: Keys) -> IndexArray:
    """Return the candidates, where each column without a rival gets a random item of its row, drawn by the row's key.

    Such a column repeats an item; in short lists it repeats the held-out one, which would give that away.

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
    # `column_order` uses the first words of each stream.
    drawn = bounded(keys[rows], items.shape[1] + columns, np.count_nonzero(counts, axis=1)[rows])
    shown = items.copy()
    shown[rows, columns] = items[rows, counting_first[rows, drawn]]
    return shown


def rank_catalogue(
    recommender: Recommender,
    task: Task,
    name: str,
    threads: int = 1,
    witness: Witness | None = None,
    synchronise: Callable[[], None] = at_once,
) -> tuple[Ranks, IndexArray, float]:
    """Rank against all untouched items. A recommender without ``score_all`` scores every item by ``score``.

    Parameters
    ----------
    name
        What errors call the recommender.
    threads
        How many threads rank; the recommender scores in one.
    witness
        Is shown the scores.
    synchronise
        See `protocol.evaluation.clock.Stopwatch`.

    Returns
    -------
    ranks, best_items, seconds
        The ranks of the held-out items; each user's best items, int32, ``(n_eval, TOP_ITEMS)`` or as many columns as
        there are items; and the seconds spent scoring.

    Raises
    ------
    ScoreError
        If the scores break the contract.
    """
    # Here, as it loads numba, which takes longer than all else that ranks against drawn candidates.
    from protocol.evaluation.full_ranking import CatalogueRanker

    clock = Stopwatch(synchronise)
    users, n_items = task.candidates.users, task.train.n_items
    every_item = np.arange(n_items, dtype=np.int32)
    ranker = CatalogueRanker(task, TOP_ITEMS)
    found: list[tuple[IndexArray, IndexArray, IndexArray]] = []
    with ThreadPoolExecutor(threads) as executor:
        # With one thread, the calling one does the work: some clocks do not see others.
        in_turn = executor.map if threads > 1 else map
        for block in equal_blocks(users.size, 8 * n_items, BLOCK_BYTES):
            asked = frozen(users[block], np.int32)
            if isinstance(recommender, FullRanker):
                with clock:
                    answer = as_array(recommender.score_all(asked))
            else:
                shown = frozen(np.broadcast_to(every_item, (asked.size, n_items)), np.int32)
                with clock:
                    answer = as_array(recommender.score(asked, shown))
            scores = checked_array(answer, (asked.size, n_items), name)
            if witness is not None:
                witness.saw_catalogue(block, scores, by_score_all=isinstance(recommender, FullRanker))
            shares = equal_blocks(asked.size, 1, math.ceil(asked.size / threads))
            for ranked in in_turn(partial(ranker.rank, scores, block.start), shares):
                if ranked is None:
                    raise not_finite(scores[ranker.is_untouched(block)], name)
                found.append(ranked)
    n_better, n_tied, tops = (np.concatenate(each) for each in zip(*found, strict=True))
    return Ranks(n_better, n_tied, ranker.n_rivals), tops, clock.seconds
