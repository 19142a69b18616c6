"""An epoch's batches of histories and the items that come next, in random order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from recommenders.kernels.negatives import candidates, open_rows
from recommenders.kernels.sampling import Sampler
from recommenders.modules.histories import all_targets, items_in, rows_between, spaced_targets, starts_of
from recommenders.modules.training import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy.typing as npt

    from protocol.types import Interactions
    from recommenders.modules.forms import Form


@dataclass(frozen=True, eq=False)
class WindowBatches:
    """Histories ``(n, length)``, with the next item at each position, or only at the last one.

    If the module takes any length, the histories of a step are put in order of their lengths, those of a part are
    padded to the longest of them only, and a part may hold the more of them the shorter they are.

    A part holds histories; the places of the next items, ``(k,)``, in the positions of all its histories one after the
    other; and for each the next item and fresh negatives of the user, ``(k, 1 + n_negatives)``. A user who touched
    every item has no negatives, so no examples where there are any.

    Parameters
    ----------
    targets
        Rows of ``train``: the last next item of each window.
    step
        Windows per step.
    part
        The most windows of a step whose loss is computed at once, if they are of the full length.
    sampler
        Draws the negatives; None for no negatives.
    """

    train: Interactions
    form: Form
    targets: npt.NDArray[np.integer[Any]]
    step: int
    part: int
    n_negatives: int
    sampler: Sampler | None
    device: torch.device
    rng: np.random.Generator

    @classmethod
    def of(
        cls,
        train: Interactions,
        form: Form,
        sizes: tuple[int, int],
        n_negatives: int,
        device: torch.device,
        rng: np.random.Generator,
    ) -> Self:
        """Return the batches of ``train``; ``sizes`` are ``step`` and ``part``."""
        targets = spaced_targets(train, form.length) if form.per_position else all_targets(train)
        if not n_negatives:
            return cls(train, form, targets, *sizes, 0, None, device, rng)
        sampler = Sampler.of(train, rng)
        is_open = np.zeros(len(train), dtype=np.bool_)
        is_open[open_rows(sampler)] = True
        return cls(train, form, targets[is_open[targets]], *sizes, n_negatives, sampler, device, rng)

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps, each as parts of about one size."""
        order = self.rng.permutation(self.targets)
        for start in range(0, order.size, self.step):
            windows = order[start : start + self.step].astype(np.int64)
            yield tuple(self._part(*part) for part in self._divided(windows))

    def _divided(self, targets: npt.NDArray[np.int64]) -> Iterator[tuple[npt.NDArray[np.int64], int]]:
        """Yield the windows of each part of a step, and the number of columns of its histories."""
        length = self.form.length
        if not self.form.any_length:
            for at in range(0, targets.size, self.part):
                yield targets[at : at + self.part], length
            return
        lengths = targets - starts_of(self.train, targets, length)
        order = np.argsort(-lengths, kind="stable")
        at = 0
        while at < order.size:
            longest = int(lengths[order[at]])
            part = order[at : at + max(1, self.part * length // longest)]
            yield targets[part], longest
            at += part.size

    def _part(self, targets: npt.NDArray[np.int64], length: int) -> Part:
        starts = starts_of(self.train, targets, self.form.length)
        rows = rows_between(starts, targets, length, in_front=self.form.in_front)
        histories = items_in(rows, self.train.items, self.form.n_items)
        # The next item of a row is in the row behind it.
        next_rows = rows[:, -1:] + 1 if self.form.in_front else np.where(rows < 0, -1, rows + 1)
        places = np.flatnonzero(next_rows >= 0)
        next_items = self._candidates(next_rows.ravel()[places])
        return Part(places.size, tuple(self._placed(array) for array in (histories, places, next_items)))

    def _candidates(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if self.sampler is None:
            return self.train.items[rows].astype(np.int64)[:, None]
        return candidates(self.sampler, rows.astype(np.int32), self.n_negatives)[1]

    def _placed(self, array: npt.NDArray[np.int64]) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)
