"""A ``score_all`` that contradicts ``forward`` is an error, before or after training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_to_train import GRU4Rec, LastState, NextLogits, OwnWay, OwnWayOfHistories, TwoTower
from torch import nn

from protocol.errors import RecommenderError


class Biased(TwoTower):
    """Its ``score_all`` forgets the items' bias."""

    first = 1.0

    def __init__(self, n_users: int, n_items: int) -> None:
        super().__init__(n_users, n_items)
        self.bias = nn.Parameter(torch.full((n_items,), self.first))

    def forward(self, users, items):
        return super().forward(users, items) + self.bias[items]

    def score_all(self, users):
        return self.users(users) @ self.items.weight.T


class BiasedLater(Biased):
    first = 0.0


class Whole(Biased):
    def score_all(self, users):
        return super().score_all(users) + self.bias


def losses(model, train) -> list[float]:
    return list(model.fit_epochs(train, rng=np.random.default_rng(0)))


@pytest.mark.parametrize(("module_class", "loss"), [(Biased, "bce"), (Biased, "cross_entropy"), (BiasedLater, "bce")])
def test_a_forgotten_term_is_an_error(model_of, checkerboard, module_class: type, loss: str) -> None:
    with pytest.raises(RecommenderError) as caught:
        losses(model_of(module_class, loss=loss), checkerboard)
    name = module_class.__name__
    assert str(caught.value).startswith(f"{name}.score_all returned ")
    assert "both compute the same scores, so mend one, or leave score_all out" in str(caught.value)


@pytest.mark.parametrize("module_class", [Whole, OwnWay])
def test_one_that_agrees_is_trained(model_of, checkerboard, module_class: type) -> None:
    assert len(losses(model_of(module_class), checkerboard)) == 3


def last_of(answers, histories):
    """Return the answer at the last item of each history; padding is behind the items."""
    n_items = int(histories.max())
    return answers[torch.arange(len(answers)), (histories < n_items).sum(1) - 1]


class ForgetsPadding(GRU4Rec):
    """Takes the last column for the latest item."""

    def score_all(self, histories):
        return self(histories)[:, -1] @ self.items.weight[:-1].T


class Doubles(NextLogits):
    def score_all(self, histories):
        return 2 * last_of(self(histories), histories)


class OneLater(LastState):
    """Scores each item with the row of the next one."""

    def score_all(self, histories):
        return self(histories) @ self.items.weight[1:].T


class AsItIs(NextLogits):
    def score_all(self, histories):
        return last_of(self(histories), histories)


class ByVectors(LastState):
    def score_all(self, histories):
        return self(histories) @ self.items.weight[:-1].T


@pytest.mark.parametrize("module_class", [ForgetsPadding, Doubles, OneLater])
def test_a_score_all_of_histories_that_contradicts_forward_is_an_error(
    model_of, checkerboard, module_class: type
) -> None:
    with pytest.raises(RecommenderError, match=rf"{module_class.__name__}\.score_all returned .*mend one"):
        losses(model_of(module_class, max_length=12), checkerboard)


@pytest.mark.parametrize("module_class", [AsItIs, ByVectors, OwnWayOfHistories])
def test_one_of_histories_that_agrees_is_trained(model_of, checkerboard, module_class: type) -> None:
    assert len(losses(model_of(module_class, max_length=12, epochs=2), checkerboard)) == 2
