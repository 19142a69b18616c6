"""The networks of the models in this room: what they compute from indices of users and items.

Each takes ``users`` and ``items`` of any shapes that broadcast, and returns a logit for each pair: ``(n, c)`` of
``(n, 1)`` users and ``(n, c)`` items.

Models import this module only when they are built, because it loads torch.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

_broadcast: Callable[..., list[Tensor]] = torch.broadcast_tensors
"""torch's function, which says no types."""


class MatrixFactorisation(nn.Module):
    """An inner product plus biases: ``w_u . h_i + b_u + c_i + b`` (Rendle et al., RecSys 2020)."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, embedding_size)
        self.items = nn.Embedding(n_items, embedding_size)
        self.user_biases = nn.Parameter(torch.zeros(n_users))
        self.item_biases = nn.Parameter(torch.zeros(n_items))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits of pairs."""
        products: Tensor = (self.users(users) * self.items(items)).sum(dim=-1)
        return products + self.user_biases[users] + self.item_biases[items] + self.bias

    def squared_lengths(self, users: Tensor, items: Tensor) -> Tensor:
        """Return for each pair the sum of the squares of the parameters that it uses."""
        vectors = _squared_lengths(self.users(users), self.items(items))
        return vectors + self.user_biases[users] ** 2 + self.item_biases[items] ** 2 + self.bias**2


class GeneralisedMatrixFactorisation(nn.Module):
    """An inner product with learnt weights: ``sum_k h_k p_uk q_ik + b`` (He et al., WWW 2017)."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, embedding_size)
        self.items = nn.Embedding(n_items, embedding_size)
        self.output = nn.Linear(embedding_size, 1)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits of pairs."""
        logits: Tensor = self.output(self.users(users) * self.items(items))
        return logits.squeeze(-1)

    def squared_lengths(self, users: Tensor, items: Tensor) -> Tensor:
        """Return for each pair the squared lengths of the vectors that it uses, summed."""
        return _squared_lengths(self.users(users), self.items(items))


class Perceptron(nn.Module):
    """A perceptron over the concatenated vectors of a user and an item (He et al., WWW 2017).

    Parameters
    ----------
    layers
        Widths of the hidden layers, each with ReLU.
    """

    def __init__(self, n_users: int, n_items: int, embedding_size: int, layers: Sequence[int]) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, embedding_size)
        self.items = nn.Embedding(n_items, embedding_size)
        widths = (2 * embedding_size, *layers)
        hidden = [part for pair in pairwise(widths) for part in (nn.Linear(*pair), nn.ReLU(inplace=True))]
        self.layers = nn.Sequential(*hidden, nn.Linear(widths[-1], 1))

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits of pairs."""
        users, items = _broadcast(users, items)
        # As one matrix: every layer would flatten more dimensions anew, and torch keep that for the gradients.
        vectors = torch.cat((self.users(users.reshape(-1)), self.items(items.reshape(-1))), dim=-1)
        logits: Tensor = self.layers(vectors)
        return logits.view(users.shape)

    def squared_lengths(self, users: Tensor, items: Tensor) -> Tensor:
        """Return for each pair the squared lengths of the vectors that it uses, summed."""
        return _squared_lengths(self.users(users), self.items(items))


class NeuralMatrixFactorisation(nn.Module):
    """The sum of both, each with vectors of its own: one output layer over the two (He et al., WWW 2017)."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int, layers: Sequence[int]) -> None:
        super().__init__()
        self.gmf = GeneralisedMatrixFactorisation(n_users, n_items, embedding_size)
        self.mlp = Perceptron(n_users, n_items, embedding_size, layers)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits of pairs."""
        logits: Tensor = self.gmf(users, items) + self.mlp(users, items)
        return logits

    def squared_lengths(self, users: Tensor, items: Tensor) -> Tensor:
        """Return for each pair the squared lengths of the vectors that it uses, summed."""
        return self.gmf.squared_lengths(users, items) + self.mlp.squared_lengths(users, items)


def _squared_lengths(user_vectors: Tensor, item_vectors: Tensor) -> Tensor:
    return user_vectors.square().sum(dim=-1) + item_vectors.square().sum(dim=-1)
