"""The one array: it holds every part, no two overlap, and each starts at a cache line."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.arrays import LINE, zeros
from recommenders.kernels.layout import layer, n_parameters, parts


@pytest.mark.parametrize(
    ("gmf_size", "widths", "shapes"),
    [
        (2, (1,), [(7, 2), (9, 2), (1, 3), (7, 0), (9, 0)]),
        (0, (6, 4, 1), [(7, 0), (9, 0), (1, 0), (7, 3), (9, 3), (4, 6), (4,), (1, 4), (1,)]),
        (16, (6, 1), [(7, 16), (9, 16), (1, 17), (7, 3), (9, 3), (1, 6), (1,)]),
    ],
)
def test_parts_are_views_that_do_not_overlap(gmf_size: int, widths: tuple[int, ...], shapes) -> None:
    flat = zeros(n_parameters(7, 9, gmf_size, widths))
    *tables, layers = parts(flat, 7, 9, gmf_size, widths[0] // 2)
    weights = [array for index in range(len(widths) - 1) for array in layer(layers, widths, index)]
    assert [array.shape for array in (*tables, *weights)] == shapes
    for array in (*tables, *weights):
        array += 1
    n = sum(array.size for array in (*tables, *weights))
    assert flat.tolist().count(1) == n
    assert flat.tolist().count(0) == flat.size - n < 6 * LINE
    assert all(table.ctypes.data % 64 == 0 for table in (*tables, layers) if table.size)


def test_joined_parts_have_the_layout_of_one_network() -> None:
    assert n_parameters(7, 9, 5, (1,)) + n_parameters(7, 9, 0, (6, 4, 1)) == n_parameters(7, 9, 5, (6, 4, 1))


@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 7, 16)])
def test_zeros_begin_with_a_line_of_the_cache(shape: tuple[int, ...]) -> None:
    for _ in range(5):
        array = zeros(*shape)
        assert array.shape == shape
        assert array.dtype == np.float32
        assert array.ctypes.data % 64 == 0
        assert not array.any()
