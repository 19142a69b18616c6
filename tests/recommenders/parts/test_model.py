"""The base of our models: it adds methods, and nothing to the constructor, to ``repr`` or to equality."""

from __future__ import annotations

import copy
import inspect
import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from protocol.errors import NotFittedError
from recommenders.parts.model import DeterministicModel, EpochModel

USERS, ITEMS = np.array([0, 1], np.int32), np.array([[2, 0], [1, 1]], np.int32)


@dataclass(frozen=True, eq=False)
class Scaled:
    """Scores are the item's index times a factor."""

    factor: float
    n_items: int

    def score(self, users, items):
        return self.factor * items

    def score_all(self, users):
        return self.factor * np.tile(np.arange(self.n_items), (users.size, 1))


@dataclass
class Direct(DeterministicModel):
    factor: float = 2.0

    def _fitted(self, train):
        return Scaled(self.factor, train.n_items)


@dataclass
class Stepwise(EpochModel):
    epochs: int = 3

    def fit_epochs(self, train, *, rng):
        for epoch in range(1, self.epochs + 1):
            self._state = Scaled(epoch, train.n_items)
            yield float(rng.random())


@pytest.fixture
def train(interactions_of):
    return interactions_of([(0, 1)], 2, 3)


@pytest.mark.parametrize("model", [Direct(), Stepwise()])
def test_an_unfitted_model_raises(model) -> None:
    with pytest.raises(NotFittedError, match=type(model).__name__):
        model.score(USERS, ITEMS)
    with pytest.raises(NotFittedError, match=type(model).__name__):
        model.score_all(USERS)


@pytest.mark.parametrize(("model", "factor"), [(Direct(), 2), (Stepwise(), 3)])
def test_fit_returns_the_model_which_scores_with_its_state(model, factor, train) -> None:
    assert model.fit(train, rng=np.random.default_rng(0)) is model
    assert model.score(USERS, ITEMS).tolist() == [[2 * factor, 0], [factor, factor]]
    assert model.score_all(USERS).tolist() == [[0, factor, 2 * factor]] * 2


def test_a_deterministic_model_says_so_and_draws_nothing(train) -> None:
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    Direct().fit(train, rng=rng)
    assert rng.bit_generator.state == before
    assert (Direct.deterministic, Stepwise.deterministic) == (True, False)


def test_fit_runs_all_epochs_with_the_given_generator(train) -> None:
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    Stepwise(epochs=5).fit(train, rng=rng)
    same.random(5)
    assert rng.bit_generator.state == same.bit_generator.state


def test_only_models_with_epochs_have_fit_epochs() -> None:
    assert not hasattr(Direct, "fit_epochs")


def test_the_state_is_no_hyper_parameter(train) -> None:
    fitted = Direct(factor=4.0).fit(train, rng=np.random.default_rng(0))
    assert list(inspect.signature(Direct).parameters) == ["factor"]
    assert repr(fitted) == "Direct(factor=4.0)"
    assert fitted == Direct(factor=4.0)
    assert copy.copy(fitted).score(USERS, ITEMS).tolist() == fitted.score(USERS, ITEMS).tolist()


def test_a_fitted_model_leaves_others_of_its_class_unfitted(train) -> None:
    Direct().fit(train, rng=np.random.default_rng(0))
    with pytest.raises(NotFittedError):
        Direct().score(USERS, ITEMS)


def test_slow_modules_are_imported_when_a_model_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Slow(Direct):
        slow_imports: ClassVar[tuple[str, ...]] = ("colorsys",)

    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    Slow()
    assert "colorsys" in sys.modules


@pytest.mark.parametrize("base", [DeterministicModel, EpochModel])
def test_a_model_that_lacks_its_method_cannot_be_built(base) -> None:
    lacking = dataclass(type("Lacking", (base,), {}))
    with pytest.raises(TypeError, match=r"_fitted|fit_epochs"):
        lacking()
