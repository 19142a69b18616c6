"""Generalised matrix factorisation (He et al., "Neural Collaborative Filtering", WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from recommenders.parts.neural import Neural

if TYPE_CHECKING:
    import numpy as np

    from protocol.types import Interactions
    from recommenders.parts.networks import Network


@dataclass
class GMF(Neural):
    """An inner product with learnt weights, trained on sampled negatives (He et al. 2017).

    The logit is ``sum_k h_k * p_uk * q_ik + b``; Adam minimises the binary cross-entropy.

    Parameters
    ----------
    embedding_size
        Length of the users' and items' vectors: the paper's predictive factors.
    epochs, learning_rate
        Of Adam.
    reg
        Penalty on the vectors that a pair uses, per pair.
    weight_decay
        Adam's, on all parameters (L2). Its best value depends on the number of users and items. With one, every batch
        moves all vectors, and among many users and items an epoch takes many times as long.
    batch_size
        Pairs per step, including negatives.
    n_negatives
        Negatives per interaction, drawn anew in each epoch.
    init_std
        Standard deviation of the vectors before training.
    """

    embedding_size: int = 128
    epochs: int = 52
    learning_rate: float = 0.000496
    reg: float = 0.00773

    processor_independent: ClassVar[bool] = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.0001, "high": 0.01, "log": True},
            "reg": {"low": 0.0005, "high": 0.1, "log": True},
            "epochs": 100,
        }

    @property
    def network_shape(self) -> tuple[int, tuple[int, ...]]:
        """See `recommenders.parts.neural.Neural`."""
        return self.embedding_size, ()

    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return an untrained network of this size."""
        from recommenders.parts.networks import Network

        size = train.n_users, train.n_items
        return Network.new(*size, gmf_size=self.embedding_size, init_std=self.init_std, rng=rng)
