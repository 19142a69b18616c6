"""The candidates of a training step, compiled: some interactions, each beside fresh negatives of its user.

Negatives are drawn as `recommenders.kernels.sampling` draws them: exactly uniformly from the items that the user did
not train on, with repetition. Interactions come in an order that the caller chooses, block by block, so that the memory
of an epoch is that of a block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recommenders.kernels.compiled import READ_ONLY, kernel
from recommenders.kernels.sampling import _untouched

if TYPE_CHECKING:
    from protocol.types import IndexArray
    from recommenders.kernels.sampling import Sampler, Stream


def open_rows(sampler: Sampler) -> npt.NDArray[np.int32]:
    """Return which interactions have a user who did not touch every item, ascending: only they have negatives."""
    is_open = np.diff(sampler.offsets) < sampler.n_items
    rows = np.arange(sampler.users.size, dtype=np.int32)
    return rows if is_open.all() else rows[is_open[sampler.users]]


def candidates(
    sampler: Sampler, rows: npt.NDArray[np.int32], n_negatives: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return users, ``(n, 1)``, and their candidates, ``(n, 1 + n_negatives)``: the item touched, then fresh negatives.

    Parameters
    ----------
    rows
        Interactions of the sampler's training set, ``(n,)``, among `open_rows` if there are negatives.
    """
    users, items = np.empty((rows.size, 1), np.int64), np.empty((rows.size, 1 + n_negatives), np.int64)
    touched = sampler.users, sampler.items, sampler.n_items, sampler.offsets, sampler.passed, sampler.hints
    _fill(*touched, rows, sampler.stream, users, items)
    return users, items


_INDICES, _OFFSETS = READ_ONLY.format("int32"), READ_ONLY.format("int64")
_TOUCHED = f"{_INDICES}, {_INDICES}, int64, {_OFFSETS}, {_INDICES}, {_INDICES}"


@kernel(f"({_TOUCHED}, {_INDICES}, uint64[::1], int64[:, ::1], int64[:, ::1])")
def _fill(
    users: IndexArray,
    items: IndexArray,
    n_items: int,
    offsets: npt.NDArray[np.int64],
    passed: npt.NDArray[np.int32],
    hints: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
    stream: Stream,
    to_users: npt.NDArray[np.int64],
    to_items: npt.NDArray[np.int64],
) -> None:
    for place in range(rows.size):
        row = rows[place]
        user = users[row]
        start, end = offsets[user], offsets[user + 1]
        to_users[place, 0] = user
        to_items[place, 0] = items[row]
        for column in range(1, to_items.shape[1]):
            to_items[place, column] = _untouched(n_items, start, end, passed, hints, stream)
