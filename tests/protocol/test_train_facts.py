"""The facts on which memory depends are those of the interactions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from protocol.train_facts import TrainFacts
from protocol.types import Interactions

COUNTS = {"n_evaluated": 3, "n_negatives": 5, "ranks_all": True, "n_scores": 18, "threads": 2}


def interactions(pairs: set[tuple[int, int]], n_users: int, n_items: int) -> Interactions:
    users, items = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2).T
    return Interactions(users, items, np.zeros(users.size, np.int64), n_users, n_items)


def test_they_count_users_items_and_interactions() -> None:
    facts = TrainFacts.of(interactions({(0, 1), (0, 2), (2, 1)}, n_users=4, n_items=5), **COUNTS)
    assert facts == TrainFacts(4, 5, 3, 2, 2**2 + 1, 2**2 + 1, 3, 5, ranks_all=True, n_scores=18, threads=2)


def test_of_nothing_they_are_zeros() -> None:
    facts = TrainFacts.of(interactions(set(), n_users=0, n_items=0), **COUNTS)
    assert (facts.n_interactions, facts.longest_history, facts.item_pairs, facts.user_pairs) == (0, 0, 0, 0)


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 6))))
def test_pairs_are_those_of_the_products_of_the_matrix(pairs: set[tuple[int, int]]) -> None:
    train = interactions(pairs, n_users=5, n_items=7)
    dense = train.to_csr(np.int64).toarray()
    facts = TrainFacts.of(train, **COUNTS)
    assert facts.item_pairs == (dense.T @ dense).sum()
    assert facts.user_pairs == (dense @ dense.T).sum()
    assert facts.longest_history == dense.sum(axis=1).max()
