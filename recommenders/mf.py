"""Matrix factorisation with biases and logistic loss (Rendle et al., RecSys 2020, arXiv:2005.09683)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.factors import Factors
from recommenders.parts.limits import above, at_least, one_of
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class MF(EpochModel):
    """Matrix factorisation trained to separate interactions from sampled negatives (Rendle et al. 2020).

    The logit of a pair is ``w_u . h_i + b_u + c_i + b``. Stochastic gradient descent, one pair at a time, minimises the
    binary cross-entropy of interactions (1) and negatives (0), plus ``reg / 2`` times the squares of the parameters
    that a pair uses. Negatives are drawn anew in each epoch, uniformly.

    Parameters
    ----------
    embedding_size
        Length of the vectors, without the biases.
    epochs
        Passes over interactions and negatives.
    learning_rate
        Step of a single pair.
    reg
        Penalty on vectors and biases, per pair.
    n_negatives
        Negatives per interaction.
    init_std
        Standard deviation of the vectors before training.
    negatives_from
        ``"untouched"``: of the items that the user did not train on. ``"all"``: of all items, as the paper's code draws
        them; the more items a user trained on, the more of them are negatives, too.
    """

    embedding_size: int = 64
    epochs: int = 64
    learning_rate: float = 0.01
    reg: float = 0.01
    n_negatives: int = 8
    init_std: float = 0.1
    negatives_from: Literal["untouched", "all"] = "untouched"

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.kernels.logistic", "recommenders.kernels.sampling")

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        at_least(0, self, "epochs", "reg", "n_negatives")
        above(0, self, "learning_rate", "init_std")
        one_of(("untouched", "all"), self, "negatives_from")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.0005, "high": 0.05, "log": True},
            "reg": {"low": 0.001, "high": 0.1, "log": True},
            "epochs": 150,
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        vectors = footprint.FLOAT * (facts.n_users + facts.n_items) * (self.embedding_size + 1)
        # Vectors are drawn, and then scaled.
        drawing = footprint.FLOAT * max(facts.n_users, facts.n_items) * self.embedding_size
        training = footprint.sampled(facts, 1 + self.n_negatives, self.epochs)
        return vectors + max(drawing, training, footprint.scored_by_factors(facts, self.embedding_size))

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit interactions and negatives once per epoch, in random order, and yield the mean cross-entropy."""
        from recommenders.kernels.logistic import descend
        from recommenders.kernels.sampling import Sampler

        users, items = (
            self.init_std * rng.standard_normal((n, self.embedding_size), dtype=np.float32)
            for n in (train.n_users, train.n_items)
        )
        user_biases, item_biases, bias = (np.zeros(n, dtype=np.float32) for n in (train.n_users, train.n_items, 1))
        # The user's bias and the constant are left out of scores: they do not change the order of a user's items.
        self._state = Factors(users, items, item_biases)
        sampler = Sampler.of_all_items(train, rng) if self.negatives_from == "all" else Sampler.of(train, rng)
        for _ in range(self.epochs):
            total, n = 0.0, 0
            for examples in sampler.labelled(self.n_negatives):
                total += descend(examples, users, items, user_biases, item_biases, bias, self.learning_rate, self.reg)
                n += len(examples)
            yield total / max(1, n)
