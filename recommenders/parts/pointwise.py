"""Learning to tell interactions from sampled negatives, pair by pair: the training of He et al. 2017."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels import pointwise as kernel
from recommenders.kernels.arrays import zeros
from recommenders.kernels.sampling import Sampler
from recommenders.kernels.team import run_team

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions
    from recommenders.parts.networks import Network
    from recommenders.parts.neural import Neural


def pointwise_epochs(network: Network, model: Neural, train: Interactions, rng: np.random.Generator) -> Iterator[float]:
    """Train a network in place with the hyper-parameters of ``model``, and yield the mean loss of each epoch.

    Adam on the mean, over the pairs of a batch, of the binary cross-entropy of interactions (1) and negatives (0),
    which are drawn anew in each epoch, plus ``reg / 2`` times the squared lengths of the vectors that the pair uses.
    So a vector is held back in proportion to its use, and a value of ``reg`` means the same for few users as for many;
    ``weight_decay`` times a parameter, added to the gradient of a batch's mean, does not: among many users each
    one's share of that mean is small. The loss that is yielded is the cross-entropy.
    """
    sampler = Sampler.of(train, rng)
    widths = np.array(network.widths, dtype=np.int64)
    state = zeros(kernel.HALVES + 2, network.parameters.size)
    work = zeros(kernel.HALVES, 2, sum(network.widths), kernel.STRIDE)
    n_steps = 0
    for _ in range(model.epochs):
        examples = sampler.labelled(model.n_negatives)
        totals = np.zeros(kernel.HALVES)
        train_epoch = partial(
            kernel.train,
            examples,
            model.batch_size,
            network.n_users,
            network.n_items,
            network.gmf_size,
            widths,
            network.parameters,
            state,
            work,
            n_steps,
            model.learning_rate,
            model.weight_decay,
            model.reg,
            totals=totals,
        )
        run_team(train_epoch, kernel.HALVES)
        n_steps += -(-len(examples) // model.batch_size)
        yield totals.sum() / max(1, len(examples))
