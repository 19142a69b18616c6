"""What is known of the training interactions before anything is fitted: the sizes on which memory depends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from protocol.counting import occurrences

if TYPE_CHECKING:
    from protocol.types import Interactions


@dataclass(frozen=True)
class TrainFacts:
    """Sizes of the training interactions and of the evaluation; all are Python's integers.

    Parameters
    ----------
    n_users, n_items
        The sizes of the index spaces; users and items without an interaction are counted, too.
    n_interactions
        Rows of the training interactions.
    longest_history
        The most items of one user.
    item_pairs
        The sum, over users, of the squared number of their items: as many pairs of items some user touched both of,
        each counted once for each such user, in both orders and with itself.
    user_pairs
        The same with users and items exchanged.
    n_evaluated
        Users that are evaluated.
    n_negatives
        Negatives of each evaluated user; 0 where every item is ranked.
    ranks_all
        Whether every item is ranked for each evaluated user.
    n_scores
        The most scores that one call of ``score`` or ``score_all`` is asked for.
    threads
        Threads that the recommender may use.
    """

    n_users: int
    n_items: int
    n_interactions: int
    longest_history: int
    item_pairs: int
    user_pairs: int
    n_evaluated: int
    n_negatives: int
    ranks_all: bool
    n_scores: int
    threads: int

    @classmethod
    def of(
        cls,
        train: Interactions,
        *,
        n_evaluated: int,
        n_negatives: int,
        ranks_all: bool,
        n_scores: int,
        threads: int = 1,
    ) -> Self:
        """Return the facts about some training interactions; the other parameters are as above."""
        of_users, of_items = np.diff(train.offsets), occurrences(train.items, train.n_items)
        return cls(
            n_users=train.n_users,
            n_items=train.n_items,
            n_interactions=len(train),
            longest_history=int(of_users.max(initial=0)),
            item_pairs=int(of_users @ of_users),
            user_pairs=int(of_items @ of_items),
            n_evaluated=n_evaluated,
            n_negatives=n_negatives,
            ranks_all=ranks_all,
            n_scores=n_scores,
            threads=threads,
        )
