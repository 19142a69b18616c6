"""Non-negative elastic nets by coordinate descent, compiled: one regression per item, on the other items.

The weights ``w >= 0`` of a target ``t`` minimise

    |x_t - X w|^2 / 2 + l1 |w|_1 + l2 / 2 |w|^2,  w_t = 0.

The Gram matrix ``G = X' X`` is given. The minimisation goes coordinate by coordinate (Friedman, Hastie and Tibshirani,
Journal of Statistical Software 2010, 2.2): with the slopes ``s = G_t - G w - l1``,

    w_j <- max(0, w_j + (s_j - l2 w_j) / (G_jj + l2)),  s <- s - (change of w_j) G_j.

Counts and weights are never negative, so ``s_j + G_jj w_j <= G_jt - l1``: where ``G_jt <= l1``, ``w_j`` is zero and is
not visited. In turns, weights that are zero and have a slope come in, and those above zero are minimised until they
settle, on their own part of ``G``, because they are few (the active set of Friedman et al., 2.6). A weight goes half of
its way (see `recommenders.kernels.settling`).

``G`` is larger than a cache, so targets go through it in groups: some items come in at a time, first for all targets of
the group, and then the changes of all of them reach the other slopes, some columns of ``G`` at a time. Targets do not
depend on each other, and sums are added in a fixed order, so the result is the same to the last bit with any number of
threads and in groups of any size.

Most arithmetic is in single precision. The slopes of weights above zero are computed anew in double precision before
they settle; those of the others only if ``tol`` is below twice `ROUNDING`, which takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.highest import keep_highest
from recommenders.kernels.settling import RELAXED, ROUNDING, settle

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float64]
    Gram = npt.NDArray[np.uint16] | npt.NDArray[np.float32]
    Slopes = npt.NDArray[np.float32]
    Indices = npt.NDArray[np.int64]
    Columns = npt.NDArray[np.int32]
    Flags = npt.NDArray[np.bool_]

LOOSE = 0.05
"""Weights settle until they change by less than this share of the highest that has come in: others are to follow."""

GROUP = 64
"""Targets of a group; their slopes and weights are held as dense rows."""

ITEMS, COLUMNS = 256, 256
"""Items that come in at a time, and columns of their rows that stay in a first-level cache."""


@inlined
def _subtract(gram: Gram, rows: Indices, changes: Vector, begin: int, slopes: Slopes) -> None:
    """Subtract the changes times rows of ``G`` from slopes, which are those from the column ``begin`` on."""
    end, whole = begin + slopes.size, rows.size - rows.size % 4
    for k in range(0, whole, 4):
        a, b = np.float32(changes[k]), np.float32(changes[k + 1])
        c, d = np.float32(changes[k + 2]), np.float32(changes[k + 3])
        of_a, of_b = gram[rows[k], begin:end], gram[rows[k + 1], begin:end]
        of_c, of_d = gram[rows[k + 2], begin:end], gram[rows[k + 3], begin:end]
        for i in range(slopes.size):
            one = a * np.float32(of_a[i]) + b * np.float32(of_b[i])
            other = c * np.float32(of_c[i]) + d * np.float32(of_d[i])
            slopes[i] -= one + other
    for k in range(whole, rows.size):
        a, of_a = np.float32(changes[k]), gram[rows[k], begin:end]
        for i in range(slopes.size):
            slopes[i] -= a * np.float32(of_a[i])


@inlined
def _pass_on(gram: Gram, rows: Indices, changes: Matrix, starts: Indices, stops: Indices, slopes: Slopes) -> None:
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
def _pass_on_by_blocks(gram: Gram, rows: Indices, changes: Matrix, n_changed: Indices, slopes: Slopes) -> None:
    """Let all changes reach the slopes, those of some items at a time; the rows are ascending."""
    starts, stops = np.zeros_like(n_changed), np.zeros_like(n_changed)
    for begin in range(0, gram.shape[0], ITEMS):
        for target in range(n_changed.size):
            starts[target] = stops[target]
            while stops[target] < n_changed[target] and rows[target, stops[target]] < begin + ITEMS:
                stops[target] += 1
        _pass_on(gram, rows, changes, starts, stops, slopes)


@inlined
def _enter_block(
    gram: Gram, target: int, first: int, last: int, weights: Vector, slopes: Slopes, l1: float, l2: float,
    rows: Indices, changes: Vector, own: Slopes,
) -> tuple[int, float]:  # fmt: skip
    """Raise the weights of the items ``first .. last - 1`` that are zero and have a slope, and write which these are.

    Return their number, and the highest. The slopes stay as they are.
    """
    n, highest = 0, 0.0
    own[: last - first] = slopes[first:last]
    for j in range(first, last):
        slope = own[j - first]
        if slope <= 0.0 or weights[j] > 0.0 or gram[target, j] <= l1 or j == target:
            continue
        weight = RELAXED * slope / (gram[j, j] + l2)
        weights[j], rows[n], changes[n] = weight, j, weight
        highest, n = max(highest, weight), n + 1
        change, of_j = np.float32(weight), gram[j, first:last]
        for i in range(last - first):
            own[i] -= change * np.float32(of_j[i])
    return n, highest


@inlined
def _refresh_all(gram: Gram, target: int, active: Indices, weights: Vector, l1: float, slopes: Slopes) -> None:
    """Compute the slopes anew, as exactly as double precision allows."""
    exact = gram[target] - l1
    for j in active:
        weight, of_j = weights[j], gram[j]
        for i in range(exact.size):
            exact[i] -= weight * of_j[i]
    slopes[:] = exact


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
def _enter(
    gram: Gram, first: int, moving: Flags, weights: Matrix, slopes: Slopes, l1: float, l2: float, rows: Indices,
    changes: Matrix, entered: Vector,
) -> None:  # fmt: skip
    """Let weights that are zero come in, and their changes reach the slopes; write the highest of each target."""
    nothing, n_changed = np.zeros(moving.size, np.int64), np.zeros(moving.size, np.int64)
    own = np.empty(ITEMS, np.float32)
    entered[:] = 0.0
    for begin in range(0, gram.shape[0], ITEMS):
        end = min(begin + ITEMS, gram.shape[0])
        for k in range(moving.size):
            if moving[k]:
                n_changed[k], highest = _enter_block(
                    gram, first + k, begin, end, weights[k], slopes[k], l1, l2, rows[k], changes[k], own
                )
                entered[k] = max(entered[k], highest)
        _pass_on(gram, rows, changes, nothing, n_changed, slopes)


@inlined
def _settle_together(
    gram: Gram, first: int, rows: Indices, n_active: Indices, weights: Matrix, l1: float, l2: float, tol: float,
    entered: Vector, max_iter: int, n_sweeps: Indices, changes: Matrix, highest: Vector, room: Gram,
) -> Gram:  # fmt: skip
    """Let the weights above zero of all targets settle; return the room, which may have grown."""
    most = n_active.max()
    if most * most > room.size:
        room = np.empty(most * most, gram.dtype)
    for k in range(n_active.size):
        n = n_active[k]
        if n:
            n_settling, highest[k] = settle(
                gram, first + k, rows[k, :n], weights[k], l1, l2, tol, LOOSE * entered[k], max_iter - n_sweeps[k],
                changes[k], room,
            )  # fmt: skip
            n_sweeps[k] += n_settling
    return room


@inlined
def _descend_together(
    gram: Gram, first: int, l1: float, l2: float, tol: float, max_iter: int, weights: Matrix, slopes: Slopes,
    room: Gram,
) -> Gram:  # fmt: skip
    """Overwrite weights with those of the targets ``first, first + 1, ...``; return the room, which may have grown."""
    n_targets, n_items = weights.shape
    rows, changes = np.empty((n_targets, n_items), np.int64), np.empty((n_targets, n_items))
    n_active, n_sweeps = np.zeros(n_targets, np.int64), np.zeros(n_targets, np.int64)
    entered, highest = np.empty(n_targets), np.zeros(n_targets)
    moving, is_settled = np.ones(n_targets, np.bool_), np.zeros(n_targets, np.bool_)
    weights[:] = 0.0
    for k in range(n_targets):
        slopes[k] = gram[first + k] - l1
    while moving.any():
        _enter(gram, first, moving, weights, slopes, l1, l2, rows, changes, entered)
        for k in range(n_targets):
            is_done = is_settled[k] and entered[k] <= tol * highest[k]
            n_sweeps[k] += 1
            is_going_on = moving[k] and not is_done and n_sweeps[k] < max_iter
            n_active[k] = _active(weights[k], rows[k]) if is_going_on else 0
            moving[k] = n_active[k] > 0
        room = _settle_together(
            gram, first, rows, n_active, weights, l1, l2, tol, entered, max_iter, n_sweeps, changes, highest, room
        )
        for k in range(n_targets):
            is_settled[k] = LOOSE * entered[k] <= tol * highest[k]
            moving[k] = moving[k] and n_sweeps[k] < max_iter
        if tol >= ROUNDING:
            _pass_on_by_blocks(gram, rows, changes, n_active, slopes)
        else:
            for k in range(n_targets):
                if n_active[k]:
                    _refresh_all(gram, first + k, rows[k, : n_active[k]], weights[k], l1, slopes[k])
    return room


@inlined
def _descend(
    gram: Gram, l1: float, l2: float, tol: float, max_iter: int, first: int, places: Indices, found: Columns,
    highest: Vector, n_found: Indices, start: int, stop: int,
) -> None:  # fmt: skip
    # With half steps, a small change means a larger distance from the minimum.
    tol *= RELAXED
    n_items, most = gram.shape[0], max(1, min(GROUP, stop - start))
    weights, slopes, room = np.empty((most, n_items)), np.empty((most, n_items), np.float32), np.empty(0, gram.dtype)
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


_OTHERS = (
    f"float64, float64, float64, int64, int64, {READ_ONLY.format('int64')}, int32[::1], float64[::1], int64[::1], "
    "int64, int64"
)


@kernel(f"(uint16[:, ::1], {_OTHERS})")
def _descend_short(
    gram: Gram, l1: float, l2: float, tol: float, max_iter: int, first: int, places: Indices, found: Columns,
    highest: Vector, n_found: Indices, start: int, stop: int,
) -> None:  # fmt: skip
    _descend(gram, l1, l2, tol, max_iter, first, places, found, highest, n_found, start, stop)


@kernel(f"(float32[:, ::1], {_OTHERS})")
def _descend_long(
    gram: Gram, l1: float, l2: float, tol: float, max_iter: int, first: int, places: Indices, found: Columns,
    highest: Vector, n_found: Indices, start: int, stop: int,
) -> None:  # fmt: skip
    _descend(gram, l1, l2, tol, max_iter, first, places, found, highest, n_found, start, stop)


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
        ``(n_items, n_items)``, symmetric; of short integers, if no count is too high for them, it takes half the time.
    tol
        A target is done when no weight would move farther than this, relative to the highest weight.
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
    compiled = _descend_short if gram.dtype == np.uint16 else _descend_long
    compiled(gram, l1, l2, tol, max_iter, first, places, found, highest, n_found, start, stop)
