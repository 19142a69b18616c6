"""A ``score_all`` that contradicts ``forward`` is an error, before or after training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_to_train import OwnWay, TwoTower
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
