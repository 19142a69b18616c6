"""The multi-layer perceptron as most people write it in PyTorch: what our compiled training is compared with.

It is the blog post's model, read as the preset ``mlp_post`` reads it: vectors of 8, layers 16-32-16-8-1, binary
cross-entropy, Adam with a weight decay of 1e-5, batches of 256, 4 negatives per interaction, sampled in each epoch. A
dataset hands out one example at a time, a loader collects and shuffles them. Nothing here is tuned for speed. Layers
begin by Glorot's rule, as ours do, so that losses compare.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions

EMBEDDING_SIZE = 8
LAYERS = (16, 32, 16, 8)
BATCH_SIZE = 256
N_NEGATIVES = 4
LEARNING_RATE = 0.001
WEIGHT_DECAY = 1e-5

Example = tuple[int, int, float]


class Examples(Dataset[Example]):
    """Interactions (1) and sampled items that the user did not touch (0)."""

    def __init__(self, interactions: Interactions, rng: random.Random) -> None:
        self.pairs = list(zip(interactions.users.tolist(), interactions.items.tolist(), strict=True))
        self.touched = set(self.pairs)
        self.n_items = interactions.n_items
        self.rng = rng
        self.examples: list[Example] = []

    def sample(self) -> None:
        """Sample the negatives of an epoch."""
        self.examples = []
        for user, item in self.pairs:
            self.examples.append((user, item, 1.0))
            for _ in range(N_NEGATIVES):
                negative = self.rng.randrange(self.n_items)
                while (user, negative) in self.touched:
                    negative = self.rng.randrange(self.n_items)
                self.examples.append((user, negative, 0.0))

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Example:
        return self.examples[index]


class IdiomaticMLP(nn.Module):
    """A perceptron over a user's and an item's concatenated vectors."""

    def __init__(self, n_users: int, n_items: int) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, EMBEDDING_SIZE)
        self.items = nn.Embedding(n_items, EMBEDDING_SIZE)
        hidden = [layer for before, after in pairwise(LAYERS) for layer in (nn.Linear(before, after), nn.ReLU())]
        self.layers = nn.Sequential(*hidden, nn.Linear(LAYERS[-1], 1), nn.Sigmoid())
        for name, parameter in self.layers.named_parameters():
            nn.init.xavier_uniform_(parameter) if name.endswith("weight") else nn.init.zeros_(parameter)

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Return the chance of an interaction, ``(n,)``."""
        chances: torch.Tensor = self.layers(torch.cat((self.users(users), self.items(items)), dim=-1))
        return chances.squeeze(-1)


def train_epochs(interactions: Interactions, *, epochs: int, seed: int) -> Iterator[float]:
    """Train a new model, and yield the mean loss of each epoch."""
    torch.manual_seed(seed)
    model = IdiomaticMLP(interactions.n_users, interactions.n_items)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    criterion = nn.BCELoss()
    examples = Examples(interactions, random.Random(seed))
    for _ in range(epochs):
        examples.sample()
        loader = DataLoader(examples, batch_size=BATCH_SIZE, shuffle=True)
        total = 0.0
        for users, items, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(users, items), labels.float())
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        yield total / len(examples)
