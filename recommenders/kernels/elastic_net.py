"""Non-negative elastic nets by coordinate descent, compiled: one regression per item, on the other items.

The weights ``w >= 0`` of a target ``t`` minimise

    |x_t - X w|^2 / 2 + l1 |w|_1 + l2 / 2 |w|^2,  w_t = 0.

The Gram matrix ``G = X' X`` is given. The minimisation goes coordinate by coordinate (Friedman, Hastie and Tibshirani,
Journal of Statistical Software 2010, 2.2): with the slopes ``s = G_t - G w``,

    w_j <- max(0, s_j + G_jj w_j - l1) / (G_jj + l2),  s <- s - (change of w_j) G_j.

Counts and weights are never negative, so ``s_j + G_jj w_j <= G_jt``: where ``G_jt <= l1``, ``w_j`` is zero and is not
visited. A sweep visits all other weights. Between two sweeps, only the weights above zero are minimised until they
settle, on their own part of ``G``, because they are few (the active set of Friedman et al., 2.6).

``G`` is larger than a cache, so targets go through it in groups: a sweep takes some items at a time, first for all
targets of the group, and then the changes of all of them reach the other slopes, some columns of ``G`` at a time.
Targets do not depend on each other, and sums are added in a fixed order, so the result is the same to the last bit with
any number of threads and in groups of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.highest import keep_highest

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float64]
    Gram = npt.NDArray[np.float32]
    Indices = npt.NDArray[np.int64]
    Columns = npt.NDArray[np.int32]

GROUP = 64
"""Targets of a group; their slopes and weights are held as dense rows."""

ITEMS, COLUMNS = 128, 128
"""Items that a sweep takes at a time, and columns of their rows that stay in a first-level cache."""


@inlined
def _minimiser(slope: float, weight: float, square: float, l1: float, l2: float) -> float:
    return max(0.0, slope + square * weight - l1) / (square + l2)


@inlined
def _subtract(gram: Gram, rows: Indices, changes: Vector, begin: int, slopes: Vector) -> None:
    """Subtract the changes times rows of ``G`` from slopes, which are those from the column ``begin`` on."""
    end, whole = begin + slopes.size, rows.size - rows.size % 4
    for k in range(0, whole, 4):
        a, b, c, d = changes[k], changes[k + 1], changes[k + 2], changes[k + 3]
        of_a, of_b = gram[rows[k], begin:end], gram[rows[k + 1], begin:end]
        of_c, of_d = gram[rows[k + 2], begin:end], gram[rows[k + 3], begin:end]
        for i in range(slopes.size):
            slopes[i] -= (a * of_a[i] + b * of_b[i]) + (c * of_c[i] + d * of_d[i])
    for k in range(whole, rows.size):
        a, of_a = changes[k], gram[rows[k], begin:end]
        for i in range(slopes.size):
            slopes[i] -= a * of_a[i]


@inlined
def _pass_on(gram: Gram, rows: Indices, changes: Matrix, starts: Indices, stops: Indices, slopes: Matrix) -> None:
    """Let changes of all targets reach their slopes.

    Parameters
    ----------
    rows, changes
        ``(n_targets, most)``: for each target, the items whose weights have changed, and by how much.
    starts, stops
        ``(n_targets,)``: which of these are meant.
    """
    for begin in range(0, gram.shape[1], COLUMNS):
        end = min(begin + COLUMNS, gram.shape[1])
        for target in range(stops.size):
            start, stop = starts[target], stops[target]
            if start < stop:
                _subtract(gram, rows[target, start:stop], changes[target, start:stop], begin, slopes[target, begin:end])


@inlined
def _pass_on_by_blocks(gram: Gram, rows: Indices, changes: Matrix, n_changed: Indices, slopes: Matrix) -> None:
    """Let all changes reach the slopes, those of some items at a time; the rows are ascending."""
    starts, stops = np.zeros_like(n_changed), np.zeros_like(n_changed)
    for begin in range(0, gram.shape[0], ITEMS):
        for target in range(n_changed.size):
            starts[target] = stops[target]
            while stops[target] < n_changed[target] and rows[target, stops[target]] < begin + ITEMS:
                stops[target] += 1
        _pass_on(gram, rows, changes, starts, stops, slopes)


@inlined
def _sweep_block(
    gram: Gram, target: int, first: int, last: int, weights: Vector, slopes: Vector, l1: float, l2: float,
    rows: Indices, changes: Vector, room: Vector,
) -> tuple[int, float, float]:  # fmt: skip
    """Minimise over each visited weight of the items ``first .. last - 1`` once, and write which have changed.

    Return how many these are, the largest change and the highest weight. The slopes stay as they are.
    """
    n, most, highest = 0, 0.0, 0.0
    own = room[: last - first]
    own[:] = slopes[first:last]
    for j in range(first, last):
        if gram[target, j] <= l1 or j == target:
            continue
        after = _minimiser(own[j - first], weights[j], gram[j, j], l1, l2)
        change = after - weights[j]
        if change != 0.0:
            weights[j] = after
            rows[n], changes[n] = j, change
            n += 1
            of_j = gram[j, first:last]
            for i in range(own.size):
                own[i] -= change * of_j[i]
        most, highest = max(most, abs(change)), max(highest, after)
    return n, most, highest


@inlined
def _settle(
    gram: Gram, active: Indices, weights: Vector, slopes: Vector, l1: float, l2: float, tol: float, max_iter: int,
    changes: Vector, room: Gram,
) -> int:  # fmt: skip
    """Sweep over the weights above zero until they no longer change; return the number of sweeps.

    By how much they have changed is written to ``changes``. The slopes stay as they are.
    """
    n = active.size
    part, own_slopes, own_weights = room[: n * n].reshape((n, n)), slopes[active], weights[active]
    # Without a sign, an index needs no check for counting from the end.
    places = active.astype(np.uint32)
    for k in range(n):
        of_k, to_k = gram[active[k]], part[k]
        for i in range(n):
            to_k[i] = of_k[places[i]]
    n_sweeps, moving = 0, True
    while moving and n_sweeps < max_iter:
        most, highest = 0.0, 0.0
        for k in range(n):
            after = _minimiser(own_slopes[k], own_weights[k], part[k, k], l1, l2)
            change = after - own_weights[k]
            if change != 0.0:
                own_weights[k] = after
                of_k = part[k]
                for i in range(n):
                    own_slopes[i] -= change * of_k[i]
            most, highest = max(most, abs(change)), max(highest, after)
        n_sweeps, moving = n_sweeps + 1, most > tol * highest
    for k in range(n):
        changes[k] = own_weights[k] - weights[active[k]]
        weights[active[k]] = own_weights[k]
    return n_sweeps


@inlined
def _active(weights: Vector, found: Indices) -> int:
    """Write the items whose weights are above zero, and return how many these are."""
    n = 0
    for j in range(weights.size):
        if weights[j] > 0.0:
            found[n] = j
            n += 1
    return n


@inlined
def _descend_together(
    gram: Gram, first: int, l1: float, l2: float, tol: float, max_iter: int, weights: Matrix, slopes: Matrix,
    room: Gram,
) -> Gram:  # fmt: skip
    """Overwrite weights with those of the targets ``first, first + 1, ...``; return the room, which may have grown."""
    n_targets, n_items = weights.shape
    rows, changes = np.empty((n_targets, n_items), np.int64), np.empty((n_targets, n_items))
    nothing, n_changed = np.zeros(n_targets, np.int64), np.zeros(n_targets, np.int64)
    n_sweeps = np.zeros(n_targets, np.int64)
    moving, own = np.ones(n_targets, np.bool_), np.empty(ITEMS)
    most, highest = np.empty(n_targets), np.empty(n_targets)
    weights[:] = 0.0
    for k in range(n_targets):
        slopes[k] = gram[first + k]
    while moving.any():
        most[:], highest[:] = 0.0, 0.0
        for begin in range(0, n_items, ITEMS):
            end = min(begin + ITEMS, n_items)
            for k in range(n_targets):
                n_changed[k] = 0
                if moving[k]:
                    n_changed[k], change, weight = _sweep_block(
                        gram, first + k, begin, end, weights[k], slopes[k], l1, l2, rows[k], changes[k], own
                    )
                    most[k], highest[k] = max(most[k], change), max(highest[k], weight)
            _pass_on(gram, rows, changes, nothing, n_changed, slopes)
        for k in range(n_targets):
            n_changed[k], n_sweeps[k] = 0, n_sweeps[k] + 1
            moving[k] = moving[k] and most[k] > tol * highest[k] and n_sweeps[k] < max_iter
            if moving[k]:
                n_changed[k] = _active(weights[k], rows[k])
                if n_changed[k] ** 2 > room.size:
                    room = np.empty(2 * n_changed[k] ** 2, np.float32)
                n_sweeps[k] += _settle(
                    gram, rows[k, : n_changed[k]], weights[k], slopes[k], l1, l2, tol, max_iter - n_sweeps[k],
                    changes[k], room,
                )  # fmt: skip
                moving[k] = n_sweeps[k] < max_iter
        _pass_on_by_blocks(gram, rows, changes, n_changed, slopes)
    return room


@kernel(
    "(float32[:, ::1], float64, float64, float64, int64, int64, "
    f"{READ_ONLY.format('int64')}, int32[::1], float64[::1], int64[::1], int64, int64)"
)
def descend(
    gram: Gram,
    l1: float,
    l2: float,
    tol: float,
    max_iter: int,
    first: int,
    places: Indices,
    found: Columns,
    highest: Vector,
    n_found: Indices,
    start: int,
    stop: int,
) -> None:
    """Find the weights of the targets ``first + start .. first + stop - 1``, and write the highest of each.

    Parameters
    ----------
    gram
        ``(n_items, n_items)``, symmetric.
    tol
        A target is done when no weight changed in a whole sweep by more than this, relative to the highest weight.
    max_iter
        Limit of sweeps for a target, including those over the weights above zero only.
    places
        ``(n_rows + 1,)``: the row of the target ``first + r`` has room for ``places[r + 1] - places[r]`` weights.
    found, highest
        Output: items, ascending, and their weights, from the row's place on. Of equal weights, those of lower items
        are kept.
    n_found
        Output, ``(n_rows,)``: how many weights were above zero and are kept.
    """
    n_items, most = gram.shape[0], max(1, min(GROUP, stop - start))
    weights, slopes, room = np.empty((most, n_items)), np.empty((most, n_items)), np.empty(0, np.float32)
    values, columns, left = np.empty(n_items), np.empty(n_items, np.int32), np.empty(n_items)
    for begin in range(start, stop, GROUP):
        n_targets = min(GROUP, stop - begin)
        room = _descend_together(
            gram, first + begin, l1, l2, tol, max_iter, weights[:n_targets], slopes[:n_targets], room
        )
        for k in range(n_targets):
            n, row = 0, begin + k
            for j in range(n_items):
                if weights[k, j] > 0.0:
                    values[n], columns[n] = weights[k, j], j
                    n += 1
            limit = places[row + 1] - places[row]
            if n > limit:
                keep_highest(values, columns, left, n, limit)
                n = limit
            n_found[row] = n
            for j in range(n):
                found[places[row] + j], highest[places[row] + j] = columns[j], values[j]
