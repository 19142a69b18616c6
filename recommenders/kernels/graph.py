"""Sums over the neighbours in the graph of users and items, compiled: the convolution of LightGCN (He et al., 2020).

Users and items are the rows of one table. A step of propagation is the product with the normalised adjacency matrix,

    out_r = sum over the neighbours c of r of e_c / sqrt(n_r n_c),

with ``n_r`` neighbours of ``r``. The matrix is symmetric, so the gradients of the input are the same sums over the
gradients of the output. Rows do not depend on each other, so the result is the same to the last bit with any number of
threads.

Neighbours are taken in ascending order, in tiles of some consecutive ones, whose vectors stay in the processor's cache
while all rows add them. So an interaction takes about as long in a large graph as in a small one, and neither the order
of the terms nor the result depends on the size of the tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from recommenders.kernels.arrays import zeros
from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.threads import share_out
from recommenders.kernels.vectors import (
    LANES,
    LONG,
    add,
    add_long,
    load,
    load_long,
    multiply,
    multiply_long,
    splat,
    splat_long,
    store,
    store_long,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from scipy.sparse import csr_array

    from protocol.types import Interactions
    from recommenders.kernels.arrays import Floats

    Offsets = npt.NDArray[np.int64]
    Indices = npt.NDArray[np.int32]

TILE_BYTES = 2**19
"""The vectors of a tile's neighbours; half of a common second-level cache."""

LEAST_NEIGHBORS = 8
"""Of a row in a tile, on average; with fewer, rows would be visited for too little."""

WIDE = 4 * LONG
"""Number of float32 whose sums are in registers at once."""


@dataclass(frozen=True, eq=False)
class Tile:
    """Some consecutive neighbours of all users, or of all items.

    Parameters
    ----------
    first
        The table's row of the first user or item.
    offsets, neighbors
        The row ``first + r`` has the neighbours ``neighbors[offsets[r] : offsets[r + 1]]``, ascending rows of the
        table.
    """

    first: int
    offsets: Offsets
    neighbors: Indices

    @property
    def ends(self) -> Offsets:
        """The amount of work up to and including each row."""
        return self.offsets[1:] + np.arange(1, self.offsets.size)


@dataclass(frozen=True, eq=False)
class Graph:
    """The users' items and the items' users; users are the first rows.

    Parameters
    ----------
    tiles
        Those of a row are in the order of its neighbours.
    scales
        float32, ``(n_rows,)``: ``1 / sqrt(n_r)``.
    """

    tiles: tuple[Tile, ...]
    scales: Floats

    @classmethod
    def of(cls, train: Interactions, size: int) -> Self:
        """Return the graph of some interactions, for vectors of a size."""
        of_users = train.to_csr(np.float32)
        of_items = of_users.T.tocsr()
        counts = np.concatenate((np.diff(of_users.indptr), np.diff(of_items.indptr)))
        scales = 1 / np.sqrt(np.maximum(counts, 1))
        tiles = *_tiles(of_users, 0, train.n_users, size), *_tiles(of_items, train.n_users, 0, size)
        return cls(tiles, scales.astype(np.float32))

    def averaged(self, table: Floats, n_layers: int) -> Floats:
        """Return the mean of a table, ``(n_rows, size)``, and of the results of ``n_layers`` steps of propagation."""
        mean, given = zeros(*table.shape), table
        mean[:] = table
        for _ in range(n_layers):
            passed = zeros(*table.shape)
            for tile in self.tiles:
                work = partial(_pass_on, tile.offsets, tile.neighbors, self.scales, given, tile.first, passed)
                share_out(work, tile.ends)
            mean += passed
            given = passed
        mean /= np.float32(n_layers + 1)
        return mean


def _tiles(matrix: csr_array[Any, tuple[int, int]], first: int, first_neighbor: int, size: int) -> Iterator[Tile]:
    """Yield the tiles of a matrix, whose rows and columns are rows of the table from ``first`` ones on."""
    n_rows, n_columns = matrix.shape
    least = n_columns * n_rows * LEAST_NEIGHBORS // max(1, matrix.nnz)
    width = max(1, TILE_BYTES // (matrix.dtype.itemsize * size), least)
    for start in range(0, n_columns, width):
        part = matrix[:, start : start + width]
        neighbors = (part.indices + (first_neighbor + start)).astype(np.int32, copy=False)
        yield Tile(first, part.indptr.astype(np.int64), neighbors)


@inlined
def _add_wide(
    neighbors: Indices, begin: int, end: int, scales: Floats, given: Floats, passed: Floats, to: int, f: int
) -> None:
    """Add the sums over ``neighbors[begin:end]`` to the `WIDE` elements of a row of ``passed`` from ``f`` on."""
    a, b = load_long(passed, to, f), load_long(passed, to, f + LONG)
    c, d = load_long(passed, to, f + 2 * LONG), load_long(passed, to, f + 3 * LONG)
    for k in range(begin, end):
        other = neighbors[k]
        factor = splat_long(scales[to] * scales[other])
        a = add_long(a, multiply_long(factor, load_long(given, other, f)))
        b = add_long(b, multiply_long(factor, load_long(given, other, f + LONG)))
        c = add_long(c, multiply_long(factor, load_long(given, other, f + 2 * LONG)))
        d = add_long(d, multiply_long(factor, load_long(given, other, f + 3 * LONG)))
    store_long(passed, to, f, a)
    store_long(passed, to, f + LONG, b)
    store_long(passed, to, f + 2 * LONG, c)
    store_long(passed, to, f + 3 * LONG, d)


@kernel(
    f"({READ_ONLY.format('int64')}, {READ_ONLY.format('int32')}, {READ_ONLY.format('float32')}, "
    "float32[:, ::1], int64, float32[:, ::1], int64, int64)"
)
def _pass_on(
    offsets: Offsets,
    neighbors: Indices,
    scales: Floats,
    given: Floats,
    first: int,
    passed: Floats,
    start: int,
    stop: int,
) -> None:
    """Add the sums over a tile's neighbours to rows of ``passed``, from ``first + start`` to ``first + stop - 1``."""
    size = given.shape[1]
    wide, whole = size - size % WIDE, size - size % LANES
    for row in range(start, stop):
        begin, end, to = offsets[row], offsets[row + 1], first + row
        for f in range(0, wide, WIDE):
            _add_wide(neighbors, begin, end, scales, given, passed, to, f)
        for f in range(wide, whole, LANES):
            sums = load(passed, to, f)
            for k in range(begin, end):
                factor = splat(scales[to] * scales[neighbors[k]])
                sums = add(sums, multiply(factor, load(given, neighbors[k], f)))
            store(passed, to, f, sums)
        for k in range(begin, end if whole < size else begin):
            factor = scales[to] * scales[neighbors[k]]
            for f in range(whole, size):
                passed[to, f] += factor * given[neighbors[k], f]
