"""The multi-layer perceptron of "Neural Collaborative Filtering" (He et al., WWW 2017, arXiv:1708.05031)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from recommenders.parts.limits import check_layers
from recommenders.parts.neural import Neural

if TYPE_CHECKING:
    import numpy as np

    from protocol.types import Interactions
    from recommenders.parts.networks import Network


@dataclass
class MLP(Neural):
    """A perceptron over a user's and an item's concatenated vectors, trained on sampled negatives (He et al. 2017).

    Adam minimises the binary cross-entropy.

    The preset ``mlp_post`` is the MLP of the blog post that this project starts from: "layers 16-32-16-8", 30 epochs,
    batches of 256, 4 negatives per interaction, Adam with a learning rate of .001, L2 of 1e-5 (as weight decay). In the
    post's code, as in the NCF paper's, the first of these layers is the concatenation: a vector of 8 for the user and
    one of 8 for the item make an input of 16. Hidden layers of 32, 16 and 8 with ReLU follow, then one sigmoid output.
    As in the post's code, vectors start with torch's standard deviation of 1; so they learn more slowly than with the
    paper's .01. Two details of the post are not copied: its negatives are drawn only once, and its layers start with
    torch's defaults, as those of ``torch.mlp_post`` do. Where the layers start changes little on MovieLens-100K, and
    more where there are fewer interactions: on lastfm-2k (``random:0``), NDCG@10 is .524 with Glorot's rule here, .532
    with Glorot's rule in PyTorch (``torch.mlp_post:layer_init=glorot``), and .548 with torch's defaults; means of 8, 3
    and 8 seeds, which differ from each other by .014, .014 and .009 (standard deviations).

    Parameters
    ----------
    embedding_size
        Length of a user's vector and of an item's; the perceptron's input is twice as wide.
    layers
        Widths of the hidden layers, each with ReLU, without input and output.
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

    epochs: int = 24
    learning_rate: float = 0.0164
    reg: float = 0.00145
    layers: tuple[int, ...] = (128, 64, 32)

    processor_independent: ClassVar[bool] = True

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

    @property
    def network_shape(self) -> tuple[int, tuple[int, ...]]:
        """See `recommenders.parts.neural.Neural`."""
        return 0, (2 * self.embedding_size, *self.layers, 1)

    def new_network(self, train: Interactions, rng: np.random.Generator) -> Network:
        """Return an untrained network of this shape."""
        from recommenders.parts.networks import Network

        widths = (2 * self.embedding_size, *self.layers, 1)
        return Network.new(train.n_users, train.n_items, widths=widths, init_std=self.init_std, rng=rng)
