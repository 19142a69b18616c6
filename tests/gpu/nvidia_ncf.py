"""NVIDIA's NCF, by the settings that it publishes its speed for: a bare module, trained by recbench.

PyTorch/Recommendation/NCF of github.com/NVIDIA/DeepLearningExamples: factors 64, layers 256 256 128 64, of which the
first is the input of the perceptron, so that its vectors have 128 values; dropout .5, Adam with betas .25 and .5.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class NvidiaNCF(nn.Module):
    """GMF and a perceptron, each with vectors of its own, and one output layer over both."""

    def __init__(
        self,
        n_users: int,
        n_items: int,
        factors: int = 64,
        layers: tuple[int, ...] = (256, 256, 128, 64),
        dropout: float = 0.5,
        learning_rate: float = 0.0045,
    ) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.users, self.items = nn.Embedding(n_users, factors), nn.Embedding(n_items, factors)
        self.own_users, self.own_items = (nn.Embedding(n, layers[0] // 2) for n in (n_users, n_items))
        hidden = [(nn.Linear(*pair), nn.ReLU(inplace=True), nn.Dropout(dropout)) for pair in pairwise(layers)]
        self.tower = nn.Sequential(*(part for parts in hidden for part in parts))
        self.output = nn.Linear(layers[-1] + factors, 1)
        for table in (self.users, self.items, self.own_users, self.own_items):
            nn.init.normal_(table.weight, std=0.01)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits of pairs."""
        users, items = torch.broadcast_tensors(users, items)
        shape, users, items = users.shape, users.reshape(-1), items.reshape(-1)
        top = self.tower(torch.cat((self.own_users(users), self.own_items(items)), dim=-1))
        logits: Tensor = self.output(torch.cat((self.users(users) * self.items(items), top), dim=-1))
        return logits.view(shape)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam with NVIDIA's betas."""
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate, betas=(0.25, 0.5), fused=True)
