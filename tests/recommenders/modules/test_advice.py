"""What PyTorch itself says of common mistakes, and what helps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_to_train import TwoTower
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.advice import advice_on
from recommenders.modules.words import with_article


class NoSuper(nn.Module):
    def __init__(self, n_users: int, n_items: int) -> None:
        self.users = nn.Embedding(n_users, 2)

    def forward(self, users, items): ...


class Elsewhere(TwoTower):
    def forward(self, users, items):
        return super().forward(users, items.numpy() + torch.ones(1, requires_grad=True).numpy())


class Normed(TwoTower):
    def __init__(self, n_users: int, n_items: int) -> None:
        super().__init__(n_users, n_items)
        self.norm = nn.BatchNorm1d(32)

    def forward(self, users, items):
        return (self.norm(self.users(users) * self.items(items))).sum(-1)


class FromOne(TwoTower):
    """Fails in the first batch that has the last item: not the first of all."""

    def forward(self, users, items):
        return super().forward(users, items if self.training else items + 1)


class Probability(TwoTower):
    def forward(self, users, items):
        return torch.sigmoid(super().forward(users, items)).unsqueeze(-1).squeeze(-1)


@pytest.mark.parametrize(
    ("module_class", "said"),
    [
        (NoSuper, "NoSuper cannot be built: .*; call super.*__init__.. before the first layer"),
        (Elsewhere, "Elsewhere.forward raised RuntimeError .*; compute with operations of torch"),
        (Normed, "Normed.forward raised RuntimeError .*; nn.BatchNorm1d takes .n, features."),
        (FromOne, "FromOne.forward raised IndexError .*; indices begin at 0: users are below n_users"),
        (Probability, "Probability.forward returned what a sigmoid computed, expected logits; leave the sigmoid out"),
    ],
)
def test_mistakes(model_of, checkerboard, module_class: type, said: str) -> None:
    users, items = np.arange(2, dtype=np.int32), np.arange(checkerboard.n_items, dtype=np.int32)
    with pytest.raises(RecommenderError, match=said):
        model_of(module_class, epochs=1).fit(checkerboard, rng=np.random.default_rng(0)).score(
            users, np.stack([items, items])
        )


def test_a_device_in_the_module() -> None:
    assert advice_on(AssertionError("Torch not compiled with CUDA enabled")).startswith("; leave out .cuda() and .to()")
    assert advice_on(RuntimeError("size must be even")) == ""


def test_articles() -> None:
    assert [with_article(noun) for noun in ("tuple", "int", "ndarray")] == ["a tuple", "an int", "an ndarray"]
