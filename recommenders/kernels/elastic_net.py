"""Non-negative elastic nets by coordinate descent, compiled: one regression per item, on the other items.

The weights ``w >= 0`` of a target ``t`` minimise

    |x_t - X w|^2 / 2 + l1 |w|_1 + l2 / 2 |w|^2,  w_t = 0.

The Gram matrix ``G = X' X`` is given. The minimisation goes coordinate by coordinate (Friedman, Hastie and Tibshirani,
Journal of Statistical Software 2010, 2.2): with the slopes ``s = G_t - G w``,

    w_j <- max(0, s_j + G_jj w_j - l1) / (G_jj + l2),  s <- s - (change of w_j) G_j.

Counts and weights are never negative, so ``s_j + G_jj w_j <= G_jt``: where ``G_jt <= l1``, ``w_j`` is zero and is not
visited. A sweep visits all other weights. Between two sweeps, only the weights above zero are minimised until they
settle, on their own part of ``G``, because they are few (the active set of Friedman et al., 2.6). Targets do not depend
on each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined, kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]


@inlined
def _sweep(
    gram: Matrix, visited: Indices, weights: Vector, slopes: Vector, l1: float, l2: float
) -> tuple[float, float]:
    """Minimise over each visited weight once; return the largest change and the highest weight."""
    most, highest = 0.0, 0.0
    for j in visited:
        before = weights[j]
        after = max(0.0, slopes[j] + gram[j, j] * before - l1) / (gram[j, j] + l2)
        change = after - before
        if change != 0.0:
            weights[j] = after
            for i in range(slopes.size):
                slopes[i] -= change * gram[j, i]
        most, highest = max(most, abs(change)), max(highest, after)
    return most, highest


@inlined
def _settle(
    gram: Matrix, visited: Indices, weights: Vector, slopes: Vector, l1: float, l2: float, tol: float, max_iter: int
) -> int:
    """Sweep over the weights above zero until they no longer change; return the number of sweeps."""
    active = visited[weights[visited] > 0.0]
    n = active.size
    part, own_slopes, own_weights = np.empty((n, n)), slopes[active], weights[active]
    for k in range(n):
        for i in range(n):
            part[k, i] = gram[active[k], active[i]]
    everywhere, n_sweeps, moving = np.arange(n), 0, True
    while moving and n_sweeps < max_iter:
        most, highest = _sweep(part, everywhere, own_weights, own_slopes, l1, l2)
        n_sweeps, moving = n_sweeps + 1, most > tol * highest
    for k in range(n):
        change = own_weights[k] - weights[active[k]]
        weights[active[k]] = own_weights[k]
        for i in range(slopes.size):
            slopes[i] -= change * gram[active[k], i]
    return n_sweeps


@kernel("(float64[:, ::1], float64, float64, float64, int64, int64, float64[:, ::1], int64, int64)")
def descend(
    gram: Matrix, l1: float, l2: float, tol: float, max_iter: int, first: int, weights: Matrix, start: int, stop: int
) -> None:
    """Overwrite the rows ``start .. stop - 1`` of ``weights`` with the weights of the targets ``first + row``.

    Parameters
    ----------
    gram
        ``(n_items, n_items)``, symmetric.
    tol
        A target is done when no weight changed in a whole sweep by more than this, relative to the highest weight.
    max_iter
        Limit of sweeps for a target, including those over the weights above zero only.
    weights
        ``(n_rows, n_items)``: a row for each target.
    """
    items = np.arange(gram.shape[0])
    for row in range(start, stop):
        target = first + row
        own, slopes = weights[row], gram[target].copy()
        own[:] = 0.0
        visited = items[(slopes > l1) & (items != target)]
        n_sweeps, moving = 0, True
        while moving and n_sweeps < max_iter:
            most, highest = _sweep(gram, visited, own, slopes, l1, l2)
            n_sweeps, moving = n_sweeps + 1, most > tol * highest
            if moving:
                n_sweeps += _settle(gram, visited, own, slopes, l1, l2, tol, max_iter - n_sweeps)
