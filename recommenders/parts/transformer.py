"""The self-attention network of `recommenders.sasrec`, and its losses.

Models import this module only when they are built, because it loads torch. It draws no number from torch's global
generator.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from recommenders.parts.descent import Descent

if TYPE_CHECKING:
    from torch import Tensor


class Noise:
    """Dropout, and the generator of all that is drawn in training.

    Parameters
    ----------
    dropout
        Share of values that are set to zero.
    """

    def __init__(self, seed: int, dropout: float) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.dropout = dropout

    def __call__(self, values: Tensor) -> Tensor:
        """Set a share of the values to zero, and scale up the others so that the expectation stays the same."""
        if not self.dropout:
            return values
        kept = torch.rand(values.shape, generator=self.generator) >= self.dropout
        return values * kept / (1 - self.dropout)


class Block(nn.Module):
    """Self-attention to earlier positions, then a perceptron at each position; both with residual connections.

    As in the paper's code, only the queries of the attention are normalised, and the perceptron's output is added to
    its normalised input.
    """

    def __init__(self, size: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.before_attention, self.before_perceptron = nn.LayerNorm(size), nn.LayerNorm(size)
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.inner, self.outer = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, values: Tensor, noise: Noise | None) -> Tensor:
        """Return the block's output for sequences, ``(n, length, size)``."""
        values = values + self._attended(self.before_attention(values), values, noise)
        inner = _noisy(functional.relu(self.inner(normed := self.before_perceptron(values))), noise)
        found: Tensor = normed + _noisy(self.outer(inner), noise)
        return found

    def _attended(self, queries: Tensor, values: Tensor, noise: Noise | None) -> Tensor:
        n, length, size = values.shape
        heads = (n, length, self.n_heads, size // self.n_heads)
        query = self.query(queries).view(heads).transpose(1, 2)
        key, value = (layer(values).view(heads).transpose(1, 2) for layer in (self.key, self.value))
        likeness = query @ key.transpose(2, 3) / math.sqrt(heads[-1])
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        shares = _noisy(functional.softmax(likeness.masked_fill(later, -math.inf), dim=-1), noise)
        attended: Tensor = (shares @ value).transpose(1, 2).reshape(n, length, size)
        return attended


class Transformer(nn.Module):
    """Maps sequences of items to a vector at each position, whose inner products with items' vectors are scores.

    Parameters
    ----------
    n_items
        Number of items. The index ``n_items`` pads sequences at their ends; its vector is zero.
    length
        Number of positions.
    size
        Length of the vectors, a multiple of ``n_heads``.
    seed
        Seed of the initial values: normal, with a standard deviation of .02, and zero for biases.
    """

    def __init__(self, n_items: int, length: int, size: int, n_blocks: int, n_heads: int, seed: int) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, size, padding_idx=n_items)
        self.positions = nn.Embedding(length, size)
        self.blocks = nn.ModuleList(Block(size, n_heads) for _ in range(n_blocks))
        self.last = nn.LayerNorm(size)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, nn.Linear | nn.Embedding):
                    module.weight.normal_(0.0, 0.02, generator=generator)
                if isinstance(module, nn.Linear):
                    module.bias.zero_()
            self.items.weight[n_items] = 0

    def forward(self, sequences: Tensor, noise: Noise | None = None) -> Tensor:
        """Return vectors, ``(n, length, size)``, of sequences, ``(n, length)``; none depends on a later item.

        Training passes ``noise``, scoring does not.
        """
        values = self.items(sequences) * math.sqrt(self.items.embedding_dim)
        values = _noisy(values + self.positions.weight[: sequences.shape[1]], noise)
        for block in self.blocks:
            values = block(values, noise)
        found: Tensor = self.last(values)
        return found

    def cross_entropies(self, vectors: Tensor, next_items: Tensor) -> Tensor:
        """Return ``- ln softmax(scores of all items)`` of the next item, ``(n,)``, for vectors ``(n, size)``."""
        return functional.cross_entropy(vectors @ self.items.weight[:-1].T, next_items, reduction="none")

    def binary_cross_entropies(self, vectors: Tensor, next_items: Tensor, negatives: Tensor) -> Tensor:
        """Return ``- ln sigmoid(score)`` of the next item ``- sum of ln sigmoid(-score)`` of negatives ``(n, m)``."""
        positive = (vectors * self.items(next_items)).sum(dim=-1)
        negative = torch.einsum("nd,nmd->nm", vectors, self.items(negatives))
        return functional.softplus(-positive) + functional.softplus(negative).sum(dim=-1)


def descent_of(network: nn.Module) -> Descent:
    """Move the parameters of a network and their gradients to arrays that our own Adam trains.

    torch's optimisers are not used: they load parts of torch that nothing else here needs, which takes longer than to
    fit a small model.
    """
    parameters = list(network.parameters())
    descent = Descent([tuple(parameter.shape) for parameter in parameters])
    for parameter, values, gradient in zip(parameters, descent.parameters, descent.gradients, strict=True):
        values[:] = parameter.detach().numpy()
        parameter.data, parameter.grad = torch.from_numpy(values), torch.from_numpy(gradient)
    return descent


def _noisy(values: Tensor, noise: Noise | None) -> Tensor:
    return values if noise is None else noise(values)
