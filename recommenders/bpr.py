"""Bayesian personalised ranking with matrix factorisation (Rendle et al., UAI 2009, arXiv:1205.2618)."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from recommenders.factors import Factors, initial_vectors
from recommenders.fitted import fitted
from recommenders.limits import above, at_least
from recommenders.negative_sampling import NegativeSampler

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class BPR:
    """Matrix factorisation that ranks a user's items above the others (Rendle et al. 2009).

    Stochastic gradient descent on ``-ln sigmoid(x_ui - x_uj)`` plus ``reg / 2`` times the squared lengths of the
    vectors involved, with ``x_ui = w_u . h_i + b_i``. In each epoch every interaction is visited once, in random
    order, with a fresh negative ``j``, uniform over the items that the user did not train on. The steps of a batch
    are computed from the same vectors, and added up. The loss is the mean of ``-ln sigmoid``.

    Parameters
    ----------
    embedding_size
        Length of the vectors.
    epochs
        Passes over the interactions.
    learning_rate
        Step of a single example, whatever the size of the batch.
    reg
        Of vectors and biases.
    batch_size
        Examples that are computed at once. Large batches with large steps diverge.
    """

    embedding_size: int = 64
    epochs: int = 85
    learning_rate: float = 0.05
    reg: float = 0.01
    batch_size: int = 1024

    deterministic: ClassVar[bool] = False

    _state: Factors | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size", "batch_size")
        at_least(0, self, "epochs", "reg")
        above(0, self, "learning_rate")
        # Torch takes seconds to load: here, because `fit` is timed.
        importlib.import_module("recommenders.batches")

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Run all epochs."""
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit every interaction once per epoch, and yield the mean loss."""
        import torch

        from recommenders.batches import shuffled_batches
        from recommenders.threads import threads_for

        users = initial_vectors(train.n_users, self.embedding_size, rng)
        items = initial_vectors(train.n_items, self.embedding_size, rng)
        biases = np.zeros(train.n_items, dtype=np.float32)
        self._state = Factors(users, items, biases)
        # The tensors share the arrays' memory.
        tensors = torch.from_numpy(users), torch.from_numpy(items), torch.from_numpy(biases)
        descent = _Descent(*tensors, learning_rate=self.learning_rate, reg=self.reg)
        sampler = NegativeSampler.of(train)
        # Whoever touched everything prefers nothing to anything.
        comparable = train.where(sampler.n_untouched[train.users] > 0)
        for _ in range(self.epochs):
            negatives = sampler.draw(comparable.users, rng)
            total = torch.zeros(())
            with threads_for(self.batch_size):
                triples = (comparable.users, comparable.items, negatives)
                for batch in shuffled_batches(triples, self.batch_size, rng):
                    total += descent.step(*batch)
            yield float(total) / max(1, len(comparable))

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return inner products plus biases, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the same for all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)


@dataclass(frozen=True, eq=False)
class _Descent:
    """Stochastic gradient descent on the parameters, in place."""

    users: torch.Tensor
    items: torch.Tensor
    biases: torch.Tensor
    learning_rate: float
    reg: float

    def step(self, users: torch.Tensor, positives: torch.Tensor, negatives: torch.Tensor) -> torch.Tensor:
        """Take one step per example and return the sum of their losses before it.

        The gradients are written out: this is several times faster than recording and replaying them.
        """
        import torch

        user, positive, negative = self.users[users], self.items[positives], self.items[negatives]
        difference = positive - negative
        margin = (user * difference).sum(dim=1) + self.biases[positives] - self.biases[negatives]
        pull = self.learning_rate * torch.sigmoid(-margin)
        shrink = self.learning_rate * self.reg
        pulled = pull[:, None] * user
        self.users.index_add_(0, users, pull[:, None] * difference - shrink * user)
        self.items.index_add_(0, positives, pulled - shrink * positive)
        self.items.index_add_(0, negatives, -pulled - shrink * negative)
        bias_pull = torch.cat((pull - shrink * self.biases[positives], -pull - shrink * self.biases[negatives]))
        self.biases.index_add_(0, torch.cat((positives, negatives)), bias_pull)
        return torch.nn.functional.softplus(-margin).sum()
