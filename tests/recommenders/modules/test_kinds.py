"""Which classes are modules that recbench can train, and what is said of the others."""

from __future__ import annotations

import pytest
from modules_to_train import GRU4Rec, TwoTower
from torch import nn

from recommenders.modules.kinds import is_module_class, kind_of, problem_of
from recommenders.modules.pair_model import PairModel
from recommenders.modules.sequence_model import SequenceModel


class NoItems(nn.Module):
    def __init__(self, n_users: int, size: int = 3) -> None: ...
    def forward(self, users, items): ...


class NoSizes(nn.Module):
    def forward(self, users, items): ...


class ThreeInputs(nn.Module):
    def __init__(self, n_users: int, n_items: int) -> None: ...
    def forward(self, users, items, context): ...


class NoItemsToRead(NoItems):
    def forward(self, histories): ...


class NoForward(nn.Module):
    def __init__(self, n_users: int, n_items: int) -> None: ...


def test_modules_are_classes_of_torch() -> None:
    assert is_module_class(TwoTower)
    assert not is_module_class(int)


def test_two_inputs_are_pairs() -> None:
    assert kind_of(TwoTower) is PairModel
    assert problem_of(TwoTower) == ""


def test_one_input_is_histories() -> None:
    assert kind_of(GRU4Rec) is SequenceModel
    assert problem_of(GRU4Rec) == ""


@pytest.mark.parametrize(
    ("module_class", "problem"),
    [
        (
            NoItems,
            "the constructor of NoItems takes (n_users, size) without n_items; a module with forward(users, items) "
            "gets n_users and n_items by these names",
        ),
        (NoSizes, "the constructor of NoSizes takes (args, kwargs) without n_users and n_items; "),
        (ThreeInputs, "ThreeInputs.forward takes (users, items, context), expected (users, items) or (histories)"),
        (NoForward, "NoForward.forward takes no such parameters, expected (users, items) or (histories)"),
        (
            NoItemsToRead,
            "the constructor of NoItemsToRead takes (n_users, size) without n_items; a module with forward(histories) "
            "gets n_items by this name",
        ),
    ],
)
def test_what_cannot_be_trained(module_class: type, problem: str) -> None:
    assert problem_of(module_class).startswith(problem)
