"""Optimizers by name, a module's own, and what is wrong with either."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.optimizers import OPTIMIZERS, optimizer_class, optimizer_of


def training(optimizer: str = "adam", weight_decay: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(optimizer=optimizer, weight_decay=weight_decay, learning_rate=0.25)


@pytest.mark.parametrize("name", ["adamw", "AdamW", "ADAMW"])
def test_upper_and_lower_case_are_the_same(name: str) -> None:
    assert optimizer_class(name) is torch.optim.AdamW


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adamm", r"optimizer is 'adamm', expected one of .*adadelta.*; did you mean adam\?$"),
        ("lbfgs", r"optimizer is 'lbfgs', expected one of "),
        ("optimizer", r"optimizer is 'optimizer', expected one of "),
    ],
)
def test_a_name_that_there_is_not(name: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        optimizer_class(name)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "adagrad", "rmsprop", "nadam", "adamax"])
def test_learning_rate_and_weight_decay_are_passed_on(name: str) -> None:
    (group,) = optimizer_of(training(name, 0.125), nn.Linear(2, 1)).param_groups
    assert (group["lr"], group["weight_decay"]) == (0.25, 0.125)


def test_the_fused_form_is_taken_where_there_is_one() -> None:
    assert optimizer_of(training(), nn.Linear(2, 1)).param_groups[0]["fused"] is True


def test_sparse_gradients_are_not_fused() -> None:
    module = nn.Embedding(5, 2, sparse=True)
    optimizer = optimizer_of(training("sgd"), module)
    module(torch.tensor([1])).sum().backward()
    optimizer.step()


def test_weight_decay_that_an_optimizer_does_not_know() -> None:
    with pytest.raises(
        RecommenderError, match=r"weight_decay is 0.5, but torch.optim.SparseAdam has none; set it to 0"
    ):
        optimizer_of(training("sparseadam", 0.5), nn.Embedding(5, 2, sparse=True))


@pytest.mark.parametrize("decay", [0.0, 0.5])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_takes_no_sparse_gradients_is_refused_with_all_that_is_to_change(name: str, decay: float) -> None:
    module = nn.Embedding(5, 2, sparse=True)
    if name in ("adagrad", "sgd", "sparseadam") and not decay:
        assert type(optimizer_of(training(name), module)) is OPTIMIZERS[name]
        return
    with pytest.raises(
        RecommenderError, match=r"set optimizer to one of .*sparseadam and weight_decay to 0|set it to 0"
    ):
        optimizer_of(training(name, decay), module)


def test_frozen_parameters_are_left_alone() -> None:
    module = nn.Linear(2, 1)
    module.bias.requires_grad_(False)
    assert len(optimizer_of(training(), module).param_groups[0]["params"]) == 1


def test_nothing_to_train() -> None:
    with pytest.raises(RecommenderError, match="Identity has no parameter to train"):
        optimizer_of(training(), nn.Identity())


class Configured(nn.Linear):
    def __init__(self, returned: object = None) -> None:
        super().__init__(2, 1)
        self.returned = returned

    def configure_optimizers(self) -> object:
        return self.returned or torch.optim.SGD(self.parameters(), lr=0.5)


def test_a_module_brings_its_own() -> None:
    assert optimizer_of(training(), Configured()).param_groups[0]["lr"] == 0.5


def test_its_own_is_one_optimizer() -> None:
    with pytest.raises(
        RecommenderError, match=r"Configured\.configure_optimizers returned a list, expected one optimizer"
    ):
        optimizer_of(training(), Configured(["adam"]))
