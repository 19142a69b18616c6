"""Learning to tell interactions from sampled negatives, pair by pair: the training of He et al. 2017."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch._dynamo  # the first optimizer would load it, and take a second for that

from recommenders.batches import shuffled_batches
from recommenders.negative_sampling import NegativeSampler
from recommenders.threads import threads_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

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
    optimizer = torch.optim.Adam(
        network.parameters(), lr=model.learning_rate, weight_decay=model.weight_decay, fused=True
    )
    sampler = NegativeSampler.of(train)
    for _ in range(model.epochs):
        pairs = labelled_pairs(train, sampler, model.n_negatives, rng)
        total = torch.zeros(())
        with threads_for(model.batch_size):
            for users, items, labels in shuffled_batches(pairs, model.batch_size, rng):
                optimizer.zero_grad()
                logits, squares = network(users, items)
                loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
                objective = loss + model.reg / 2 * squares.mean() if model.reg else loss
                torch.autograd.backward(objective)
                optimizer.step()
                total += loss.detach() * labels.numel()
        yield float(total) / max(1, pairs[2].size)


def labelled_pairs(
    train: Interactions, sampler: NegativeSampler, n_negatives: int, rng: np.random.Generator
) -> tuple[npt.NDArray[Any], ...]:
    """Return users, items and labels, float32, of all interactions and their negatives, ``(n,)`` each.

    Whoever touched everything has no negatives.
    """
    drawn_for = np.repeat(train.users[sampler.n_untouched[train.users] > 0], n_negatives)
    users = np.concatenate((train.users, drawn_for))
    items = np.concatenate((train.items, sampler.draw(drawn_for, rng)))
    return users, items, (np.arange(users.size) < len(train)).astype(np.float32)


def torch_generator(rng: np.random.Generator) -> torch.Generator:
    """Return a torch generator seeded from ``rng``."""
    return torch.Generator().manual_seed(int(rng.integers(2**63)))
