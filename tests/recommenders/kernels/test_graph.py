"""Propagation against powers of the dense normalised adjacency matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommenders.kernels import graph as graph_module
from recommenders.kernels.graph import Graph

if TYPE_CHECKING:
    import pytest


def graph_of(interactions_of, matrix: np.ndarray, size: int) -> Graph:
    pairs = list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True))
    return Graph.of(interactions_of(pairs, *matrix.shape), size)


def normalised_adjacency(matrix: np.ndarray) -> np.ndarray:
    """D^(-1/2) A D^(-1/2) with A = [[0, X], [X', 0]]; rows without neighbours are zero."""
    n_users, n_items = matrix.shape
    adjacency = np.block([[np.zeros((n_users, n_users)), matrix], [matrix.T, np.zeros((n_items, n_items))]])
    scales = np.maximum(adjacency.sum(axis=1), 1) ** -0.5
    return scales[:, None] * adjacency * scales


@settings(max_examples=30)
@given(
    arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 6))),
    st.integers(0, 4),
    st.sampled_from([1, 3, 8, 17, 64, 77]),
)
def test_the_mean_of_powers_of_the_normalised_adjacency(interactions_of, matrix, n_layers: int, size: int) -> None:
    table = np.random.default_rng(0).standard_normal((sum(matrix.shape), size)).astype(np.float32)
    dense = normalised_adjacency(matrix.astype(float))
    powers = [np.linalg.matrix_power(dense, power) for power in range(n_layers + 1)]
    found = graph_of(interactions_of, matrix, size).averaged(table, n_layers)
    np.testing.assert_allclose(found, sum(powers) @ table / (n_layers + 1), atol=1e-5)


def test_any_number_of_threads_gives_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    from recommenders.kernels import threads

    graph = Graph.of(checkerboard, 5)
    table = np.random.default_rng(0).standard_normal((70, 5)).astype(np.float32)
    alone = graph.averaged(table, 3)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)
    np.testing.assert_array_equal(graph.averaged(table, 3), alone)
    assert graph_module.share_out is threads.share_out


def test_tiles_change_nothing_to_the_last_bit(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    """Tiles hold three neighbours, and then, as rows have few of them in so small ones, as many as are worth it."""
    table = np.random.default_rng(0).standard_normal((70, 5)).astype(np.float32)
    whole = Graph.of(checkerboard, 5)
    assert len(whole.tiles) == 2
    monkeypatch.setattr(graph_module, "TILE_BYTES", 3 * 5 * 4)
    wider = Graph.of(checkerboard, 5)
    monkeypatch.setattr(graph_module, "LEAST_NEIGHBORS", 0)
    narrow = Graph.of(checkerboard, 5)
    assert len(narrow.tiles) == 10 + 14 > len(wider.tiles) >= 2
    for graph in (wider, narrow):
        np.testing.assert_array_equal(graph.averaged(table, 3), whole.averaged(table, 3))
