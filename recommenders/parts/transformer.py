"""The self-attention network of `recommenders.sasrec`.

Models import this module only when they are built, because it loads torch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from recommenders.parts.dropout import causal_attention, dropped_out

if TYPE_CHECKING:
    from torch import Tensor


class Block(nn.Module):
    """Self-attention to earlier positions, then a perceptron at each position; both with residual connections.

    As in the paper's code, only the queries of the attention are normalised, and the perceptron's output is added to
    its normalised input.
    """

    def __init__(self, size: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.before_attention, self.before_perceptron = nn.LayerNorm(size), nn.LayerNorm(size)
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.inner, self.outer = nn.Linear(size, size), nn.Linear(size, size)
        self.dropout = dropout

    def forward(self, values: Tensor) -> Tensor:
        """Return the block's output for sequences, ``(n, length, size)``."""
        values = values + self._attended(self.before_attention(values), values)
        normed = self.before_perceptron(values)
        share = self.dropout if self.training else 0.0
        inner = dropped_out(functional.relu(self.inner(normed)), share)
        found: Tensor = normed + dropped_out(self.outer(inner), share)
        return found

    def _attended(self, queries: Tensor, values: Tensor) -> Tensor:
        n, length, size = values.shape
        heads = (n, length, self.n_heads, size // self.n_heads)
        query = self.query(queries).view(heads).transpose(1, 2)
        key, value = (layer(values).view(heads).transpose(1, 2) for layer in (self.key, self.value))
        attended = causal_attention(query, key, value, self.dropout if self.training else 0.0)
        return attended.transpose(1, 2).reshape(n, length, size)


class Transformer(nn.Module):
    """Maps sequences of items to a vector at each position, whose inner products with items' vectors are scores.

    Parameters
    ----------
    n_items
        Number of items. The index ``n_items`` pads sequences at their ends; its vector is zero.
    max_length
        Number of positions.
    size
        Length of the vectors, a multiple of ``n_heads``.
    dropout
        Share of values that are set to zero in training.
    """

    answers = "vectors"
    any_length = True

    def __init__(self, n_items: int, max_length: int, size: int, n_blocks: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, size, padding_idx=n_items)
        self.positions = nn.Embedding(max_length, size)
        self.blocks = nn.ModuleList(Block(size, n_heads, dropout) for _ in range(n_blocks))
        self.last = nn.LayerNorm(size)
        self.dropout = dropout
        self._draw()

    def forward(self, sequences: Tensor) -> Tensor:
        """Return vectors, ``(n, length, size)``, of sequences, ``(n, length)``; none depends on a later item."""
        values = self.items(sequences) * math.sqrt(self.items.embedding_dim)
        values = values + self.positions.weight[: sequences.shape[1]]
        values = dropped_out(values, self.dropout if self.training else 0.0)
        for block in self.blocks:
            values = block(values)
        found: Tensor = self.last(values)
        return found

    def _draw(self) -> None:
        """Draw the initial values: normal, with a standard deviation of .02, and zero for biases."""
        for part in self.modules():
            if isinstance(part, nn.Linear | nn.Embedding):
                nn.init.normal_(part.weight, std=0.02)
            if isinstance(part, nn.Linear):
                nn.init.zeros_(part.bias)
        with torch.no_grad():
            self.items.weight[-1] = 0
