"""Copies between the tables of vectors, with a vector in each row, and the tower's values, an example in each column.

Squares of eight by eight are transposed in registers; the remaining elements are copied one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from recommenders.kernels.compiled import inlined
from recommenders.kernels.vectors import LANES, add, load, store, transpose

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats
    from recommenders.kernels.vectors import Vector

Eight: TypeAlias = tuple[int, int, int, int, int, int, int, int]


@inlined
def _indices(examples: Examples, k: int, column: int) -> Eight:
    """Return the users or items of the examples ``k .. k + 7``."""
    return (
        examples[k, column],
        examples[k + 1, column],
        examples[k + 2, column],
        examples[k + 3, column],
        examples[k + 4, column],
        examples[k + 5, column],
        examples[k + 6, column],
        examples[k + 7, column],
    )


@inlined
def _from(row: int) -> Eight:
    """Return the indices of eight consecutive rows."""
    return row, row + 1, row + 2, row + 3, row + 4, row + 5, row + 6, row + 7


@inlined
def _turned(matrix: Floats, rows: Eight, column: int) -> tuple[Vector, ...]:
    """Return the columns ``column .. column + 7`` of eight rows, as vectors."""
    turned: tuple[Vector, ...] = transpose(
        (
            load(matrix, rows[0], column),
            load(matrix, rows[1], column),
            load(matrix, rows[2], column),
            load(matrix, rows[3], column),
            load(matrix, rows[4], column),
            load(matrix, rows[5], column),
            load(matrix, rows[6], column),
            load(matrix, rows[7], column),
        )
    )
    return turned


@inlined
def gather(table: Floats, examples: Examples, column: int, values: Floats) -> None:
    """Write the vectors of the examples' users or items to the columns of ``values``."""
    n, size = examples.shape[0], table.shape[1]
    n_whole, size_whole = n - n % LANES, size - size % LANES
    for k in range(0, n_whole, LANES):
        rows = _indices(examples, k, column)
        for j in range(0, size_whole, LANES):
            turned = _turned(table, rows, j)
            for lane in range(LANES):
                store(values, j + lane, k, turned[lane])
    for k in range(n):
        vector = table[examples[k, column]]
        for j in range(size_whole if k < n_whole else 0, size):
            values[j, k] = vector[j]


@inlined
def scatter(slopes: Floats, examples: Examples, column: int, gradients: Floats) -> None:
    """Add the columns of ``slopes`` to the gradients of the examples' users or items."""
    n, size = examples.shape[0], gradients.shape[1]
    n_whole, size_whole = n - n % LANES, size - size % LANES
    for k in range(0, n_whole, LANES):
        rows = _indices(examples, k, column)
        for j in range(0, size_whole, LANES):
            turned = _turned(slopes, _from(j), k)
            for lane in range(LANES):
                store(gradients, rows[lane], j, add(load(gradients, rows[lane], j), turned[lane]))
    for k in range(n):
        gradient = gradients[examples[k, column]]
        for j in range(size_whole if k < n_whole else 0, size):
            gradient[j] += slopes[j, k]
