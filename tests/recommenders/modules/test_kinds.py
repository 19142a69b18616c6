"""Which classes are modules that recbench can train, and what is said of the others."""

from __future__ import annotations

import pytest
from modules_to_train import GRU4Rec, TwoTower
from torch import nn

from recommenders.modules.kinds import advice_on_sizes, is_module_class, kind_of, problem_of
from recommenders.modules.pair_model import PairModel
from recommenders.modules.sequence_model import SequenceModel
from recommenders.modules.wrapping import recommender_class


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
        (NoSizes, "the constructor of NoSizes takes (*args, **kwargs) without n_users and n_items; "),
        (ThreeInputs, "ThreeInputs.forward takes (users, items, context), expected (users, items)"),
        (NoForward, "NoForward has no method forward, expected one that takes (users, items) or (histories)"),
        (
            NoItemsToRead,
            "the constructor of NoItemsToRead takes (n_users, size) without n_items; a module with forward(histories) "
            "gets n_items by this name",
        ),
    ],
)
def test_what_cannot_be_trained(module_class: type, problem: str) -> None:
    assert problem_of(module_class).startswith(problem)


def made(**members) -> type:
    """Return a module that works, but for these members."""
    return type("Made", (TwoTower,), members)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        (
            {"forward": lambda self, items, users: None},
            "Made.forward takes (items, users), expected (users, items) or (histories); it returns logits",
        ),
        ({"forward": lambda self, users, items=None: None}, "Made.forward takes (users, items=None), expected"),
        (
            {"training_step": lambda self, batch, batch_idx: None},
            "Made.training_step takes (batch, batch_idx), expected (users, positives, negatives)",
        ),
        ({"configure_optimizers": lambda self, lr: None}, "Made.configure_optimizers takes (lr), expected ()"),
        ({"score_all": lambda self: None}, "Made.score_all takes (), expected (users)"),
        (
            {"configure_optimizer": lambda self: None},
            "Made has a method configure_optimizer, which recbench never calls",
        ),
        (
            {"train_step": lambda self, users, positives, negatives: None},
            "Made has a method train_step, which recbench never calls; did you mean training_step? If not, give it",
        ),
        ({"fit": lambda self, train: self}, "Made has fit but no score; with both it is a recommender"),
        (
            {"score": lambda self, users, items: 0, "forward": lambda self, users, items, context: 0},
            "Made has score but no fit; with both it is a recommender",
        ),
        ({"__hash__": None}, "PyTorch cannot use Made, because its objects have no hash; write @dataclass(eq=False)"),
    ],
)
def test_what_would_be_ignored_or_called_wrongly_is_refused(members: dict[str, object], problem: str) -> None:
    assert problem_of(made(**members)).startswith(problem)


def test_hooks_may_take_more_that_has_defaults() -> None:
    assert problem_of(made(training_step=lambda self, users, positives, negatives, weight=1: None)) == ""
    assert problem_of(made(score_all=lambda self, *users: None)) == ""
    assert problem_of(made(validation_step=lambda self, batch: None)) == ""


@pytest.mark.parametrize(
    "members",
    [
        {"score": lambda self, users, items: 0},
        {"train_step": lambda self, batch: None},
        {"train_step": lambda self, users, items, labels: None},
        {"train_step": lambda self, *batch: None},
        {
            "train_step": lambda self, users, positives, negatives: None,
            "training_step": lambda self, users, positives, negatives: None,
        },
        {"score_all": lambda self, users: None, "score_alls": lambda self, users: None},
        {"_score_all": lambda self, users: None},
        {"_training_step": lambda self, batch: None},
        {"pretraining_step": lambda self, batch: None},
        {"training_step_end": lambda self, outputs: None, "training_epoch_end": lambda self, outputs: None},
        {"optimizer_step": lambda self, *given: None, "configure_callbacks": lambda self: []},
        {"score_al": None},
    ],
)
def test_helpers_of_the_author_are_left_alone(members: dict[str, object]) -> None:
    assert problem_of(made(**members)) == ""


def test_a_bare_module_that_needs_more_than_sizes_hears_what_does() -> None:
    said = advice_on_sizes(recommender_class(NeedsGraph), ["adjacency"])
    assert "gets only n_users and n_items from recbench; one that needs the interactions is a class with fit(" in said


class NeedsGraph(TwoTower):
    def __init__(self, n_users: int, n_items: int, adjacency) -> None: ...
