"""When vectors that a batch does not use wait for their steps of Adam, and when all of them move in every step."""

from __future__ import annotations


def vectors_wait(n_vectors: int, batch_size: int, weight_decay: float) -> bool:
    """Return whether vectors wait: a batch uses at most half of them, and there is no weight decay.

    If they wait, an epoch takes time in proportion to the interactions; if not, also to the number of vectors times
    that of batches. A batch of ``batch_size`` pairs uses at most twice as many vectors. For fewer than twice of these,
    to move all of them is faster than to find those that are used. With a weight decay no vector can wait (see
    `recommenders.kernels.lazy_adam`).
    """
    return weight_decay == 0 and n_vectors > 4 * batch_size
