"""Matrix factorisation with biases and logistic loss (Rendle et al., RecSys 2020, arXiv:2005.09683), in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recommenders.modules.footprint import ModuleSize
from recommenders.pytorch.twin import Twin

if TYPE_CHECKING:
    from torch import nn

    from protocol.train_facts import TrainFacts


@dataclass
class MF(Twin):
    """Matrix factorisation trained to separate interactions from sampled negatives, in PyTorch (Rendle et al. 2020).

    The twin of ``mf``: the logit of a pair is ``w_u . h_i + b_u + c_i + b``, and the loss and the penalty are the same.
    One thing differs: ``mf`` takes a step of gradient descent for each pair, this model one for each batch. The
    gradient of a batch is a mean over its pairs, so its rate is that of ``mf``, .01, times the pairs of a batch.

    Parameters
    ----------
    loss, n_negatives, epochs, learning_rate, batch_size, weight_decay, optimizer, device, precision
        See `recommenders.modules.module_model.ModuleModel`.
    embedding_size
        Length of the vectors, without the biases.
    reg
        Penalty on vectors and biases, per pair.
    init_std
        Standard deviation of the vectors before training.
    """

    embedding_size: int = 64
    epochs: int = 64
    learning_rate: float = 10.0
    reg: float = 0.01
    batch_size: int = 1000
    n_negatives: int = 8
    init_std: float = 0.1
    optimizer: str = "sgd"

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.5, "high": 50.0, "log": True},
            "reg": {"low": 0.001, "high": 0.1, "log": True},
            "epochs": 150,
        }

    def _size(self, facts: TrainFacts) -> ModuleSize:
        n_weights = (facts.n_users + facts.n_items) * (self.embedding_size + 1) + 1
        return ModuleSize(n_weights, 3 * self.embedding_size, self.embedding_size)

    def new_module(self, n_users: int, n_items: int) -> nn.Module:
        """Return an untrained network of this size."""
        from recommenders.pytorch.initial_values import draw_vectors
        from recommenders.pytorch.networks import MatrixFactorisation

        network = MatrixFactorisation(n_users, n_items, self.embedding_size)
        draw_vectors(network, self.init_std)
        return network
