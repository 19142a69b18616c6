"""SASRec: self-attention over the sequence of a user's items (Kang & McAuley, ICDM 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from protocol.errors import RecommenderError
from recommenders.parts.deferred import DeferredFactors
from recommenders.parts.factors import Factors
from recommenders.parts.limits import above, at_least, below
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from protocol.types import Interactions
    from recommenders.parts.transformer import Noise, Transformer

    Sequences = npt.NDArray[np.int64]


@dataclass
class SASRec(EpochModel):
    """The next item, predicted from the order of a user's earlier items by causal self-attention.

    "Self-Attentive Sequential Recommendation" (arXiv:1808.09781). A sequence of items has the vectors
    ``E = (sqrt(d) m_(s_1) + p_1, ..., sqrt(d) m_(s_n) + p_n)``, made of the vectors ``m`` of items and ``p`` of
    positions. Each block adds the attention ``softmax(Q K' / sqrt(d)) V``, in which a position sees itself and earlier
    positions only, and then a perceptron at each position. Each layer normalises its input and drops out values of its
    output. With the output ``f_t`` at position ``t``, the score of item ``i`` is ``f_t . m_i``; a user is scored at the
    last position.

    Adam minimises a mean over the positions of a batch. With ``n_negatives = 0`` this is the cross-entropy of the next
    item among all items (Klenitskiy and Vasilev, RecSys 2023, arXiv:2309.07602, show that it learns faster and better).
    Otherwise it is, as in the paper, the binary cross-entropy of the next item (1) and of ``n_negatives`` items (0),
    uniform over all items. A history is cut from its end into sequences of ``max_length``, so that each interaction but
    the first is a target once per epoch; the paper learns from the last sequence only. Interactions at the same time
    are in the order of the protocol.

    Parameters
    ----------
    embedding_size
        Length of the vectors, a multiple of ``n_heads``.
    n_blocks, n_heads
        Of self-attention.
    max_length
        Longest sequence. A user is scored from the last ``max_length`` items.
    epochs
        Passes over the interactions.
    learning_rate
        Adam's step.
    batch_size
        Sequences per step.
    n_negatives
        Negatives per interaction; 0 for the cross-entropy over all items.
    dropout
        Share of values that are set to zero in training, 0 to below 1.
    """

    embedding_size: int = 64
    n_blocks: int = 2
    n_heads: int = 1
    max_length: int = 50
    epochs: int = 8
    learning_rate: float = 0.002
    batch_size: int = 64
    n_negatives: int = 0
    dropout: float = 0.2

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.parts.transformer",)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "n_heads", "max_length", "batch_size")
        at_least(0, self, "n_blocks", "epochs", "n_negatives", "dropout")
        above(0, self, "learning_rate")
        below(1, self, "dropout")
        if self.embedding_size % self.n_heads:
            raise RecommenderError(
                f"SASRec: embedding_size is {self.embedding_size}, expected a multiple of n_heads, {self.n_heads}"
            )
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [32, 64, 128],
            "n_blocks": [1, 2, 3],
            "max_length": [20, 50, 100, 200],
            "learning_rate": {"low": 0.0003, "high": 0.003, "log": True},
            "dropout": {"low": 0.1, "high": 0.6},
            "epochs": 60,
        }

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit every sequence once per epoch, in random order, and yield the mean loss of a next item."""
        import torch

        from recommenders.parts.transformer import Noise, Transformer, descent_of

        seeds = rng.integers(2**63, size=2).tolist()
        size = self.embedding_size, self.n_blocks, self.n_heads
        network, noise = Transformer(train.n_items, self.max_length, *size, seeds[0]), Noise(seeds[1], self.dropout)
        descent = descent_of(network)
        self._state = DeferredFactors(partial(_factors, network, train, self.max_length, self.batch_size))
        windows = cut(train, self.max_length + 1)
        for _ in range(self.epochs):
            total, n_learned = 0.0, 0
            order = rng.permutation(len(windows))
            for start in range(0, order.size, self.batch_size):
                batch = torch.from_numpy(windows[order[start : start + self.batch_size]])
                losses = self._losses(network, batch, noise)
                losses.mean().backward()
                descent.step(self.learning_rate)
                total, n_learned = total + float(losses.detach().sum()), n_learned + losses.numel()
            self._state = DeferredFactors(partial(_factors, network, train, self.max_length, self.batch_size))
            yield total / max(1, n_learned)

    def _losses(self, network: Transformer, windows: Any, noise: Noise) -> Any:
        """Return the loss of each next item in the windows, ``(n,)``."""
        import torch

        given, following = windows[:, :-1], windows[:, 1:]
        n_items = network.items.num_embeddings - 1
        is_there = following < n_items
        vectors, next_items = network(given, noise)[is_there], following[is_there]
        if not self.n_negatives:
            return network.cross_entropies(vectors, next_items)
        negatives = torch.randint(n_items, (len(next_items), self.n_negatives), generator=noise.generator)
        return network.binary_cross_entropies(vectors, next_items, negatives)


def cut(train: Interactions, length: int) -> Sequences:
    """Cut each history from its end into windows that overlap by one item; a history of one item gives none.

    ``1 2 3 4 5 6`` in windows of 3: ``4 5 6``, ``2 3 4`` and ``1 2``. So each item but the first is once the next item
    of another one.

    Returns
    -------
    Sequences
        int64, ``(n, length)``, oldest item first, padded at the end with ``n_items``.
    """
    counts = np.diff(train.offsets)
    n_windows = -(-np.maximum(counts - 1, 0) // (length - 1))
    users = np.repeat(np.arange(train.n_users), n_windows)
    place = np.arange(users.size) - np.repeat(np.cumsum(n_windows) - n_windows, n_windows)
    ends = train.offsets[users + 1] - place * (length - 1)
    return _filled(train, np.maximum(train.offsets[users], ends - length), ends, length)


def latest(train: Interactions, length: int) -> Sequences:
    """Return each user's last items, int64, ``(n_users, length)``, padded at the end with ``n_items``."""
    ends = train.offsets[1:]
    return _filled(train, np.maximum(train.offsets[:-1], ends - length), ends, length)


def _filled(train: Interactions, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], length: int) -> Sequences:
    rows = starts[:, None] + np.arange(length)
    items = np.append(train.items, train.n_items).astype(np.int64)
    return items[np.where(rows < ends[:, None], rows, len(train))]


def _factors(network: Transformer, train: Interactions, max_length: int, batch_size: int) -> Factors:
    """Return the network's outputs at the users' last positions, with zeros for users without items."""
    import torch

    sequences = latest(train, max_length)
    lengths = np.minimum(np.diff(train.offsets), max_length)
    users = np.zeros((train.n_users, network.items.embedding_dim), dtype=np.float32)
    with torch.no_grad():
        for start in range(0, train.n_users, batch_size):
            block = slice(start, start + batch_size)
            vectors = network(torch.from_numpy(sequences[block])).numpy()
            users[block] = vectors[np.arange(len(vectors)), np.maximum(lengths[block] - 1, 0)]
        items = network.items.weight[:-1].numpy().copy()
    users[lengths == 0] = 0
    return Factors(users, items)
