"""MF: the examples of an epoch, and what many epochs learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.kernels import logistic
from recommenders.mf import MF


def test_an_epoch_visits_each_interaction_and_its_negatives(monkeypatch: pytest.MonkeyPatch, interactions_of) -> None:
    train = interactions_of([(0, 0), (0, 3), (1, 2)], 2, 4)
    epochs = []
    monkeypatch.setattr(logistic, "descend", lambda examples, *_: epochs.append(sorted(examples.tolist())) or 9.0)
    for loss in MF(epochs=5, n_negatives=2).fit_epochs(train, rng=np.random.default_rng(0)):
        assert loss == 1
    for epoch in epochs:
        assert [triple[:2] for triple in epoch if triple[2] == 1] == [[0, 0], [0, 3], [1, 2]]
        assert len(epoch) == 3 * (1 + 2)
        assert all(item not in {0: (0, 3), 1: (2,)}[user] for user, item, label in epoch if label == 0)


def test_negatives_may_be_of_all_items(interactions_of) -> None:
    """As in the paper's code: also those that the user trained on, and for a user who trained on all items."""
    train = interactions_of([(0, 0), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)], 2, 4)
    negatives = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logistic, "descend", lambda examples, *_: negatives.append(examples[examples[:, 2] == 0]) or 0.0)
        MF(epochs=1, n_negatives=100, negatives_from="all").fit(train, rng=np.random.default_rng(0))
    users, items, _ = np.concatenate(negatives).T
    assert np.bincount(users).tolist() == [200, 400]
    assert {*items[users == 0].tolist()} == {*items[users == 1].tolist()} == {0, 1, 2, 3}


def test_the_loss_falls_and_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    model = MF(embedding_size=8, epochs=60, learning_rate=0.05, reg=0.1, n_negatives=1)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert losses[0] == pytest.approx(math.log(2), abs=0.05)
    assert losses[-1] < 0.45
    assert sees_the_board(model) > 0.97


def test_scores_are_logits_up_to_what_a_user_has_in_common(checkerboard) -> None:
    model = MF(embedding_size=4, epochs=3).fit(checkerboard, rng=np.random.default_rng(0))
    factors = model._state
    assert factors is not None
    assert factors.biases is not None
    expected = factors.users[1].astype(float) @ factors.items[2] + factors.biases[2]
    assert model.score(np.array([1]), np.array([[2]])).item() == pytest.approx(expected, rel=1e-6)
    assert np.any(factors.biases != 0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"embedding_size": 0},
        {"learning_rate": 0.0},
        {"reg": -1.0},
        {"n_negatives": -1},
        {"init_std": 0.0},
        {"negatives_from": "some"},
    ],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        MF(**parameters)
