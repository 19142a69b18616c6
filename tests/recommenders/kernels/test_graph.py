"""Propagation against powers of the dense normalised adjacency matrix, gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommenders.kernels import graph as graph_module
from recommenders.kernels.graph import Graph, add_shrinkage, add_slopes


def graph_of(interactions_of, matrix: np.ndarray) -> Graph:
    pairs = list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True))
    return Graph.of(interactions_of(pairs, *matrix.shape))


def normalised_adjacency(matrix: np.ndarray) -> np.ndarray:
    """D^(-1/2) A D^(-1/2) with A = [[0, X], [X', 0]]; rows without neighbours are zero."""
    n_users, n_items = matrix.shape
    adjacency = np.block([[np.zeros((n_users, n_users)), matrix], [matrix.T, np.zeros((n_items, n_items))]])
    scales = np.maximum(adjacency.sum(axis=1), 1) ** -0.5
    return scales[:, None] * adjacency * scales


@settings(max_examples=30)
@given(
    arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 6))), st.integers(0, 4), st.sampled_from([1, 3, 8, 17])
)
def test_the_mean_of_powers_of_the_normalised_adjacency(interactions_of, matrix, n_layers: int, size: int) -> None:
    table = np.random.default_rng(0).standard_normal((sum(matrix.shape), size)).astype(np.float32)
    dense = normalised_adjacency(matrix.astype(float))
    powers = [np.linalg.matrix_power(dense, power) for power in range(n_layers + 1)]
    found = graph_of(interactions_of, matrix).averaged(table, n_layers)
    np.testing.assert_allclose(found, sum(powers) @ table / (n_layers + 1), atol=1e-5)


def test_any_number_of_threads_gives_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    from recommenders.kernels import threads

    graph = Graph.of(checkerboard)
    table = np.random.default_rng(0).standard_normal((70, 5)).astype(np.float32)
    alone = graph.averaged(table, 3)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)
    np.testing.assert_array_equal(graph.averaged(table, 3), alone)
    assert graph_module.share_out is threads.share_out


def test_slopes_are_finite_differences() -> None:
    rng = np.random.default_rng(0)
    examples = np.array([[0, 1, 2], [1, 0, 2], [0, 1, 0], [1, 2, 0]], dtype=np.int32)
    table = rng.standard_normal((5, 3))

    def loss(values: np.ndarray) -> float:
        users, items = values[:2], values[2:]
        margins = np.sum(users[examples[:, 0]] * (items[examples[:, 1]] - items[examples[:, 2]]), axis=1)
        bpr = np.mean(np.log1p(np.exp(-margins)))
        squares = sum(np.sum(part[rows] ** 2) for part, rows in zip((users, items, items), examples.T, strict=True))
        return float(bpr + 0.3 / 2 * squares / 4)

    slopes = np.zeros((5, 3), dtype=np.float32)
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
