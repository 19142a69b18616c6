"""Bayesian personalised ranking with matrix factorisation (Rendle et al., UAI 2009, arXiv:1205.2618)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.factors import Factors, initial_vectors
from recommenders.parts.limits import above, at_least
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class BPR(EpochModel):
    """Matrix factorisation that ranks a user's items above the others (Rendle et al. 2009).

    Stochastic gradient descent minimises ``-ln sigmoid(x_ui - x_uj)`` plus ``reg / 2`` times the squared lengths of
    the vectors involved, with ``x_ui = w_u . h_i + b_i``. In each epoch every interaction is visited once, in random
    order, with a fresh negative ``j``, uniform over the items that the user did not train on. All steps of a batch are
    computed from the same vectors, then added up. The yielded loss is the mean of ``-ln sigmoid``.

    Parameters
    ----------
    embedding_size
        Length of the vectors.
    epochs
        Passes over the interactions.
    learning_rate
        Step of a single example; it does not depend on ``batch_size``.
    reg
        Penalty on vectors and biases.
    batch_size
        Examples that are computed at once. Large batches with large steps diverge.
    """

    embedding_size: int = 128
    epochs: int = 90
    learning_rate: float = 0.0207
    reg: float = 0.00578
    batch_size: int = 1024

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.pairwise", "recommenders.kernels.sampling")

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "reg")
        above(0, self, "learning_rate")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.005, "high": 0.2, "log": True},
            "reg": {"low": 0.001, "high": 0.1, "log": True},
            "epochs": 150,
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        vectors = footprint.FLOAT * (facts.n_users + facts.n_items) * self.embedding_size
        # Vectors are drawn as float64, scaled, and rounded.
        drawing = 2 * footprint.DOUBLE * max(facts.n_users, facts.n_items) * self.embedding_size
        batch = 3 * footprint.FLOAT * self.batch_size * self.embedding_size
        training = footprint.sampled(facts, 1, self.epochs) + batch
        return vectors + max(drawing, training, footprint.scored_by_factors(facts, self.embedding_size))

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit every interaction once per epoch, and yield the mean loss."""
        from recommenders.kernels.pairwise import descend
        from recommenders.kernels.sampling import Sampler

        users = initial_vectors(train.n_users, self.embedding_size, rng)
        items = initial_vectors(train.n_items, self.embedding_size, rng)
        biases = np.zeros(train.n_items, dtype=np.float32)
        self._state = Factors(users, items, biases)
        sampler = Sampler.of(train, rng)
        for _ in range(self.epochs):
            # A user who touched every item has no negatives, so no examples.
            total, n = 0.0, 0
            for examples in sampler.compared():
                total += descend(examples, self.batch_size, users, items, biases, self.learning_rate, self.reg)
                n += len(examples)
            yield total / max(1, n)
