"""The networks of neural collaborative filtering (He et al., WWW 2017, arXiv:1708.05031), in torch.

Only what is being fitted imports this module. Initial values are the paper's and its code's: embeddings from a normal
distribution with standard deviation .01, layers by Glorot's uniform rule, biases zero.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

from recommenders.factors import Factors
from recommenders.tower import Tower

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from protocol.types import IndexArray, Scores
    from recommenders.neural import Scorer

EMBEDDING_SCALE = 0.01


def embedding(n: int, size: int, generator: torch.Generator) -> nn.Embedding:
    """Return ``n`` vectors, initialised."""
    # Made without memory at first: torch would initialise it, in vain, and draw from its global generator for that.
    table = nn.Embedding(n, size, device="meta").to_empty(device="cpu")
    nn.init.normal_(table.weight, std=EMBEDDING_SCALE, generator=generator)
    return table


def linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Return a layer, initialised."""
    layer = nn.Linear(n_in, n_out, device="meta").to_empty(device="cpu")
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def array_of(parameter: torch.Tensor) -> npt.NDArray[np.float32]:
    """Return a parameter's own memory as an array."""
    found: npt.NDArray[np.float32] = parameter.detach().numpy()
    return found


def scale(layer: nn.Linear, factor: float) -> None:
    """Multiply a layer's output, in place."""
    with torch.no_grad():
        layer.weight.mul_(factor)
        layer.bias.mul_(factor)


class Network(nn.Module, ABC):
    """A network that can be scored with, outside of torch, while it is being trained."""

    @abstractmethod
    def forward(self, users: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what training needs of pairs of users and items, ``(n,)`` each.

        Returns
        -------
        logits, squares
            ``(n,)`` each; ``squares`` is the sum of the squared lengths of all vectors that a pair uses.
        """

    @abstractmethod
    def scorer(self) -> Scorer:
        """Return what scores with the network's own memory."""


@dataclass(frozen=True, eq=False)
class SumScorer:
    """The sum of two scorers."""

    first: Scorer
    second: Scorer

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``."""
        return self.first.score(users, items) + self.second.score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``."""
        return self.first.score_all(users) + self.second.score_all(users)


class GMFNetwork(Network):
    """Generalised matrix factorisation: a weighted inner product."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.users = embedding(n_users, embedding_size, generator)
        self.items = embedding(n_items, embedding_size, generator)
        self.output = linear(embedding_size, 1, generator)

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and squared lengths, ``(n,)`` each (see `Network`)."""
        user, item = self.users(users), self.items(items)
        return self.output(user * item)[:, 0], user.square().sum(dim=1) + item.square().sum(dim=1)

    def scale_output(self, factor: float) -> None:
        """Multiply the logits, in place."""
        scale(self.output, factor)

    def scorer(self) -> Factors:
        """Return what scores with the network's own memory; the constant bias is left out."""
        weights = array_of(self.output.weight)[0]
        return Factors(array_of(self.users.weight), array_of(self.items.weight), weights=weights)


class MLPNetwork(Network):
    """A perceptron over the concatenated vectors."""

    def __init__(
        self, n_users: int, n_items: int, embedding_size: int, layers: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.users = embedding(n_users, embedding_size, generator)
        self.items = embedding(n_items, embedding_size, generator)
        widths = (2 * embedding_size, *layers, 1)
        self.hidden = nn.ModuleList(linear(n_in, n_out, generator) for n_in, n_out in pairwise(widths[:-1]))
        self.output = linear(widths[-2], 1, generator)

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and squared lengths, ``(n,)`` each (see `Network`)."""
        vectors = values = torch.cat((self.users(users), self.items(items)), dim=1)
        for layer in self.hidden:
            values = torch.relu(layer(values))
        return self.output(values)[:, 0], vectors.square().sum(dim=1)

    def scale_output(self, factor: float) -> None:
        """Multiply the logits, in place."""
        scale(self.output, factor)

    def scorer(self) -> Tower:
        """Return what scores with the network's own memory."""
        layers = [layer for layer in (*self.hidden, self.output) if isinstance(layer, nn.Linear)]
        return Tower(
            array_of(self.users.weight),
            array_of(self.items.weight),
            [array_of(layer.weight) for layer in layers],
            [array_of(layer.bias) for layer in layers],
        )


class NeuMFNetwork(Network):
    """The sum of both: one output layer over the two networks' last layers, which have vectors of their own."""

    def __init__(self, gmf: GMFNetwork, mlp: MLPNetwork) -> None:
        super().__init__()
        self.gmf = gmf
        self.mlp = mlp

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and squared lengths, ``(n,)`` each (see `Network`)."""
        gmf_logits, gmf_squares = self.gmf(users, items)
        mlp_logits, mlp_squares = self.mlp(users, items)
        return gmf_logits + mlp_logits, gmf_squares + mlp_squares

    def scorer(self) -> SumScorer:
        """Return what scores with the network's own memory."""
        return SumScorer(self.gmf.scorer(), self.mlp.scorer())
