"""SASRec: it learns from the order of items."""

from __future__ import annotations

import numpy as np
import pytest
from histories_by_hand import in_order
from largest_tensor import LargestTensor

from protocol.errors import RecommenderError
from recommenders.modules import blockwise
from recommenders.popularity import Popularity
from recommenders.sasrec import SASRec


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


def test_no_array_of_histories_positions_and_items_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    n_users, length, n_items = 16, 40, 300
    monkeypatch.setattr(blockwise, "SCORES", 10 * n_items)
    train = in_order([[(7 * user + place) % n_items for place in range(length)] for user in range(n_users)], n_items)
    model = SASRec(embedding_size=16, n_blocks=1, max_length=length, epochs=1, batch_size=n_users)
    with LargestTensor() as largest:
        model.fit(train, rng=np.random.default_rng(0))
    assert n_users * (length - 1) ** 2 <= largest.n_elements < n_users * length * n_items / 7


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
