"""Learning to tell interactions from sampled negatives, pair by pair: the training of He et al. 2017."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels import pointwise as kernel
from recommenders.kernels.arrays import zeros
from recommenders.kernels.sampling import Sampler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions
    from recommenders.networks import Network
    from recommenders.neural import Neural


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
    state = zeros(3, network.parameters.size)
    work = zeros(2, sum(network.widths), kernel.STRIDE)
    n_steps = 0
    for _ in range(model.epochs):
        examples = sampler.labelled(model.n_negatives)
        total = kernel.train(
            examples,
            batch_size=model.batch_size,
            n_users=network.n_users,
            n_items=network.n_items,
            gmf_size=network.gmf_size,
            widths=widths,
            parameters=network.parameters,
            state=state,
            work=work,
            n_steps=n_steps,
            learning_rate=model.learning_rate,
            weight_decay=model.weight_decay,
            reg=model.reg,
        )
        n_steps += -(-len(examples) // model.batch_size)
        yield total / max(1, len(examples))
