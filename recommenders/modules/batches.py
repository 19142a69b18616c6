"""An epoch's batches of interactions in random order. Memory grows with a block of them, not with the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from recommenders.kernels.negatives import candidates, open_rows
from recommenders.kernels.sampling import Sampler
from recommenders.modules.training import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions

BLOCK = 2**20
"""The most candidates that are drawn, and moved to the device, at once; a step of more is drawn alone."""


@dataclass(frozen=True, eq=False)
class SampledBatches:
    """Interactions, each with fresh negatives of its user: users ``(n, 1)`` and items ``(n, 1 + n_negatives)``.

    The true item comes first. A user who touched every item has no negatives, so no examples.

    Parameters
    ----------
    rows
        int32: the interactions with negatives.
    step
        Interactions per step.
    """

    sampler: Sampler
    rows: npt.NDArray[np.int32]
    step: int
    n_negatives: int
    device: torch.device
    rng: np.random.Generator

    @classmethod
    def of(
        cls, train: Interactions, batch_size: int, n_negatives: int, device: torch.device, rng: np.random.Generator
    ) -> Self:
        """Return the batches of ``train``, of at most ``batch_size`` pairs, or of one interaction."""
        sampler = Sampler.of(train, rng)
        rows = open_rows(sampler) if n_negatives else np.arange(len(train), dtype=np.int32)
        return cls(sampler, rows, max(1, batch_size // (1 + n_negatives)), n_negatives, device, rng)

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps, each as one part."""
        order = self.rng.permutation(self.rows)
        size = self.step * max(1, BLOCK // (self.step * (1 + self.n_negatives)))
        for start in range(0, order.size, size):
            drawn = candidates(self.sampler, order[start : start + size], self.n_negatives)
            users, items = (torch.from_numpy(array).to(self.device) for array in drawn)
            for pair in zip(users.split(self.step), items.split(self.step), strict=True):
                yield (Part(len(pair[0]), pair),)


@dataclass(frozen=True, eq=False)
class InteractionBatches:
    """Interactions without negatives: users and items, ``(n,)`` each.

    Parameters
    ----------
    step
        Interactions per step.
    part
        The most interactions of a step whose loss is computed at once.
    """

    train: Interactions
    step: int
    part: int
    device: torch.device
    rng: np.random.Generator

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps, each as parts of about one size."""
        order = self.rng.permutation(np.arange(len(self.train), dtype=np.int32))
        for start in range(0, order.size, self.step):
            rows = order[start : start + self.step]
            users, items = self._placed(self.train.users[rows]), self._placed(self.train.items[rows])
            yield tuple(
                Part(len(pair[0]), pair) for pair in zip(users.split(self.part), items.split(self.part), strict=True)
            )

    def _placed(self, indices: IndexArray) -> torch.Tensor:
        return torch.from_numpy(indices.astype(np.int64)).to(self.device)
