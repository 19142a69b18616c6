"""Coordinate descent against plain projected gradients, the conditions of optimality and a case by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array, vstack

from recommenders.kernels.elastic_net import COLUMNS, GROUP, ITEMS, descend
from recommenders.kernels.highest import closed_up


def solved(
    ones: np.ndarray, l1: float, l2: float, tol: float = 1e-10, max_iter: int = 100_000, kind: type = np.uint16
) -> np.ndarray:
    """Return the weights to all targets, a row for each, computed in two parts."""
    middle = ones.shape[1] // 2
    found = highest_of(ones, l1, l2, tol, max_iter, [(0, middle), (middle, ones.shape[1])], ones.shape[1], kind)
    return found.toarray()


def highest_of(
    ones: np.ndarray, l1: float, l2: float, tol: float, max_iter: int, parts, most: int, kind: type = np.uint16
) -> csr_array:
    """Return the highest weights to each target, a row for each; a part may itself be found in two."""
    gram = (ones.T @ ones).astype(kind)
    blocks = []
    for first, stop in parts:
        n_rows = stop - first
        places, n_found = most * np.arange(n_rows + 1), np.full(n_rows, -1)
        items, weights = np.full(n_rows * most, -1, np.int32), np.full(n_rows * most, np.nan)
        for start, end in ((0, n_rows // 3), (n_rows // 3, n_rows)):
            descend(gram, l1, l2, tol, max_iter, first, places, items, weights, n_found, start, end)
        blocks.append(closed_up(places, n_found, items, weights, (n_rows, len(gram))))
    return csr_array(vstack(blocks))


def objective(ones: np.ndarray, target: int, weights: np.ndarray, l1: float, l2: float) -> float:
    left = ones[:, target] - ones @ weights
    return float(left @ left / 2 + l1 * weights.sum() + l2 / 2 * weights @ weights)


def projected_gradients(ones: np.ndarray, target: int, l1: float, l2: float) -> np.ndarray:
    """Return the minimiser over weights of zero or more, in steps no longer than the curvature allows."""
    gram = ones.T @ ones
    weights = np.zeros(len(gram))
    step = 1 / (np.linalg.eigvalsh(gram)[-1] + l2)
    for _ in range(3_000):
        weights = np.maximum(0, weights - step * (gram @ weights - gram[target] + l1 + l2 * weights))
        weights[target] = 0
    return weights


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 1.0), (1.5, 0.7), (4.0, 0.0)])
def test_weights_are_those_of_projected_gradients(l1: float, l2: float) -> None:
    ones = (np.random.default_rng(1).random((50, 9)) < np.linspace(0.1, 0.8, 9)).astype(float)
    found = solved(ones, l1, l2)
    expected = [projected_gradients(ones, target, l1, l2) for target in range(9)]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert 0 < np.count_nonzero(found) < found.size - 9


@given(
    arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 7))),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([0.05, 1.0, 20.0]),
)
def test_nothing_is_left_to_gain(matrix: np.ndarray, l1: float, l2: float) -> None:
    """Karush, Kuhn and Tucker: no slope where a weight is above zero, none upwards where it is zero."""
    ones = matrix.astype(float)
    for target, weights in enumerate(solved(ones, l1, l2)):
        assert weights[target] == 0
        assert (weights >= 0).all()
        slopes = np.delete(ones.T @ (ones[:, target] - ones @ weights) - l1 - l2 * weights, target)
        others = np.delete(weights, target)
        assert np.abs(slopes[others > 0]).max(initial=0) < 1e-7
        assert slopes.max(initial=0) < 1e-7


def test_one_other_item_by_hand() -> None:
    """Three users of item 0, two of them of item 1: w = (2 - l1) / (3 + l2) to item 1, (2 - l1) / (2 + l2) to 0."""
    ones = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(solved(ones, 0.5, 1.0), [[0, 1.5 / 3], [1.5 / 4, 0]])


def test_fewer_sweeps_leave_more_to_gain() -> None:
    ones = (np.random.default_rng(1).random((80, 12)) < 0.4).astype(float)
    values = [
        sum(objective(ones, target, row, 0.5, 0.5) for target, row in enumerate(solved(ones, 0.5, 0.5, max_iter=n)))
        for n in (1, 2, 4, 1000)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1] + 1e-6


def test_a_coarse_tolerance_stops_earlier() -> None:
    ones = (np.random.default_rng(1).random((80, 12)) < 0.4).astype(float)
    exact, coarse = solved(ones, 0.5, 0.5), solved(ones, 0.5, 0.5, tol=0.1)
    gap = np.abs(exact - coarse).max() / exact.max()
    assert 1e-9 < gap < 0.1


def test_more_items_than_fit_into_blocks_and_groups() -> None:
    """Karush, Kuhn and Tucker again, with targets in several groups, and rows in several blocks of columns."""
    n_items = COLUMNS + GROUP + ITEMS + 3
    ones = (np.random.default_rng(2).random((60, n_items)) < np.random.default_rng(3).random(n_items)).astype(float)
    gram = ones.T @ ones
    weights = solved(ones, 1.0, 5.0, tol=1e-9)
    slopes = gram - weights @ gram - 1.0 - 5.0 * weights
    np.fill_diagonal(slopes, -1)
    assert (np.diag(weights) == 0).all()
    assert np.abs(slopes[weights > 0]).max() < 1e-5
    assert slopes.max() < 1e-5


@pytest.mark.parametrize("tol", [1e-3, 1e-9])
def test_long_and_short_counts_give_the_same_weights(tol: float) -> None:
    ones = (np.random.default_rng(4).random((50, 40)) < 0.3).astype(float)
    long = solved(ones, 0.5, 2.0, tol=tol, kind=np.float32)
    np.testing.assert_array_equal(solved(ones, 0.5, 2.0, tol=tol), long)


def test_the_usual_tolerance_finds_nearly_what_the_exact_one_finds() -> None:
    """Errors of single precision do not add up over the items."""
    ones = (np.random.default_rng(5).random((3_000, 300)) < np.linspace(0.02, 0.6, 300)).astype(float)
    exact, usual = solved(ones, 0.1, 40.0), solved(ones, 0.1, 40.0, tol=2e-5)
    assert np.abs(exact - usual).max() < 1e-4 * exact.max()


def test_the_highest_weights_are_kept() -> None:
    ones = (np.random.default_rng(1).random((80, 30)) < 0.4).astype(float)
    whole = solved(ones, 0.5, 0.5)
    found = highest_of(ones, 0.5, 0.5, 1e-10, 100_000, [(0, 30)], 3)
    for row, kept in zip(whole, found.toarray(), strict=True):
        expected = np.zeros_like(row)
        order = np.argsort(-row, kind="stable")[:3]
        expected[order] = row[order]
        np.testing.assert_array_equal(kept, expected)
