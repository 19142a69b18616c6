"""Neural matrix factorisation (He et al., "Neural Collaborative Filtering", WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from recommenders.gmf import GMF
from recommenders.mlp import MLP
from recommenders.parts.limits import at_least, check_layers
from recommenders.parts.neural import Neural

if TYPE_CHECKING:
    import numpy as np

    from protocol.types import Interactions
    from recommenders.parts.networks import Network

_TRAINING = ("learning_rate", "reg", "weight_decay", "batch_size", "n_negatives", "init_std")

PRETRAINED_SHARE = 0.5
"""The paper's alpha: the weight of the pre-trained GMF in the output layer; the MLP has the rest."""


@dataclass
class NeuMF(Neural):
    """GMF and MLP side by side, with vectors of their own and one output layer over both (He et al. 2017).

    With ``pretraining_epochs``, a GMF and an MLP are fitted first, separately, with the same hyper-parameters. The
    training then starts from their vectors and layers, and each output layer has a weight of one half (the paper's
    alpha). The training continues with Adam, where the paper changes to plain gradient descent.

    Parameters
    ----------
    embedding_size
        Length of each of the four kinds of vectors.
    layers
        Widths of the perceptron's hidden layers, each with ReLU, without input and output.
    epochs, learning_rate
        Of Adam, without the epochs of pre-training.
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
    pretraining_epochs
        Epochs of GMF and of MLP before the training of the whole; 0 for no pre-training.
    """

    embedding_size: int = 128
    epochs: int = 18
    learning_rate: float = 0.000742
    reg: float = 0.00216
    layers: tuple[int, ...] = (32, 16, 8)
    pretraining_epochs: int = 0

    processor_independent: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_layers(self, self.layers)
        at_least(0, self, "pretraining_epochs")

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "reg": {"low": 0.0005, "high": 0.1, "log": True},
            "epochs": 60,
        }

    @property
    def network_shape(self) -> tuple[int, tuple[int, ...]]:
        """See `recommenders.parts.neural.Neural`."""
        return self.embedding_size, (2 * self.embedding_size, *self.layers, 1)

    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return a network that starts from the pre-trained ones, if there are any."""
        from recommenders.parts.networks import Network

        shared: dict[str, Any] = {name: getattr(self, name) for name in ("embedding_size", *_TRAINING)}
        shared["epochs"] = self.pretraining_epochs
        gmf, mlp = GMF(**shared), MLP(**shared, layers=self.layers)
        gmf_network, mlp_network = gmf.new_network(train, rng), mlp.new_network(train, rng)
        if self.pretraining_epochs:
            _pretrain(gmf, gmf_network, PRETRAINED_SHARE, train, rng)
            _pretrain(mlp, mlp_network, 1 - PRETRAINED_SHARE, train, rng)
        return Network.joined(gmf_network, mlp_network)


def _pretrain(model: Neural, network: Network, share: float, train: Interactions, rng: np.random.Generator) -> None:
    """Train a part separately, and multiply its output layer by ``share``."""
    from recommenders.parts.pointwise import pointwise_epochs

    for _ in pointwise_epochs(network, model, train, rng):
        pass
    network.scale_output(share)
