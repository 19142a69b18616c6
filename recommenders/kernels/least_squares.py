"""Alternating least squares, compiled: the exact solution for many rows of a sparse matrix of ones.

With the vectors ``h_i`` held fixed, the vector ``w`` of a row with the columns ``S`` solves

    A w = b,  A = sum over S of h_i h_i' + E + p I,  b = sum over S of h_i,

where ``E`` is the sum over all columns, the same for each row, and ``p > 0`` is the row's penalty. At the solution,
``|S| - b . w`` equals the sum over ``S`` of ``(w . h_i - 1)^2``, plus ``w' (E + p I) w``.

``A`` is symmetric and positive definite, so ``A = U' U`` with an upper triangular ``U`` (Cholesky; Golub and Van Loan,
Matrix Computations, 4.2), and ``U' y = b``, ``U w = y``. A pivot, the square of an element of U's diagonal, is never
below the smallest eigenvalue of ``A``, which is never below ``p``. Where rounding makes a pivot smaller, the element of
``w`` is set to zero.

The vectors of a row are copied to a panel that stays in the cache. Sums of products are kept in registers, four or
eight rows of sixteen at once, of the upper triangle only. So lengths are multiples of `WIDTH`; vectors are padded with
zeros, and then solutions have zeros there, too. Everything is float32 and in a fixed order, and rows do not depend on
each other, so the result is the same to the last bit with any number of threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.vectors import (
    HAS_LONG_REGISTERS,
    LANES,
    LONG,
    add,
    load,
    load_long,
    multiply,
    multiply_add,
    multiply_add_long,
    splat,
    splat_long,
    store,
    store_long,
    total,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommenders.kernels.arrays import Floats

WIDTH = LONG
"""The length of vectors is a multiple of this."""

PANEL = 64
"""Number of vectors processed at once: with 64 elements each, they fill half of a first-level cache."""


@inlined
def _add_products_by_long_rows(left: Floats, right: Floats, n: int, sums: Floats) -> None:
    """Add ``left' right``, of the first ``n`` rows of each, to the upper triangle of ``sums``.

    Some elements of the lower triangle change, too. Both matrices have at least ``n`` rows and are as wide as ``sums``,
    ``(size, size)``.
    """
    size = sums.shape[1]
    for i in range(0, size, 8):
        for j in range(i - i % WIDTH, size, WIDTH):
            a, b = load_long(sums, i, j), load_long(sums, i + 1, j)
            c, d = load_long(sums, i + 2, j), load_long(sums, i + 3, j)
            e, f = load_long(sums, i + 4, j), load_long(sums, i + 5, j)
            g, h = load_long(sums, i + 6, j), load_long(sums, i + 7, j)
            for k in range(n):
                x = load_long(right, k, j)
                a = multiply_add_long(splat_long(left[k, i]), x, a)
                b = multiply_add_long(splat_long(left[k, i + 1]), x, b)
                c = multiply_add_long(splat_long(left[k, i + 2]), x, c)
                d = multiply_add_long(splat_long(left[k, i + 3]), x, d)
                e = multiply_add_long(splat_long(left[k, i + 4]), x, e)
                f = multiply_add_long(splat_long(left[k, i + 5]), x, f)
                g = multiply_add_long(splat_long(left[k, i + 6]), x, g)
                h = multiply_add_long(splat_long(left[k, i + 7]), x, h)
            store_long(sums, i, j, a)
            store_long(sums, i + 1, j, b)
            store_long(sums, i + 2, j, c)
            store_long(sums, i + 3, j, d)
            store_long(sums, i + 4, j, e)
            store_long(sums, i + 5, j, f)
            store_long(sums, i + 6, j, g)
            store_long(sums, i + 7, j, h)


@inlined
def _add_products_by_pairs(left: Floats, right: Floats, n: int, sums: Floats) -> None:
    """Do the same with two registers for sixteen elements, and so with only four rows at once."""
    size = sums.shape[1]
    for i in range(0, size, 4):
        for j in range(i - i % WIDTH, size, WIDTH):
            a0, a1 = load(sums, i, j), load(sums, i, j + LANES)
            b0, b1 = load(sums, i + 1, j), load(sums, i + 1, j + LANES)
            c0, c1 = load(sums, i + 2, j), load(sums, i + 2, j + LANES)
            d0, d1 = load(sums, i + 3, j), load(sums, i + 3, j + LANES)
            for k in range(n):
                x0, x1 = load(right, k, j), load(right, k, j + LANES)
                a, b = splat(left[k, i]), splat(left[k, i + 1])
                a0, a1 = multiply_add(a, x0, a0), multiply_add(a, x1, a1)
                b0, b1 = multiply_add(b, x0, b0), multiply_add(b, x1, b1)
                c, d = splat(left[k, i + 2]), splat(left[k, i + 3])
                c0, c1 = multiply_add(c, x0, c0), multiply_add(c, x1, c1)
                d0, d1 = multiply_add(d, x0, d0), multiply_add(d, x1, d1)
            store(sums, i, j, a0)
            store(sums, i, j + LANES, a1)
            store(sums, i + 1, j, b0)
            store(sums, i + 1, j + LANES, b1)
            store(sums, i + 2, j, c0)
            store(sums, i + 2, j + LANES, c1)
            store(sums, i + 3, j, d0)
            store(sums, i + 3, j + LANES, d1)


_add_products = _add_products_by_long_rows if HAS_LONG_REGISTERS else _add_products_by_pairs
"""The faster of the two; both give the same bits."""


@inlined
def _gather(given: Floats, columns: npt.NDArray[np.int32], panel: Floats, sums: Floats) -> None:
    """Copy the vectors of some columns to the panel, and add them to ``sums``, ``(1, size)``."""
    for k in range(columns.size):
        column = columns[k]
        for j in range(0, given.shape[1], LANES):
            vector = load(given, column, j)
            store(panel, k, j, vector)
            store(sums, 0, j, add(load(sums, 0, j), vector))


@inlined
def _factorise(normal: Floats, penalty: np.float32, rest: Floats, known: Floats, negative: Floats) -> None:
    """Overwrite the upper triangle of A with U, but with 1 / U_kk on the diagonal, and write y to ``known``.

    `WIDTH` rows of U are computed at a time; then their products are subtracted from the rows below. Loops begin at the
    start of their rows' block. This overwrites elements left of the diagonal, and is faster than loops of changing
    lengths.

    Parameters
    ----------
    normal
        A, ``(size, size)``.
    penalty
        p.
    rest
        b, ``(1, size)``; overwritten.
    negative
        Memory for the left factors of the products, ``(WIDTH, size)``.
    """
    size = normal.shape[1]
    for start in range(0, size, WIDTH):
        end = start + WIDTH
        for k in range(start, end):
            pivot = normal[k, k]
            inverse = np.float32(1) / np.float32(math.sqrt(pivot)) if pivot >= penalty else np.float32(0)
            known[0, k] = rest[0, k] * inverse
            scale, share = splat(inverse), splat(-known[0, k])
            for j in range(start, size, LANES):
                row = multiply(scale, load(normal, k, j))
                store(normal, k, j, row)
                store(negative, k - start, j, multiply(splat(np.float32(-1)), row))
                store(rest, 0, j, multiply_add(share, row, load(rest, 0, j)))
            for i in range(k + 1, end):
                factor = splat(-normal[k, i])
                for j in range(start, size, LANES):
                    store(normal, i, j, multiply_add(factor, load(normal, k, j), load(normal, i, j)))
            normal[k, k] = inverse
        _add_products(negative[:, end:], normal[start:end, end:], WIDTH, normal[end:, end:])


@inlined
def _substitute(factor: Floats, known: Floats, solution: Floats) -> None:
    """Write w to ``solution``, from the last element to the first, given y; both are ``(1, size)``."""
    size = factor.shape[1]
    solution[:] = np.float32(0)
    for k in range(size - 1, -1, -1):
        terms = splat(np.float32(0))
        for j in range(k - k % WIDTH, size, LANES):
            terms = multiply_add(load(factor, k, j), load(solution, 0, j), terms)
        solution[0, k] = (known[0, k] - total(terms)) * factor[k, k]


@kernel("(float32[:, ::1], float32, float32[:, ::1])")
def add_gram(given: Floats, weight: float, gram: Floats) -> None:
    """Add ``weight`` times ``given' given`` to the upper triangle of ``gram``, ``(size, size)``."""
    scale = splat(np.float32(math.sqrt(weight)))
    panel = np.empty((PANEL, given.shape[1]), dtype=np.float32)
    for start in range(0, given.shape[0], PANEL):
        n = min(PANEL, given.shape[0] - start)
        for k in range(n):
            for j in range(0, given.shape[1], LANES):
                store(panel, k, j, multiply(scale, load(given, start + k, j)))
        _add_products(panel, panel, n, gram)


