"""The base of GMF, MLP and NeuMF (He et al., "Neural Collaborative Filtering", WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.parts.limits import above, at_least
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from protocol.types import Interactions
    from recommenders.parts.networks import Network


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

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.parts.pointwise",)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "reg", "weight_decay", "n_negatives")
        above(0, self, "learning_rate", "init_std")
        super().__post_init__()

    @abstractmethod
    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return the network to train."""

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Train one epoch per step, and yield its mean binary cross-entropy."""
        from recommenders.parts.pointwise import pointwise_epochs

        network = self.new_network(train, rng)
        self._state = network.scorer()
        yield from pointwise_epochs(network, self, train, rng)
