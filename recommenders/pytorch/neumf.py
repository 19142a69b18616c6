"""Neural matrix factorisation (He et al., WWW 2017, arXiv:1708.05031), in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recommenders.modules.footprint import ModuleSize
from recommenders.parts.limits import check_layers
from recommenders.pytorch.twin import Twin, vectors_and_layers

if TYPE_CHECKING:
    from torch import nn

    from protocol.train_facts import TrainFacts


@dataclass
class NeuMF(Twin):
    """GMF and MLP side by side, with vectors of their own and one output layer over both, in PyTorch (He et al. 2017).

    The twin of ``neumf`` without pre-training: the same network, loss, penalty, optimizer, initial values and defaults.
    Here a batch holds interactions with their negatives; there, any pairs.

    Parameters
    ----------
    loss, n_negatives, epochs, learning_rate, batch_size, weight_decay, optimizer, device, precision
        See `recommenders.modules.module_model.ModuleModel`.
    embedding_size
        Length of each of the four kinds of vectors.
    reg
        Penalty on the vectors that a pair uses, per pair.
    init_std
        Standard deviation of the vectors before training.
    layers
        Widths of the perceptron's hidden layers, each with ReLU, without input and output.
    """

    embedding_size: int = 128
    epochs: int = 18
    learning_rate: float = 0.000742
    reg: float = 0.00216
    layers: tuple[int, ...] = (32, 16, 8)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_layers(self, self.layers)

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "reg": {"low": 0.0005, "high": 0.1, "log": True},
            "epochs": 60,
        }

    def _size(self, facts: TrainFacts) -> ModuleSize:
        gmf = vectors_and_layers(facts, self.embedding_size, (self.embedding_size, 1))
        mlp = vectors_and_layers(facts, self.embedding_size, (2 * self.embedding_size, *self.layers, 1))
        return ModuleSize(gmf.n_weights + mlp.n_weights, gmf.width + mlp.width, max(gmf.widest, mlp.widest))

    def new_module(self, n_users: int, n_items: int) -> nn.Module:
        """Return an untrained network of this shape."""
        from recommenders.pytorch.initial_values import draw_layers, draw_vectors
        from recommenders.pytorch.networks import NeuralMatrixFactorisation

        network = NeuralMatrixFactorisation(n_users, n_items, self.embedding_size, self.layers)
        draw_vectors(network, self.init_std)
        draw_layers(network)
        return network
