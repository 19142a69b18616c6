"""Alternating least squares, compiled: steps towards the solution of many rows, from the vectors that they have.

With the names of `recommenders.kernels.least_squares`, the vector ``w`` of a row solves ``A w = b``. The method of
conjugate gradients (Hestenes and Stiefel, 1952; for implicit feedback: Takács, Pilászy and Tikk, RecSys 2011) needs
``A`` only in products,

    A p = sum over S of (h_i . p) h_i + E p + penalty * p,

so no row makes a matrix, and a step takes a time proportional to the length of vectors for each entry. Each step lowers
the row's part of the objective by ``alpha |r|^2``, with the step's length ``alpha`` and the residual ``r = b - A w``.

Everything is float32 and in a fixed order, and rows do not depend on each other, so the result is the same to the last
bit with any number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.vectors import LANES, load, multiply_add, splat, store, total, totals

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommenders.kernels.arrays import Floats

LEAST = 1e-20
"""A residual whose squared length is at most this is none: float32 cannot say how to lower it."""


@inlined
def _dot(one: Floats, other: Floats) -> np.float32:
    """Return the inner product of two vectors, each ``(1, size)``."""
    terms = splat(np.float32(0))
    for j in range(0, one.shape[1], LANES):
        terms = multiply_add(load(one, 0, j), load(other, 0, j), terms)
    found: np.float32 = total(terms)
    return found


@inlined
def _add_scaled(factor: np.float32, vector: Floats, sums: Floats) -> None:
    """Add ``factor`` times a vector to ``sums``; both are ``(1, size)``."""
    scale = splat(factor)
    for j in range(0, sums.shape[1], LANES):
        store(sums, 0, j, multiply_add(scale, load(vector, 0, j), load(sums, 0, j)))


@inlined
def _add_own(
    given: Floats, columns: npt.NDArray[np.int32], vector: Floats, constant: np.float32, sign: np.float32, sums: Floats
) -> float:
    """Add ``(constant + sign * (h_i . v)) h_i`` for some columns to ``sums``; return the sum of ``h_i . v``.

    Four columns are taken at once, so that the vector and the sums are loaded less often.
    """
    size, found = given.shape[1], 0.0
    n_whole = columns.size - columns.size % 4
    for k in range(0, n_whole, 4):
        a, b, c, d = columns[k], columns[k + 1], columns[k + 2], columns[k + 3]
        of_a, of_b, of_c, of_d = splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0))
        for j in range(0, size, LANES):
            part = load(vector, 0, j)
            of_a = multiply_add(load(given, a, j), part, of_a)
            of_b = multiply_add(load(given, b, j), part, of_b)
            of_c = multiply_add(load(given, c, j), part, of_c)
            of_d = multiply_add(load(given, d, j), part, of_d)
        dot_a, dot_b, dot_c, dot_d = total(of_a), total(of_b), total(of_c), total(of_d)
        found += float(dot_a) + float(dot_b) + float(dot_c) + float(dot_d)
        by_a, by_b = splat(constant + sign * dot_a), splat(constant + sign * dot_b)
        by_c, by_d = splat(constant + sign * dot_c), splat(constant + sign * dot_d)
        for j in range(0, size, LANES):
            part = multiply_add(by_a, load(given, a, j), load(sums, 0, j))
            part = multiply_add(by_b, load(given, b, j), part)
            part = multiply_add(by_c, load(given, c, j), part)
            store(sums, 0, j, multiply_add(by_d, load(given, d, j), part))
    for k in range(n_whole, columns.size):
        own = given[columns[k] : columns[k] + 1]
        dot = _dot(own, vector)
        found += float(dot)
        _add_scaled(constant + sign * dot, own, sums)
    return found


@inlined
def _add_everywhere(everywhere: Floats, penalty: np.float32, vector: Floats, sign: np.float32, sums: Floats) -> None:
    """Add ``sign * (E v + penalty * v)`` to ``sums``; eight rows of ``E`` are taken at once."""
    size, signs = sums.shape[1], splat(sign)
    for k in range(0, size, LANES):
        a, b, c, d = splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0))
        e, f, g, h = splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0)), splat(np.float32(0))
        for j in range(0, size, LANES):
            part = load(vector, 0, j)
            a = multiply_add(load(everywhere, k, j), part, a)
            b = multiply_add(load(everywhere, k + 1, j), part, b)
            c = multiply_add(load(everywhere, k + 2, j), part, c)
            d = multiply_add(load(everywhere, k + 3, j), part, d)
            e = multiply_add(load(everywhere, k + 4, j), part, e)
            f = multiply_add(load(everywhere, k + 5, j), part, f)
            g = multiply_add(load(everywhere, k + 6, j), part, g)
            h = multiply_add(load(everywhere, k + 7, j), part, h)
        product = multiply_add(splat(penalty), load(vector, 0, k), totals((a, b, c, d, e, f, g, h)))
        store(sums, 0, k, multiply_add(signs, product, load(sums, 0, k)))


_ROWS, _COLUMNS = READ_ONLY.format("int64"), READ_ONLY.format("int32")


@kernel(
    f"({_ROWS}, {_COLUMNS}, float32[:, ::1], float32[:, ::1], float32[::1], int64, float32[:, ::1], float64[::1], "
    "int64, int64)"
)
def approach(
    offsets: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int32],
    given: Floats,
    everywhere: Floats,
    penalties: Floats,
    n_steps: int,
    solved: Floats,
    explained: npt.NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Bring the rows ``start .. stop - 1`` nearer to their solutions.

    Parameters
    ----------
    offsets, columns
        Row ``r`` has the columns ``columns[offsets[r] : offsets[r + 1]]``; ``(n_rows + 1,)`` and ``(n_ones,)``.
    given
        ``h``, ``(n_columns, size)``.
    everywhere
        ``E``, ``(size, size)``, symmetric.
    penalties
        ``(n_rows,)``.
    n_steps
        The most steps of a row.
    solved
        ``w``, ``(n_rows, size)``: from where the steps go, and where they end.
    explained
        Output, ``(n_rows,)``: ``2 b . w - w' A w``, by which the row's part of the objective is below ``|S|``.
    """
    size, one = given.shape[1], np.float32(1)
    work = np.empty((3, size), dtype=np.float32)
    residual, direction, product = work[:1], work[1:2], work[2:]
    for row in range(start, stop):
        own, vector, penalty = columns[offsets[row] : offsets[row + 1]], solved[row : row + 1], penalties[row]
        residual[:] = np.float32(0)
        gain = _add_own(given, own, vector, one, -one, residual)
        _add_everywhere(everywhere, penalty, vector, -one, residual)
        gain += float(_dot(residual, vector))
        direction[:] = residual
        left = _dot(residual, residual)
        for _ in range(n_steps):
            if left <= LEAST:
                break
            product[:] = np.float32(0)
            _add_own(given, own, direction, np.float32(0), one, product)
            _add_everywhere(everywhere, penalty, direction, one, product)
            length = left / _dot(direction, product)
            gain += float(length) * float(left)
            _add_scaled(length, direction, vector)
            _add_scaled(-length, product, residual)
            before, left = left, _dot(residual, residual)
            turn = splat(left / before)
            for j in range(0, size, LANES):
                store(direction, 0, j, multiply_add(turn, load(direction, 0, j), load(residual, 0, j)))
        explained[row] = gain
