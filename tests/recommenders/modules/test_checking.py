"""Modules that answer wrongly: each gets an error that says what it got, what it returned and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from modules_to_train import TwoTower
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules import scoring

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERS: dict[str, tuple[Callable[[TwoTower, torch.Tensor, torch.Tensor], object], str]] = {
    "one logit too deep": (
        lambda self, users, items: TwoTower.forward(self, users, items).unsqueeze(-1),
        "Wrong.forward returned a tensor (25, 5, 1) for users (25, 1) and items (25, 5), expected (25, 5); drop its "
        "last dimension with squeeze(-1)",
    ),
    "a sum": (
        lambda self, users, items: TwoTower.forward(self, users, items).sum(-1),
        "Wrong.forward returned a tensor (25,) for users (25, 1) and items (25, 5), expected (25, 5); one "
        "logit per pair",
    ),
    "no tensor": (
        lambda self, users, items: None,
        "Wrong.forward returned None for users (25, 1) and items (25, 5), expected a tensor (25, 5)",
    ),
    "another device": (
        lambda self, users, items: torch.empty(items.shape, device="meta"),
        "Wrong.forward returned a tensor on meta for users (25, 1) and items (25, 5) on cpu, expected it there; create "
        "tensors with device=users.device, or as parameters or buffers of the module",
    ),
    "integers": (
        lambda self, users, items: users + items,
        "Wrong.forward returned a tensor of torch.int64 for users (25, 1) and items (25, 5), expected floats, the "
        "logits",
    ),
    "NaN": (
        lambda self, users, items: TwoTower.forward(self, users, items).log().clamp_max(float("nan")),
        "Wrong.forward returned 125 of 125 values that are NaN or infinite, before any training; look for a division "
        "by zero, a logarithm of zero, or initial values that are too large",
    ),
    "no gradient": (
        lambda self, users, items: TwoTower.forward(self, users, items).detach(),
        "Wrong.forward returned a tensor without a gradient, so nothing can be learned; compute it from the module's "
        "parameters, without detach() or no_grad()",
    ),
    "it does not broadcast": (
        lambda self, users, items: torch.cat((self.users(users), self.items(items)), dim=-1).sum(-1),
        "Wrong.forward raised RuntimeError for users (25, 1) and items (25, 5): Sizes of tensors must match except in "
        "dimension 2. Expected size 1 but got size 5 for tensor number 1 in the list; it takes equal shapes only: let "
        "it broadcast, say with `users, items = torch.broadcast_tensors(users, items)` as its first line",
    ),
    "its own error": (
        lambda self, users, items: self.users(users + 1000),
        "Wrong.forward raised IndexError for users (25, 1) and items (25, 5): index out of range in self; indices "
        "begin at 0: users are below n_users and items below n_items, so an embedding of users has n_users rows and "
        "one of items has n_items rows or more; is forward(users, items) in this order?",
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_wrong_answer_of_forward(model_of, checkerboard, answer: str) -> None:
    function, message = ANSWERS[answer]
    wrong = type("Wrong", (TwoTower,), {"forward": lambda self, users, items: function(self, users, items)})
    with pytest.raises(RecommenderError) as caught:
        model_of(wrong).fit(checkerboard, rng=np.random.default_rng(0))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda loss: None, "returned None, expected the mean loss of the batch, a scalar tensor"),
        (lambda loss: {"loss": loss.mean()}, "returned a dict, expected the mean loss of the batch, a scalar tensor"),
        (
            lambda loss: loss,
            "returned a tensor (25, 1), expected the mean loss of the batch, a scalar tensor; take its mean",
        ),
        (lambda loss: loss.mean() / 0, "returned 1 of 1 values that are NaN or infinite, before any training"),
        (lambda loss: loss.mean().detach(), "returned a tensor without a gradient, so nothing can be learned"),
    ],
)
def test_a_wrong_answer_of_training_step(model_of, checkerboard, answer, message: str) -> None:
    class Wrong(TwoTower):
        def training_step(self, users, positives, negatives):
            return answer(-self(users, positives))

    with pytest.raises(RecommenderError) as caught:
        model_of(Wrong).fit(checkerboard, rng=np.random.default_rng(0))
    assert f"Wrong.training_step {message}" in str(caught.value)


def test_a_wrong_answer_of_score_all(model_of, checkerboard) -> None:
    class Wrong(TwoTower):
        def score_all(self, users):
            return self.users(users)

    with pytest.raises(RecommenderError) as caught:
        model_of(Wrong).fit(checkerboard, rng=np.random.default_rng(0))
    assert str(caught.value) == (
        "Wrong.score_all returned a tensor (3, 32) for users (3,), expected (3, 30); one logit per pair"
    )


def test_nothing_to_train(model_of, checkerboard) -> None:
    class Empty(nn.Module):
        def __init__(self, n_users: int, n_items: int) -> None:
            super().__init__()

        def forward(self, users, items):
            return (users - items).float()

    with pytest.raises(RecommenderError, match="Empty has no parameter to train; give it layers or embeddings"):
        model_of(Empty).fit(checkerboard, rng=np.random.default_rng(0))


class Probabilities(TwoTower):
    def forward(self, users, items):
        return super().forward(users, items).sigmoid()


OTHERWISE = "this loss expects unbounded logits, and the order of the scores is the same without it"


@pytest.mark.parametrize(
    ("loss", "why"),
    [
        ("bce", "this loss applies a sigmoid"),
        ("bpr", OTHERWISE),
        ("softmax", OTHERWISE),
        ("cross_entropy", OTHERWISE),
    ],
)
def test_a_sigmoid_is_refused_by_each_loss_for_its_own_reason(model_of, checkerboard, loss: str, why: str) -> None:
    with pytest.raises(RecommenderError) as caught:
        model_of(Probabilities, loss=loss).fit(checkerboard, rng=np.random.default_rng(0))
    assert "Probabilities.forward returned what a sigmoid computed, expected logits; " in str(caught.value)
    assert f"; leave the sigmoid out: {why};" in str(caught.value)


def test_a_sigmoid_is_seen_behind_blocks_of_items(model_of, checkerboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "PAIRS", 300)
    with pytest.raises(RecommenderError, match=r"Probabilities\.forward returned what a sigmoid computed"):
        model_of(Probabilities, loss="cross_entropy").fit(checkerboard, rng=np.random.default_rng(0))


@pytest.mark.parametrize("loss", ["bce", "cross_entropy"])
def test_logits_that_lose_a_dimension_in_a_narrow_batch(model_of, checkerboard, loss: str) -> None:
    class Squeezed(TwoTower):
        def forward(self, users, items):
            return (self.users(users) * self.items(items)).sum(-1, keepdim=True).squeeze()

    with pytest.raises(RecommenderError) as caught:
        model_of(Squeezed, loss=loss).fit(checkerboard, rng=np.random.default_rng(0))
    assert "Squeezed.forward returned a tensor (" in str(caught.value)
    assert "; squeeze() drops each dimension of size 1: squeeze(-1) drops only the last one" in str(caught.value)


def test_narrow_batches_are_asked_about_once(model_of, checkerboard) -> None:
    seen = []

    class Watched(TwoTower):
        def forward(self, users, items):
            seen.append(self.training)
            return super().forward(users, items)

    model_of(Watched, epochs=2).fit(checkerboard, rng=np.random.default_rng(0))
    assert seen.count(False) == 2
    assert seen.count(True) > 20
