"""Training of a network to separate interactions from sampled negatives, pair by pair (He et al. 2017)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from recommenders.kernels import pointwise as kernel
from recommenders.kernels.arrays import zeros
from recommenders.kernels.layout import n_parameters
from recommenders.kernels.lazy_vectors import new_uses
from recommenders.kernels.sampling import Sampler
from recommenders.kernels.team import run_team
from recommenders.parts.waiting import vectors_wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions
    from recommenders.parts.networks import Network


class Training(Protocol):
    """The hyper-parameters of the training; the models that use it are dataclasses with these fields."""

    epochs: int
    learning_rate: float
    reg: float
    weight_decay: float
    batch_size: int
    n_negatives: int


def pointwise_epochs(
    network: Network, training: Training, train: Interactions, rng: np.random.Generator
) -> Iterator[float]:
    """Train a network in place, and yield the mean loss of each epoch.

    Adam minimises a mean over the pairs of a batch: the binary cross-entropy of interactions (1) and negatives (0),
    plus ``reg / 2`` times the squared lengths of the vectors that the pair uses. Negatives are drawn anew in each
    epoch. The yielded loss is the cross-entropy alone.

    ``reg`` shrinks a vector in proportion to its use, so one value means the same for few users and for many.
    ``weight_decay`` times a parameter is added to the gradient of the batch's mean. Among many users, each user's
    share of that mean is small, so the same ``weight_decay`` weighs more against it.

    Among many users and items, and without ``weight_decay``, vectors wait until a batch uses them (see
    `recommenders.parts.waiting`). They then are what Adam would have made of them, nearly (see
    `recommenders.kernels.lazy_adam`).
    """
    sampler = Sampler.of(train, rng)
    widths = np.array(network.widths, dtype=np.int64)
    n_vectors, batch_size = network.n_users + network.n_items, training.batch_size
    waits = vectors_wait(n_vectors, batch_size, training.weight_decay)
    moments = zeros(2, network.parameters.size)
    n_gradients = network.parameters.size
    if waits:
        n_gradients = n_parameters(batch_size, batch_size, network.gmf_size, network.widths)
    gradients, uses = zeros(kernel.HALVES, n_gradients), new_uses(n_vectors if waits else 0, batch_size)
    work = zeros(kernel.HALVES, 2, sum(network.widths), kernel.STRIDE)
    n_steps = 0
    for _ in range(training.epochs):
        totals, n = np.zeros(kernel.HALVES), 0
        for examples in sampler.labelled(training.n_negatives):
            train_part = partial(
                kernel.train,
                examples,
                training.batch_size,
                network.n_users,
                network.n_items,
                network.gmf_size,
                widths,
                network.parameters,
                gradients,
                moments,
                work,
                uses,
                n_steps,
                training.learning_rate,
                training.weight_decay,
                training.reg,
                totals=totals,
            )
            run_team(train_part, kernel.HALVES)
            n += len(examples)
            n_steps += -(-len(examples) // training.batch_size)
        yield totals.sum() / max(1, n)
