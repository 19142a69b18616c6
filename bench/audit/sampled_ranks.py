"""Ranks against the drawn candidates that follow from the list of best items: the better items are in the list.

If the held-out item is among the best, each of its rivals that scores higher is in the list before it, so that the
list and the candidates, drawn again, give its rank. Where it is not, they give the best rank that it may have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from bench.records.record import Record
    from protocol.tasks.candidates import Candidates

ROUNDING = 1000
"""Of so many users, one may differ: scores of a whole catalogue and of candidates may differ in their last bits."""


@dataclass(frozen=True)
class Following:
    """How many sampled ranks of a record follow from its lists.

    Parameters
    ----------
    n_users
        Evaluated users.
    n_known
        Those whose rank follows.
    n_wrong
        Those whose stored rank is another one than follows, or better than it may be.
    """

    n_users: int
    n_known: int
    n_wrong: int

    @property
    def is_contradiction(self) -> bool:
        """Whether more ranks differ than rounding explains."""
        return self.n_wrong > self.n_users // ROUNDING


def drawn_pairs(candidates: Candidates, n_items: int) -> npt.NDArray[np.int64]:
    """Return the pairs of users and drawn rivals, each as ``user * n_items + item``, in ascending order."""
    users = np.broadcast_to(candidates.users[:, None], candidates.negatives.shape)
    is_rival = candidates.is_rival
    return np.sort(users[is_rival].astype(np.int64) * n_items + candidates.negatives[is_rival])


def following(record: Record, candidates: Candidates, pairs: npt.NDArray[np.int64], n_items: int) -> Following | None:
    """Return how many sampled ranks follow from the lists; None where nothing was sampled, or there are no lists.

    Parameters
    ----------
    candidates
        Of the record's task, drawn again.
    pairs
        Of `drawn_pairs`.
    """
    ranks, full, lists = record.ranks, record.full_ranks, record.top_items
    if ranks is None or full is None or lists is None or pairs.size == 0:
        return None
    listed = candidates.users[:, None].astype(np.int64) * n_items + lists
    is_drawn = (pairs.take(np.searchsorted(pairs, listed), mode="clip") == listed) & (lists >= 0)
    # The number of drawn rivals in the first n places, for n from 0.
    drawn_before = np.pad(np.cumsum(is_drawn, axis=1), ((0, 0), (1, 0)))
    rows, length = np.arange(len(lists)), lists.shape[1]
    last = full.n_better.astype(np.int64) + full.n_tied
    n_better = drawn_before[rows, np.minimum(full.n_better, length)]
    n_tied = drawn_before[rows, np.minimum(last + 1, length)] - n_better
    is_known = last < length
    is_other = (ranks.n_better != n_better) | (ranks.n_tied != n_tied)
    is_too_good = ranks.n_better.astype(np.int64) + ranks.n_tied < n_better
    is_wrong = np.where(is_known, is_other, is_too_good)
    return Following(len(lists), int(is_known.sum()), int(is_wrong.sum()))
