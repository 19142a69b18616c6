"""What the models of "Neural Collaborative Filtering" share (He et al., WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from recommenders.parts.fitted import fitted
from recommenders.parts.limits import above, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from protocol.types import IndexArray, Interactions, Scores
    from recommenders.parts.networks import Network
    from recommenders.parts.scorer import Scorer


@dataclass
class Neural(ABC):
    """A network of user and item vectors, trained on sampled negatives (see `recommenders.parts.pointwise`)."""

    embedding_size: int = 32
    epochs: int = 20
    learning_rate: float = 0.001
    reg: float = 0.01
    weight_decay: float = 0.0
    batch_size: int = 2048
    n_negatives: int = 4
    init_std: float = 0.01

    deterministic: ClassVar[bool] = False

    _state: Scorer | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "reg", "weight_decay", "n_negatives")
        above(0, self, "learning_rate", "init_std")
        # Numba takes seconds to load, and more to compile for the first time: here, because `fit` is timed.
        importlib.import_module("recommenders.parts.pointwise")

    @abstractmethod
    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return the network to be trained."""

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Run all epochs."""
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Train one epoch per step, and yield its mean binary cross-entropy."""
        from recommenders.parts.pointwise import pointwise_epochs

        network = self.new_network(train, rng)
        self._state = network.scorer()
        yield from pointwise_epochs(network, self, train, rng)

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return logits, up to a constant, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)
