"""The small base of our own models: when to import slow modules, the fitted state, and the scores it gives.

A recommender needs none of this: the contract is duck-typed (see `protocol.contract`).
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from recommenders.parts.fitted import fitted
from recommenders.parts.kept import KeptState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import IndexArray, Interactions, Scores
    from recommenders.parts.scorer import Scorer


class Model(ABC):
    """A model that scores with the `Scorer` that fitting leaves in ``_state``.

    Subclasses are dataclasses: their fields are the hyper-parameters. This class is none, so it adds no field, and the
    state is no part of the constructor, of ``repr`` or of equality. Derive only models that can score all items: the
    harness takes ``score_all`` as a promise.

    Attributes
    ----------
    deterministic, personalised
        See `protocol.contract`.
    slow_imports
        Modules that take seconds to import, and to compile for the first time. They are imported when a model is
        built, because ``fit`` is timed.
    """

    deterministic: ClassVar[bool] = False
    personalised: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = ()

    _state: Scorer | None = None

    def __post_init__(self) -> None:
        for module in self.slow_imports:
            importlib.import_module(module)

    @abstractmethod
    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Learn from ``train``, set the state, and return the model."""

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64.

        Raises
        ------
        NotFittedError
            If the model is not fitted yet.
        """
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64.

        Raises
        ------
        NotFittedError
            If the model is not fitted yet.
        """
        return fitted(self, self._state).score_all(users)


class DeterministicModel(KeptState, Model):
    """A model that is computed in one go and draws no random number: it never sees the generator."""

    deterministic: ClassVar[bool] = True

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - nothing is random
        """Compute the model from the training set."""
        self._state = self._fitted(train)
        return self

    @abstractmethod
    def _fitted(self, train: Interactions) -> Scorer:
        """Return what scores after fitting on ``train``."""


class EpochModel(KeptState, Model):
    """A model that learns epoch by epoch.

    Its parameters are float32. Scores are computed in more digits and rounded to float32, so that the order in which
    terms are added, which the BLAS chooses by the processor and by the number of rows, does not show.
    """

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float32 (see `Model.score`)."""
        return super().score(users, items).astype(np.float32, copy=False)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float32 (see `Model.score`)."""
        return super().score_all(users).astype(np.float32, copy=False)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Run all epochs."""
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    @abstractmethod
    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Train one epoch per step, and yield its mean loss; the state scores after each step."""
