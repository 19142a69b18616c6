"""Vectors of users and items that a batch moves, while the others wait (see `recommenders.kernels.lazy_adam`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from recommenders.kernels.adam import adam_step
from recommenders.kernels.compiled import inlined
from recommenders.kernels.lazy_adam import catch_up, new_skips, skipped
from recommenders.kernels.prefetching import AHEAD, prefetch_row
from recommenders.kernels.touched import NO_SLOT

if TYPE_CHECKING:
    from recommenders.kernels.adam import Scales
    from recommenders.kernels.arrays import Examples, Floats
    from recommenders.kernels.lazy_adam import Skips
    from recommenders.kernels.touched import Rows

    Table: TypeAlias = tuple[Floats, Floats, Floats]
    """Vectors, ``(n, size)``, and Adam's means of their gradients and of the gradients' squares."""

    Steps: TypeAlias = npt.NDArray[np.int64]
    """The number of steps after which each vector is as it is stored, ``(n,)``."""

    Uses: TypeAlias = tuple[Steps, Rows, npt.NDArray[np.int32], npt.NDArray[np.int64], Examples, Skips]


def new_uses(n_vectors: int, batch_size: int) -> Uses:
    """Return what a training knows about vectors that wait; without any, ``n_vectors`` is 0.

    These are: after how many steps each vector is as it is stored; the slots of the users and items of a batch; which
    users, and which items, have these slots, and how many; the slots of the batch's examples; and the table of
    `recommenders.kernels.lazy_adam`.
    """
    n = batch_size if n_vectors else 0
    return (
        np.zeros(n_vectors, np.int64),
        np.full(n_vectors, NO_SLOT, np.int32),
        np.zeros((2, n), np.int32),
        np.zeros(2, np.int64),
        np.zeros((n, 3), np.int32),
        new_skips() if n_vectors else np.zeros((4, 0)),
    )


@inlined
def catch_up_touched(
    table: Table,
    other: Table,
    latest: Steps,
    rows: Rows,
    first: int,
    last: int,
    skips: Skips,
    n_steps: int,
    rate: float,
) -> None:
    """Take the steps that the vectors ``rows[first:last]`` of two tables skipped, up to ``n_steps``."""
    for slot in range(first, last):
        if slot + AHEAD < last:
            _ask(table, rows[slot + AHEAD])
            _ask(other, rows[slot + AHEAD])
        _catch_up(table, other, latest, rows[slot], skips, n_steps, rate)


@inlined
def catch_up_all(
    table: Table, other: Table, latest: Steps, first: int, last: int, skips: Skips, n_steps: int, rate: float
) -> None:
    """Take the steps that the vectors ``first .. last - 1`` of two tables skipped, up to ``n_steps``."""
    for row in range(first, last):
        _catch_up(table, other, latest, row, skips, n_steps, rate)
        latest[row] = n_steps


@inlined
def _catch_up(
    table: Table, other: Table, latest: Steps, row: int, skips: Skips, n_steps: int, learning_rate: float
) -> None:
    if latest[row] < n_steps:
        move = skipped(skips, latest[row], n_steps, learning_rate)
        catch_up(table[0][row], table[1][row], table[2][row], move)
        catch_up(other[0][row], other[1][row], other[2][row], move)


@inlined
def _ask(table: Table, row: int) -> None:
    prefetch_row(table[0], row)
    prefetch_row(table[1], row)
    prefetch_row(table[2], row)


@inlined
def step_touched(
    table: Table, gradients: Floats, others: Floats, rows: Rows, first: int, last: int, scales: Scales
) -> None:
    """Take a step of Adam for the vectors ``rows[first:last]`` on the sums of two gradients, and set these to zero.

    Parameters
    ----------
    gradients, others
        ``(n_slots, size)``: those of ``rows[slot]`` are in row ``slot``.
    """
    for slot in range(first, last):
        if slot + AHEAD < last:
            _ask(table, rows[slot + AHEAD])
        row = rows[slot]
        step_on_sum(table[0][row], gradients[slot], others[slot], table[1][row], table[2][row], scales, 0.0)


@inlined
def step_on_sum(
    parameters: Floats,
    gradients: Floats,
    others: Floats,
    means: Floats,
    squares: Floats,
    scales: Scales,
    weight_decay: float,
) -> None:
    """Take a step of Adam on the sum of two gradients, and set both to zero; all arrays are ``(n,)``."""
    for j in range(parameters.size):
        gradients[j] += others[j]
        others[j] = 0
    adam_step(parameters, gradients, means, squares, scales, weight_decay)
