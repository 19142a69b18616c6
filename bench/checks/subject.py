"""The recommender under test. It is built, fitted and scored as the harness does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.checks.data import checkerboard, ordinary_task
from protocol.contract import EpochRecommender
from protocol.evaluation.ranking import checked_scores
from protocol.evaluation.tensors import as_array
from protocol.types import frozen
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.contract import Recommender
    from protocol.types import IndexArray, Interactions, Scores

SEED = 20_260

FEW_EPOCHS = 3
"""Enough epochs to see whether the harness can run them."""


@dataclass(frozen=True)
class Subject:
    """A recommender with its hyper-parameters, and the data to fit and score it on.

    Parameters
    ----------
    entry
        The entry of its class.
    parameters
        The given hyper-parameters; the others come from the preset or the constructor.
    placement
        The device and the precision that the constructor is given where it takes them.
    """

    entry: registry.Entry
    parameters: Mapping[str, Any]
    placement: Mapping[str, str] = field(default_factory=lambda: registry.ON_CPU)

    @cached_property
    def cls(self) -> type:
        """The class, imported once; in this process on purpose, as the checks fit it here."""
        return registry.load_class(self.entry)

    @cached_property
    def description(self) -> registry.Description:
        """The description of the class."""
        return registry.describe(self.cls, self.entry.preset)

    @property
    def is_personalised(self) -> bool:
        """Whether a user's interactions decide the user's scores; so unless the class sets ``personalised = False``."""
        return self.description.personalised

    @property
    def given(self) -> dict[str, Any]:
        """The hyper-parameters that are not the constructor's defaults."""
        return {**self.entry.preset, **self.parameters}

    @property
    def train(self) -> Interactions:
        """The training interactions of `ordinary_task`."""
        return ordinary_task().train

    @property
    def users(self) -> IndexArray:
        """The users to score, ``(n,)``."""
        return ordinary_task().candidates.users

    @property
    def items(self) -> IndexArray:
        """Their candidates, ``(n, n_candidates)``."""
        return ordinary_task().candidates.items

    def new(self, **parameters: Any) -> Recommender:
        """Return an unfitted recommender, with further parameters."""
        return registry.build(self.cls, {**self.given, **parameters}, self.placement)

    def fitted(self, train: Interactions | None = None, seed: int = SEED, **parameters: Any) -> Recommender:
        """Return a recommender fitted on ``train``, by default that of `ordinary_task`."""
        model = self.new(**parameters)
        model.fit(self.train if train is None else train, rng=np.random.default_rng(seed))
        return model

    def new_iterative(self) -> EpochRecommender:
        """Return an unfitted recommender of few epochs; the class must have ``fit_epochs``."""
        model = self.new(**self.few_epochs)
        assert isinstance(model, EpochRecommender)  # noqa: S101 - only checks of iterative recommenders ask
        return model

    @property
    def few_epochs(self) -> dict[str, Any]:
        """The hyper-parameter ``epochs`` with a small value, if the recommender has it with a larger one."""
        defaults = {name: parameter.default for name, parameter in self.description.parameters.items()}
        epochs = {**defaults, **self.given}.get("epochs")
        return {"epochs": FEW_EPOCHS} if isinstance(epochs, int) and epochs > FEW_EPOCHS else {}

    @cached_property
    def model(self) -> Recommender:
        """One fitted recommender, for the checks that only score."""
        return self.fitted()

    @cached_property
    def answer(self) -> Any:
        """The unchecked return value of the first call of ``score``; an array is copied."""
        answer = ask(self.model, self.users, self.items)
        answer = as_array(answer)
        return answer.copy() if isinstance(answer, np.ndarray) else answer

    @property
    def scores(self) -> Scores:
        """The first scores, ``(n, n_candidates)``."""
        return checked_scores(self.answer, self.items.shape, "score")

    @cached_property
    def board_model(self) -> Recommender:
        """One recommender, fitted on the checkerboard."""
        return self.fitted(checkerboard())


def ask(model: Recommender, users: IndexArray, items: IndexArray) -> Any:
    """Call ``score`` as the harness does, with read-only copies.

    Parameters
    ----------
    users, items
        ``(n,)`` and ``(n, n_candidates)``.

    Returns
    -------
    Any
        What it returns, unchecked.
    """
    return model.score(frozen(users.copy(), np.int32), frozen(items.copy(), np.int32))


def scores_of(model: Recommender, users: IndexArray, items: IndexArray) -> Scores:
    """Return the scores, ``(n, n_candidates)``.

    Raises
    ------
    ScoreError
        If they break the contract.
    """
    return checked_scores(ask(model, users, items), items.shape, "score")
