"""Shuffled examples in batches, for torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt


def shuffled_batches(
    arrays: Sequence[npt.NDArray[Any]], batch_size: int, rng: np.random.Generator
) -> Iterator[list[torch.Tensor]]:
    """Yield the examples of an epoch in random order.

    Parameters
    ----------
    arrays
        ``(n,)`` each: what belongs to an example stands at one place in all of them.

    Yields
    ------
    list of torch.Tensor
        ``(batch_size,)`` of each array; the last batch may be shorter.
    """
    order = rng.permutation(arrays[0].size)
    tensors = [torch.from_numpy(array[order]) for array in arrays]
    for start in range(0, order.size, batch_size):
        yield [tensor[start : start + batch_size] for tensor in tensors]
