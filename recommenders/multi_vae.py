"""Mult-VAE: a variational autoencoder with multinomial likelihood (Liang, Krishnan, Hoffman & Jebara, WWW 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from recommenders.parts import footprint
from recommenders.parts.deferred import DeferredFactors
from recommenders.parts.limits import above, at_least, below, check_layers
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

    Sparse = csr_array[Any, tuple[int, int]]


@dataclass
class MultiVAE(EpochModel):
    """A user's items, encoded as a normal distribution and decoded as a distribution over all items.

    "Variational Autoencoders for Collaborative Filtering" (arXiv:1802.05814). ``x_u`` is the vector of the user's items
    as zeros and ones, scaled to length 1. The encoder gives ``z_u ~ N(mean(x_u), diag(exp(log_variance(x_u))))``, the
    decoder gives logits ``f(z_u)``. The loss of a user is the negative evidence lower bound with a weight on its second
    part::

        - sum over the user's items of ln softmax(f(z_u))_i + kl_weight * KL(N(mean, variance) || N(0, 1))

    Adam minimises the mean over the users of a batch. The weight of the divergence rises linearly from zero over the
    first ``anneal_epochs`` epochs. The yielded loss is the mean over all users. Scores are the logits at the mean.

    Parameters
    ----------
    embedding_size
        Length of ``z``.
    layers
        Widths of the encoder's hidden layers; the decoder has them in reverse.
    epochs
        Passes over the users.
    learning_rate
        Adam's step.
    weight_decay
        Adam's: it is multiplied by a parameter and added to that parameter's gradient.
    batch_size
        Users per step.
    dropout
        Share of a user's items that the encoder does not see, 0 to below 1; drawn anew each time.
    kl_weight
        The highest weight of the divergence, the paper's beta.
    anneal_epochs
        Epochs until the divergence has this weight; with 0 it has it from the start.
    """

    embedding_size: int = 64
    layers: tuple[int, ...] = (600,)
    epochs: int = 72
    learning_rate: float = 0.00195
    weight_decay: float = 0.0
    batch_size: int = 500
    dropout: float = 0.248
    kl_weight: float = 0.0805
    anneal_epochs: int = 60

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.parts.autoencoder",)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "weight_decay", "dropout", "kl_weight", "anneal_epochs")
        above(0, self, "learning_rate")
        below(1, self, "dropout")
        check_layers(self, self.layers)
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [32, 64, 128, 200],
            "learning_rate": {"low": 0.0003, "high": 0.003, "log": True},
            "dropout": {"low": 0.2, "high": 0.8},
            "kl_weight": {"low": 0.02, "high": 1.0, "log": True},
            "epochs": 150,
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        hidden = (facts.n_items, *self.layers)
        n_weights = sum(before * after for before, after in pairwise((*hidden, 2 * self.embedding_size)))
        n_weights += sum(before * after for before, after in pairwise((*hidden, self.embedding_size)))
        descent = 4 * footprint.FLOAT * n_weights
        widest = facts.n_items * max(self.layers, default=2 * self.embedding_size)
        # Logits, their exponentials, and the slopes as float32 and float64, of a batch; the gradients of a layer.
        batch = 2 * footprint.DOUBLE * min(self.batch_size, facts.n_users) * facts.n_items
        step = batch + batch // 2 + footprint.FLOAT * widest
        # All users pass through all layers, the one of the logits included.
        passing = 2 * footprint.FLOAT * facts.n_users * (facts.n_items + max(self.layers, default=0))
        kept = footprint.FLOAT * widest + footprint.FLOAT * facts.n_users * max(self.layers, default=0)
        last = (self.embedding_size, *reversed(self.layers))[-1]
        scoring = max(passing, kept + footprint.scored_by_factors(facts, last))
        history = 2 * footprint.history(facts, footprint.FLOAT)
        return descent + history + max(footprint.DOUBLE * widest, step, scoring)

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit every user once per epoch, in random order, and yield the mean loss."""
        from recommenders.parts.autoencoder import Autoencoder

        history = train.to_csr(np.float32)
        network = Autoencoder.new(train.n_items, self.layers, self.embedding_size, rng)
        self._state = DeferredFactors(partial(network.factors, _scaled(history)))
        learned_from = np.flatnonzero(np.diff(history.indptr))
        for epoch in range(self.epochs):
            kl_weight = self.kl_weight * min(1.0, epoch / self.anneal_epochs if self.anneal_epochs else 1.0)
            order = rng.permutation(learned_from)
            total = 0.0
            for start in range(0, order.size, self.batch_size):
                items = csr_array(history[order[start : start + self.batch_size]])
                noise = rng.standard_normal((items.shape[0], self.embedding_size), dtype=np.float32)
                total += network.add_gradients(items, self._dropped(_scaled(items), rng), noise, kl_weight)
                network.descent.step(self.learning_rate, self.weight_decay)
            self._state = DeferredFactors(partial(network.factors, _scaled(history)))
            yield total / max(1, order.size)

    def _dropped(self, inputs: Sparse, rng: np.random.Generator) -> Sparse:
        """Set a share of the entries to zero, and scale up the others so that the expectation stays the same."""
        kept = rng.random(inputs.nnz, dtype=np.float32) >= self.dropout
        data = inputs.data * kept / np.float32(1 - self.dropout)
        return csr_array((data, inputs.indices, inputs.indptr), shape=inputs.shape)


def _scaled(ones: Sparse) -> Sparse:
    """Return the rows scaled to length 1."""
    counts = np.diff(ones.indptr)
    data = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return csr_array((data, ones.indices, ones.indptr), shape=ones.shape)
