"""What an optimizer trains: some of what the loss depends on, or there is an error."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_to_train import TwoTower
from torch import nn

from protocol.errors import RecbenchWarning, RecommenderError


class OwnRate(TwoTower):
    def __init__(self, n_users: int, n_items: int, learning_rate: float = 0.01) -> None:
        super().__init__(n_users, n_items)


class TrainsNothing(OwnRate):
    def configure_optimizers(self):
        return torch.optim.Adam(nn.Linear(2, 1).parameters())


class FreezesItems(OwnRate):
    def configure_optimizers(self):
        return torch.optim.Adam(self.users.parameters(), lr=0.1)


class FreezesItemsOpenly(FreezesItems):
    def __init__(self, n_users: int, n_items: int, learning_rate: float = 0.01) -> None:
        super().__init__(n_users, n_items)
        self.items.requires_grad_(False)


class HasAnUnusedLayer(TwoTower):
    def __init__(self, n_users: int, n_items: int) -> None:
        super().__init__(n_users, n_items)
        self.unused = nn.Linear(2, 1)


def test_an_optimizer_of_other_parameters_is_an_error(model_of, checkerboard) -> None:
    with pytest.raises(RecommenderError, match="the optimizer of TrainsNothing has no parameter that the loss depends"):
        model_of(TrainsNothing).fit(checkerboard, rng=np.random.default_rng(0))


@pytest.mark.parametrize("module_class", [FreezesItemsOpenly, HasAnUnusedLayer])
def test_frozen_and_unused_parts_are_no_error(model_of, checkerboard, module_class: type) -> None:
    losses = list(model_of(module_class).fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert losses[-1] < losses[0]


def test_an_optimizer_that_leaves_something_out_is_warned_of_once(model_of, checkerboard) -> None:
    with pytest.warns(RecbenchWarning) as caught:
        losses = list(model_of(FreezesItems).fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert [str(warning.message) for warning in caught] == [
        "the optimizer of FreezesItems leaves out items.weight, which the loss depends on, so it is never trained; "
        "give the optimizer self.parameters(), or call requires_grad_(False) on what is to keep its first values"
    ]
    assert losses[-1] < losses[0]
