"""PyTorch modules as users write them: nothing here is of recbench."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class TwoTower(nn.Module):
    """The inner product of a user's vector and an item's."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int = 32) -> None:
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, embedding_size), nn.Embedding(n_items, embedding_size)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        return (self.users(users) * self.items(items)).sum(-1)


class PostMLP(nn.Module):
    """The blog post's perceptron: vectors of 8, layers 16-32-16-8-1."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int = 8) -> None:
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, embedding_size), nn.Embedding(n_items, embedding_size)
        self.layers = nn.Sequential(
            *(nn.Linear(2 * embedding_size, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU()),
            *(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1)),
        )

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        users, items = torch.broadcast_tensors(users, items)
        return self.layers(torch.cat((self.users(users), self.items(items)), dim=-1)).squeeze(-1)


class OwnWay(nn.Module):
    """Does itself what a module may do itself: the loss, the optimizer, the scores of all items. It drops out, too."""

    def __init__(self, n_users: int, n_items: int, size: int = 16, learning_rate: float = 0.02, dropout: float = 0.1):
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, size), nn.Embedding(n_items, size)
        self.dropout, self.learning_rate = nn.Dropout(dropout), learning_rate

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        return (self.dropout(self.users(users)) * self.items(items)).sum(-1)

    def training_step(self, users: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        return functional.softplus(self(users, negatives) - self(users, positives)).mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=100 * self.learning_rate)

    def score_all(self, users: Tensor) -> Tensor:
        return self.users(users) @ self.items.weight.T


class GRU4Rec(nn.Module):
    """A recurrent network over a user's items, whose state is the user's vector."""

    def __init__(self, n_items: int, embedding_size: int = 64, dropout: float = 0.2) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, embedding_size, padding_idx=n_items)
        self.dropout = nn.Dropout(dropout)
        self.gru = nn.GRU(embedding_size, embedding_size, batch_first=True)

    def forward(self, histories: Tensor) -> Tensor:
        states, _ = self.gru(self.dropout(self.items(histories)))
        return states


class LastState(GRU4Rec):
    """Answers once for each history."""

    def forward(self, histories: Tensor) -> Tensor:
        _, last = self.gru(self.items(histories))
        return last[-1]


class NextLogits(GRU4Rec):
    """Answers with logits."""

    def __init__(self, n_items: int, embedding_size: int = 64, dropout: float = 0.2) -> None:
        super().__init__(n_items, embedding_size, dropout)
        self.output = nn.Linear(embedding_size, n_items)

    def forward(self, histories: Tensor) -> Tensor:
        return self.output(super().forward(histories))


class LastLogits(NextLogits):
    """Answers with logits, once for each history, of which it uses each column."""

    def __init__(self, n_items: int, max_length: int = 8, embedding_size: int = 64) -> None:
        super().__init__(n_items, embedding_size)
        self.layer = nn.Linear(max_length * embedding_size, embedding_size)

    def forward(self, histories: Tensor) -> Tensor:
        return self.output(torch.relu(self.layer(self.items(histories).flatten(1))))


class OwnWayOfHistories(GRU4Rec):
    """Does itself what a module of histories may do itself."""

    def __init__(self, n_items: int, embedding_size: int = 64, learning_rate: float = 0.01) -> None:
        super().__init__(n_items, embedding_size)
        self.learning_rate = learning_rate

    def training_step(self, histories: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        states = self(histories).unsqueeze(2)
        better = (states * (self.items(positives.unsqueeze(2)) - self.items(negatives))).sum(-1)
        return -functional.logsigmoid(better)[positives < self.items.padding_idx].mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(self.parameters(), lr=self.learning_rate)

    def score_all(self, histories: Tensor) -> Tensor:
        lengths = (histories != self.items.padding_idx).sum(1)
        return self(histories)[torch.arange(len(histories)), lengths - 1] @ self.items.weight[:-1].T


class WeightedProduct(nn.Module):
    """The inner product of a user's vector and an item's with learnt weights."""

    def __init__(self, n_users: int, n_items: int, embedding_size: int = 32) -> None:
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, embedding_size), nn.Embedding(n_items, embedding_size)
        self.output = nn.Linear(embedding_size, 1)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        return self.output(self.users(users) * self.items(items)).squeeze(-1)