_ROWS, _COLUMNS = READ_ONLY.format("int64"), READ_ONLY.format("int32")


@kernel(
    f"({_ROWS}, {_COLUMNS}, float32[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1], float64[::1], "
    "int64, int64)"
)
def solve(
    offsets: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int32],
    given: Floats,
    everywhere: Floats,
    penalties: Floats,
    solved: Floats,
    explained: npt.NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Solve the rows ``start .. stop - 1``.

    Parameters
    ----------
    offsets, columns
        Row ``r`` has the columns ``columns[offsets[r] : offsets[r + 1]]``; ``(n_rows + 1,)`` and ``(n_ones,)``.
    given
        ``h``, ``(n_columns, size)``.
    everywhere
        ``E``, ``(size, size)``; only its upper triangle is read.
    penalties
        ``p``, ``(n_rows,)``.
    solved, explained
        Output: ``w``, ``(n_rows, size)``, and ``b . w``, ``(n_rows,)``.
    """
    size = given.shape[1]
    normal = np.empty((size, size), dtype=np.float32)
    panel = np.empty((PANEL, size), dtype=np.float32)
    negative = np.empty((WIDTH, size), dtype=np.float32)
    work = np.empty((4, size), dtype=np.float32)
    sums, rest, known, solution = work[:1], work[1:2], work[2:3], work[3:]
    for row in range(start, stop):
        normal[:] = everywhere
        sums[:] = np.float32(0)
        for k in range(size):
            normal[k, k] += penalties[row]
        for first in range(offsets[row], offsets[row + 1], PANEL):
            n = min(PANEL, offsets[row + 1] - first)
            _gather(given, columns[first : first + n], panel, sums)
            _add_products(panel, panel, n, normal)
        rest[:] = sums
        _factorise(normal, penalties[row], rest, known, negative)
        _substitute(normal, known, solution)
        dot = 0.0
        for j in range(size):
            solved[row, j] = solution[0, j]
            dot += sums[0, j] * solution[0, j]
        explained[row] = dot
