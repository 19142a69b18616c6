"""The base of GMF, MLP and NeuMF (He et al., "Neural Collaborative Filtering", WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from recommenders.parts import footprint
from recommenders.parts.limits import above, at_least
from recommenders.parts.model import EpochModel
from recommenders.parts.waiting import vectors_wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions
    from recommenders.parts.networks import Network


_COPIES, _HALVES = 3, 2
"""The parameters and the two means of Adam; and the parts of a batch that have gradients of their own."""

_STEPS_SKIPPED = 2**21
"""Bytes of the table for vectors that wait (see `recommenders.kernels.lazy_adam`)."""


@dataclass
class Neural(EpochModel):
    """A network of user and item vectors, trained on sampled negatives (see `recommenders.parts.pointwise`).

    Scores are logits, up to a constant.
    """

    embedding_size: int = 32
    epochs: int = 20
    learning_rate: float = 0.001
    reg: float = 0.01
    weight_decay: float = 0.0
    batch_size: int = 2048
    n_negatives: int = 4
    init_std: float = 0.01

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.parts.networks", "recommenders.parts.pointwise")

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "reg", "weight_decay", "n_negatives")
        above(0, self, "learning_rate", "init_std")
        super().__post_init__()

    @property
    @abstractmethod
    def network_shape(self) -> tuple[int, tuple[int, ...]]:
        """The length of GMF's vectors, 0 without GMF, and the widths of the tower; none without tower."""

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        gmf_size, widths = self.network_shape
        size = widths[0] // 2 if widths else 0
        n_layer_weights = gmf_size + sum((before + 1) * after for before, after in pairwise(widths))
        n_vectors, sampled = facts.n_users + facts.n_items, footprint.sampled(facts, 1 + self.n_negatives, self.epochs)
        parameters = footprint.FLOAT * (n_vectors * (gmf_size + size) + n_layer_weights)
        gradients = _HALVES * parameters
        if vectors_wait(n_vectors, self.batch_size, self.weight_decay):
            used = footprint.FLOAT * (2 * self.batch_size * (gmf_size + size) + n_layer_weights)
            gradients = _HALVES * used + _STEPS_SKIPPED + (footprint.DOUBLE + footprint.FLOAT) * n_vectors
        training = _COPIES * parameters + gradients + sampled
        scoring = footprint.scored_by_factors(facts, gmf_size) if gmf_size else 0
        if widths:
            scoring = max(scoring, footprint.scored_by_tower(facts, size, widths[1:-1]))
            # The sum of both has the scores of one of them beside the work of the other.
            scoring += footprint.DOUBLE * facts.n_scores if gmf_size else 0
        return max(training, parameters + scoring)

    @abstractmethod
    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return the network to train."""

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Train one epoch per step, and yield its mean binary cross-entropy."""
        from recommenders.parts.pointwise import pointwise_epochs

        network = self.new_network(train, rng)
        self._state = network.scorer()
        yield from pointwise_epochs(network, self, train, rng)
