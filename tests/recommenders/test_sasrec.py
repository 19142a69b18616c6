"""SASRec: the sequences that it gets, and that it learns from the order of items."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from protocol.errors import RecommenderError
from protocol.types import Interactions
from recommenders.popularity import Popularity
from recommenders.sasrec import SASRec, cut, latest


def in_order(histories: list[list[int]], n_items: int) -> Interactions:
    lengths = [len(history) for history in histories]
    users = np.repeat(np.arange(len(histories)), lengths)
    times = np.concatenate([np.arange(length) for length in lengths])
    return Interactions(users, np.concatenate(histories).astype(int), times, len(histories), n_items)


TRAIN = in_order([[1, 2, 3, 4, 5, 6], [7], [], [8, 2]], 9)


def test_histories_are_cut_from_their_ends() -> None:
    assert cut(TRAIN, 3).tolist() == [[4, 5, 6], [2, 3, 4], [1, 2, 9], [8, 2, 9]]
    assert cut(TRAIN, 6).tolist() == [[1, 2, 3, 4, 5, 6], [8, 2, 9, 9, 9, 9]]
    assert cut(TRAIN, 2).tolist() == [[5, 6], [4, 5], [3, 4], [2, 3], [1, 2], [8, 2]]


def test_each_item_but_the_first_is_once_the_next() -> None:
    rng = np.random.default_rng(0)
    histories = [rng.permutation(40)[: rng.integers(0, 30)].tolist() for _ in range(20)]
    expected = sorted(pair for history in histories for pair in pairwise(history))
    for length in (2, 5, 11, 40):
        windows = cut(in_order(histories, 40), length).tolist()
        found = [pair for window in windows for pair in pairwise(window) if pair[1] < 40]
        assert sorted(found) == expected


def test_the_latest_items_are_used() -> None:
    assert latest(TRAIN, 3).tolist() == [[4, 5, 6], [7, 9, 9], [9, 9, 9], [8, 2, 9]]


@pytest.mark.parametrize("n_negatives", [0, 8])
def test_the_next_item_is_learned_from_the_order(circle, comes_next, n_negatives: int) -> None:
    train, _ = circle
    model = SASRec(embedding_size=16, n_blocks=1, max_length=8, epochs=60, learning_rate=0.01, n_negatives=n_negatives)
    losses = list(model.fit_epochs(train, rng=np.random.default_rng(0)))
    assert losses[-1] < 0.5 * losses[0]
    assert comes_next(model) > 0.95
    assert comes_next(Popularity().fit(train, rng=np.random.default_rng(0))) == 0


def test_the_order_of_the_same_items_changes_the_scores(circle) -> None:
    train, _ = circle
    model = SASRec(embedding_size=16, n_blocks=1, max_length=8, epochs=2)
    turned = in_order([np.roll(history, 3).tolist() for history in train.items.reshape(60, 9)], 20)
    one, other = (
        model.fit(data, rng=np.random.default_rng(0)).score_all(np.arange(60, dtype=np.int32))
        for data in (train, turned)
    )
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize(
    "parameters",
    [
        {"embedding_size": 0},
        {"n_blocks": -1},
        {"n_heads": 0},
        {"n_heads": 3},
        {"max_length": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"n_negatives": -1},
        {"dropout": 1.0},
        {"epochs": -1},
    ],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        SASRec(**parameters)
