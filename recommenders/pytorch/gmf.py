"""Generalised matrix factorisation (He et al., WWW 2017, arXiv:1708.05031), in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recommenders.pytorch.twin import Twin, vectors_and_layers

if TYPE_CHECKING:
    from torch import nn

    from protocol.train_facts import TrainFacts
    from recommenders.modules.footprint import ModuleSize


@dataclass
class GMF(Twin):
    """An inner product with learnt weights, trained on sampled negatives, in PyTorch (He et al. 2017).

    The twin of ``gmf``: the same network, loss, penalty, optimizer, initial values and defaults. Here a batch holds
    interactions with their negatives; there, any pairs.

    Parameters
    ----------
    loss, n_negatives, epochs, learning_rate, batch_size, weight_decay, optimizer, device, precision
        See `recommenders.modules.module_model.ModuleModel`.
    embedding_size
        Length of the users' and items' vectors: the paper's predictive factors.
    reg
        Penalty on the vectors that a pair uses, per pair.
    init_std
        Standard deviation of the vectors before training.
    """

    embedding_size: int = 128
    epochs: int = 52
    learning_rate: float = 0.000496
    reg: float = 0.00773

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.0001, "high": 0.01, "log": True},
            "reg": {"low": 0.0005, "high": 0.1, "log": True},
            "epochs": 100,
        }

    def _size(self, facts: TrainFacts) -> ModuleSize:
        return vectors_and_layers(facts, self.embedding_size, (self.embedding_size, 1))

    def new_module(self, n_users: int, n_items: int) -> nn.Module:
        """Return an untrained network of this size."""
        from recommenders.pytorch.initial_values import draw_layers, draw_vectors
        from recommenders.pytorch.networks import GeneralisedMatrixFactorisation

        network = GeneralisedMatrixFactorisation(n_users, n_items, self.embedding_size)
        draw_vectors(network, self.init_std)
        draw_layers(network)
        return network
