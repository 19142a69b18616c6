"""The class of a bare module: name, documentation, constructor, and what the module gets."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from modules_to_train import OwnWay, TwoTower
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.pair_model import PairModel
from recommenders.modules.wrapping import recommender_class
from recommenders.registry import build, describe

TRAINING = {
    "loss": "bce",
    "n_negatives": 4,
    "epochs": 14,
    "learning_rate": 0.01,
    "batch_size": 2048,
    "weight_decay": 1e-5,
    "optimizer": "adam",
}


def parameters_of(module_class: type) -> dict[str, Any]:
    """Return the hyper-parameters with their defaults; where a module is trained is none."""
    described = describe(recommender_class(module_class), {}).parameters
    return {name: one.default for name, one in described.items() if name not in ("device", "precision")}


def test_it_is_named_and_documented_as_the_module() -> None:
    cls = recommender_class(TwoTower)
    assert issubclass(cls, PairModel)
    assert (cls.__name__, cls.__qualname__, cls.__module__) == ("TwoTower", "TwoTower", "modules_to_train")
    description = describe(cls, {})
    assert description.summary == "The inner product of a user's vector and an item's."
    assert description.iterative
    assert description.full_ranker
    assert recommender_class(TwoTower) is cls


def test_the_modules_hyper_parameters_come_first_then_those_of_training() -> None:
    assert list(parameters_of(TwoTower).items()) == [("embedding_size", 32), *TRAINING.items()]


def test_what_the_module_does_itself_is_no_hyper_parameter() -> None:
    """The loss is its own, and so is the optimizer; its default of the learning rate counts."""
    found = parameters_of(OwnWay)
    assert list(found) == ["size", "learning_rate", "dropout", "n_negatives", "epochs", "batch_size"]
    assert found["learning_rate"] == 0.02
    assert set(recommender_class(OwnWay).search_space()) == {"n_negatives", "epochs", "batch_size", "learning_rate"}


def test_every_training_parameter_has_a_search_space() -> None:
    assert set(recommender_class(TwoTower).search_space()) == set(TRAINING)


class Strange(nn.Module):
    deterministic = False
    libraries = ("numpy",)

    def __init__(
        self, width, /, n_items, *, n_users, learning_rate, layers=(4, 2), device="nowhere", **further
    ) -> None:
        super().__init__()
        self.got = locals()
        self.weight = nn.Embedding(n_items, 1)

    @classmethod
    def search_space(cls):
        return {"width": [1, 2]}

    def forward(self, users, items, mask=None):
        return self.weight(items).squeeze(-1) + 0 * users


def test_the_module_gets_what_its_constructor_takes(checkerboard) -> None:
    cls = recommender_class(Strange)
    model = build(cls, {"width": 3, "learning_rate": 0.25, "colour": 7, "epochs": 1})
    assert (model.width, model.learning_rate, model.layers, model.colour) == (3, 0.25, (4, 2), 7)
    got = model.new_module(40, 30).got
    assert (got["width"], got["n_users"], got["n_items"], got["learning_rate"]) == (3, 40, 30, 0.25)
    assert (got["layers"], got["device"], got["further"]) == ((4, 2), "cpu", {"colour": 7})
    assert np.isfinite(
        model.fit(checkerboard, rng=np.random.default_rng(0)).score_all(np.arange(3, dtype=np.int32))
    ).all()


def test_a_known_parameter_that_the_module_requires_has_recbenchs_default() -> None:
    assert parameters_of(Strange)["learning_rate"] == TRAINING["learning_rate"]
    assert inspect.signature(recommender_class(Strange)).parameters["width"].default is inspect.Parameter.empty


def test_what_a_module_declares_is_the_recommenders() -> None:
    cls = recommender_class(Strange)
    assert cls.search_space() == {"width": [1, 2]}
    assert describe(cls, {}).libraries == ("numpy",)


def test_a_hyper_parameter_named_as_a_method_is_refused() -> None:
    class Clash(TwoTower):
        def __init__(self, n_users: int, n_items: int, score: float = 1.0) -> None:
            super().__init__(n_users, n_items)

    with pytest.raises(RecommenderError, match=r"Clash has a hyper-parameter 'score'.*; rename it"):
        recommender_class(Clash)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(RecommenderError, match="got an unexpected keyword argument 'width'"):
        build(recommender_class(TwoTower), {"width": 3})
