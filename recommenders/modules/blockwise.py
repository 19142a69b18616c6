"""A loss over the scores of all items, without the scores of all examples in memory at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from recommenders.modules.losses import LossFunction

SCORES = 2**18
"""The most scores in memory at once; those of one example may be more."""


def loss_over_items(vectors: Tensor, items: Tensor, targets: Tensor, function: LossFunction) -> Tensor:
    """Return the mean loss of the inner products of vectors ``(n, d)`` with those of all items ``(n_items, d)``.

    Parameters
    ----------
    targets
        int64, ``(n,)``: the true item of each vector.
    function
        A mean over rows of scores (see `recommenders.modules.losses`).
    """
    loss: Tensor = _LossOverItems.apply(vectors, items, targets, function)  # type: ignore[no-untyped-call]
    return loss


class _LossOverItems(torch.autograd.Function):
    """The gradients of each block are computed right after its scores, which are then forgotten."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, items: Tensor, targets: Tensor, function: LossFunction) -> Tensor:
        """Return the loss, and keep the gradients."""
        n, size = len(vectors), max(1, SCORES // len(items))
        to_vectors, to_items = torch.empty_like(vectors), torch.zeros_like(items)
        total = torch.zeros((), dtype=torch.float32, device=vectors.device)
        items = items.detach().requires_grad_()
        for block in range(0, n, size):
            rows = slice(block, block + size)
            part = vectors[rows].detach().requires_grad_()
            with torch.enable_grad():
                loss = function(part @ items.T, targets[rows]) * (len(part) / n)
            to_vectors[rows], to_part_of_items = torch.autograd.grad(loss, (part, items))
            to_items += to_part_of_items
            total += loss.detach()
        ctx.save_for_backward(to_vectors, to_items)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of vectors and items, times that of the loss."""
        to_vectors, to_items = ctx.saved_tensors
        return gradients[0] * to_vectors, gradients[0] * to_items, None, None
