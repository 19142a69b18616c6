"""The cross-entropy over the scores of all items, without the scores of all examples in memory at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

SCORES = 2**20
"""The most scores in memory at once, and as many shares of items; those of one example may be more."""


def cross_entropy_over_items(vectors: Tensor, items: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy of the inner products of vectors ``(n, d)`` with those of all items.

    Parameters
    ----------
    items
        ``(n_items, d)``.
    targets
        int64, ``(n,)``: the true item of each vector.
    """
    loss: Tensor = _CrossEntropyOverItems.apply(vectors, items, targets)  # type: ignore[no-untyped-call]
    return loss


class _CrossEntropyOverItems(torch.autograd.Function):
    """The gradients of each block are computed right after its scores, which are then forgotten."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, items: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, and keep the gradients of the sum over all vectors."""
        to_vectors, to_items = (
            torch.empty_like(vectors),
            torch.zeros_like(items.T, memory_format=torch.contiguous_format),
        )
        total = torch.zeros((), dtype=items.dtype, device=items.device)
        less_one = total.new_full((1, 1), -1.0)
        size = max(1, SCORES // len(items))
        for block in range(0, len(vectors), size):
            rows = slice(block, block + size)
            part, places = vectors[rows], targets[rows].unsqueeze(1)
            # Under autocast they have fewer digits, too few for a softmax over many items.
            scores = (part @ items.T).to(items.dtype)
            shares = scores.softmax(1)
            # The logarithm of the sum of all exponentials is the largest score less the logarithm of its share.
            total += (scores.amax(1) - shares.amax(1).log()).sum() - scores.gather(1, places).sum()
            shares.scatter_add_(1, places, less_one.expand_as(places))
            to_vectors[rows] = shares @ items
            to_items += part.T @ shares
        ctx.save_for_backward(to_vectors, to_items)
        return total / max(1, len(vectors))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of vectors and items, times that of the loss."""
        to_vectors, to_items = ctx.saved_tensors
        scale = gradients[0] / max(1, len(to_vectors))
        return scale * to_vectors, scale * to_items.T, None
