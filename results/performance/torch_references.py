"""What training in PyTorch is held against: the best plain loop, and the same steps with next to nothing to compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from references import Negatives
from torch.nn.functional import binary_cross_entropy_with_logits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.types import Interactions

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Users, items and labels."""


def batches_of_an_epoch(train: Interactions, n_negatives: int, batch_size: int, seed: int) -> list[Batch]:
    """Return interactions (1) and untouched items (0) in random order, as tensors cut into batches."""
    rng = np.random.default_rng(seed)
    drawn = Negatives(train, rng).draw(n_negatives)
    users, items = (
        torch.from_numpy(np.concatenate((own.astype(np.int64), fresh)))
        for own, fresh in zip((train.users, train.items), drawn, strict=True)
    )
    labels = (torch.arange(len(users)) < len(train)).float()
    order = torch.from_numpy(rng.permutation(len(users)))
    cut = (values[order].split(batch_size) for values in (users, items, labels))
    return list(zip(*cut, strict=True))


class PlainLoop:
    """The best plain loop in PyTorch that we can write: batches that are there, fused Adam, losses read once an epoch.

    `torch.compile` is not used: it takes longer to compile than to train on MovieLens-100K.
    """

    def __init__(self, network: torch.nn.Module, learning_rate: float, weight_decay: float) -> None:
        self.network = network
        self.optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True)

    def epoch(self, batches: Sequence[Batch]) -> float:
        """Train on all batches; return the mean loss of a batch."""
        losses = []
        for users, items, labels in batches:
            self.optimizer.zero_grad()
            loss = binary_cross_entropy_with_logits(self.network(users, items), labels)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        return float(torch.stack(losses).mean())
