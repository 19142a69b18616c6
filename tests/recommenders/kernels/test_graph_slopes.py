"""Gradients of BPR's loss and its penalty against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.graph_slopes import add_shrinkage, add_slopes


@pytest.mark.parametrize("size", [3, 19])
def test_slopes_are_finite_differences(size: int) -> None:
    rng = np.random.default_rng(0)
    examples = np.array([[0, 1, 2], [1, 0, 2], [0, 1, 0], [1, 2, 0]], dtype=np.int32)
    table = rng.standard_normal((5, size))

    def loss(values: np.ndarray) -> float:
        users, items = values[:2], values[2:]
        margins = np.sum(users[examples[:, 0]] * (items[examples[:, 1]] - items[examples[:, 2]]), axis=1)
        bpr = np.mean(np.log1p(np.exp(-margins)))
        squares = sum(np.sum(part[rows] ** 2) for part, rows in zip((users, items, items), examples.T, strict=True))
        return float(bpr + 0.3 / 2 * squares / 4)

    slopes = np.zeros((5, size), dtype=np.float32)
    single = table.astype(np.float32)
    total = add_slopes(examples, 2, single, slopes)
    add_shrinkage(examples, 2, 0.3, single, slopes)
    expected = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        above, below = table.copy(), table.copy()
        above[place] += 1e-5
        below[place] -= 1e-5
        expected[place] = (loss(above) - loss(below)) / 2e-5
    np.testing.assert_allclose(slopes, expected, atol=1e-5)
    squares = sum(np.sum(table[rows] ** 2) for rows in (examples[:, 0], 2 + examples[:, 1], 2 + examples[:, 2]))
    assert total / 4 == pytest.approx(loss(table) - 0.3 / 2 * squares / 4, rel=1e-5)
