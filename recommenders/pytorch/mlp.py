"""The multi-layer perceptron of "Neural Collaborative Filtering" (He et al., WWW 2017), in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from recommenders.parts.limits import check_layers
from recommenders.pytorch.twin import Twin, vectors_and_layers

if TYPE_CHECKING:
    from torch import nn

    from protocol.train_facts import TrainFacts
    from recommenders.modules.footprint import ModuleSize


@dataclass
class MLP(Twin):
    """A perceptron over a user's and an item's vectors, trained on sampled negatives, in PyTorch (He et al. 2017).

    The twin of ``mlp``: the same network, loss, penalty, optimizer, initial values and defaults. Here a batch holds
    interactions with their negatives; there, any pairs.

    The preset ``torch.mlp_post`` is the MLP of the blog post that this project starts from, as the post's code has it:
    see ``mlp_post`` for its numbers. Its layers begin with torch's defaults, too. One thing differs from the post: as
    everywhere here, negatives are drawn anew in each epoch.

    Parameters
    ----------
    loss, n_negatives, epochs, learning_rate, batch_size, weight_decay, optimizer, device, precision
        See `recommenders.modules.module_model.ModuleModel`.
    embedding_size
        Length of a user's vector and of an item's; the perceptron's input is twice as wide.
    reg
        Penalty on the vectors that a pair uses, per pair.
    init_std
        Standard deviation of the vectors before training.
    layers
        Widths of the hidden layers, each with ReLU, without input and output.
    layer_init
        How layers begin: by Glorot's uniform rule with biases of zero, or by the defaults of `torch.nn.Linear`.
    """

    epochs: int = 24
    learning_rate: float = 0.0164
    reg: float = 0.00145
    layers: tuple[int, ...] = (128, 64, 32)
    layer_init: Literal["glorot", "torch"] = "glorot"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_layers(self, self.layers)

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "layers": ["32-16", "64-32-16", "128-64-32"],
            "learning_rate": {"low": 0.0005, "high": 0.02, "log": True},
            "reg": {"low": 0.0005, "high": 0.1, "log": True},
            "epochs": 100,
        }

    def _size(self, facts: TrainFacts) -> ModuleSize:
        return vectors_and_layers(facts, self.embedding_size, (2 * self.embedding_size, *self.layers, 1))

    def new_module(self, n_users: int, n_items: int) -> nn.Module:
        """Return an untrained network of this shape."""
        from recommenders.pytorch.initial_values import draw_layers, draw_vectors
        from recommenders.pytorch.networks import Perceptron

        network = Perceptron(n_users, n_items, self.embedding_size, self.layers)
        draw_vectors(network, self.init_std)
        if self.layer_init == "glorot":
            draw_layers(network)
        return network
