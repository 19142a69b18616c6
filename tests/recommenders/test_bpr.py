"""BPR: the examples of an epoch, and what many epochs learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.bpr import BPR
from recommenders.kernels import pairwise


def test_an_epoch_visits_each_interaction_once_with_a_fresh_negative(
    monkeypatch: pytest.MonkeyPatch, interactions_of
) -> None:
    """User 2 touched every item, so there is no negative."""
    train = interactions_of([(0, 0), (0, 7), (1, 3), *((2, item) for item in range(9))], 3, 9)
    epochs = []
    monkeypatch.setattr(pairwise, "descend", lambda examples, *_: epochs.append(sorted(examples.tolist())) or 3.0)
    for loss in BPR(epochs=30).fit_epochs(train, rng=np.random.default_rng(0)):
        assert loss == 1
    assert all([triple[:2] for triple in epoch] == [[0, 0], [0, 7], [1, 3]] for epoch in epochs)
    # 60 draws from 7 items miss one of them with 1,500 to 1 against it.
    negatives = {user: {triple[2] for epoch in epochs for triple in epoch if triple[0] == user} for user in (0, 1)}
    assert negatives[0] == {1, 2, 3, 4, 5, 6, 8}
    assert negatives[1] <= {0, 1, 2, 4, 5, 6, 7, 8}


def test_the_loss_falls_and_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    model = BPR(embedding_size=8, epochs=150, batch_size=64)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert losses[0] == pytest.approx(math.log(2), abs=0.01)
    assert losses[-1] < 0.3
    assert sees_the_board(model) > 0.97


@pytest.mark.parametrize(
    "parameters", [{"embedding_size": 0}, {"batch_size": 0}, {"learning_rate": 0.0}, {"reg": -1.0}, {"epochs": -1}]
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        BPR(**parameters)
