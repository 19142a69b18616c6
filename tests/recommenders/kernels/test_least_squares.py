"""The exact solutions, against NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.least_squares import (
    PANEL,
    WIDTH,
    _add_products_by_long_rows,
    _add_products_by_pairs,
    add_gram,
    solve,
)

N_COLUMNS = 3 * PANEL


@pytest.mark.parametrize("size", [WIDTH, 2 * WIDTH, 5 * WIDTH])
def test_rows_of_any_length(size: int) -> None:
    """Of no column, one, one panel less one, a whole one, one more, and several."""
    rng = np.random.default_rng(size)
    lengths = [0, 1, PANEL - 1, PANEL, PANEL + 1, N_COLUMNS - 5]
    chosen = [np.sort(rng.choice(N_COLUMNS, length, replace=False)) for length in lengths]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    given = rng.standard_normal((N_COLUMNS, size)).astype(np.float32)
    penalties = rng.uniform(0.5, 5, len(lengths)).astype(np.float32)
    everywhere = np.zeros((size, size), dtype=np.float32)
    add_gram(given, 0.3, everywhere)
    solved = np.full((len(lengths), size), np.nan, dtype=np.float32)
    explained = np.full(len(lengths), np.nan)
    rest = offsets, np.concatenate(chosen).astype(np.int32), given, everywhere, penalties, solved, explained
    solve(*rest, 0, 2)
    assert np.isnan(solved[2:]).all()
    solve(*rest, 2, len(lengths))

    exact = given.astype(np.float64)
    for row, columns in enumerate(chosen):
        vectors = exact[columns]
        normal = vectors.T @ vectors + 0.3 * exact.T @ exact + penalties[row] * np.eye(size)
        solution = np.linalg.solve(normal, vectors.sum(axis=0))
        np.testing.assert_allclose(solved[row], solution, rtol=1e-4, atol=1e-5)
        assert explained[row] == pytest.approx(vectors.sum(axis=0) @ solution, rel=1e-5)


def test_registers_of_any_length_give_the_same_bits() -> None:
    """The processor decides which of the two is used."""
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, PANEL, 3 * WIDTH)).astype(np.float32)
    one, other = np.ones((2, 3 * WIDTH, 3 * WIDTH), dtype=np.float32)
    _add_products_by_long_rows(left, right, 9, one)
    _add_products_by_pairs(left, right, 9, other)
    np.testing.assert_array_equal(one, other)
    upper = np.triu_indices(3 * WIDTH)
    np.testing.assert_allclose(one[upper], (1 + left[:9].T @ right[:9])[upper], rtol=1e-4, atol=1e-4)


def test_padding_stays_zero() -> None:
    rng = np.random.default_rng(0)
    given = np.zeros((9, WIDTH), dtype=np.float32)
    given[:, :3] = rng.standard_normal((9, 3))
    everywhere, solved = np.zeros((WIDTH, WIDTH), dtype=np.float32), np.empty((1, WIDTH), dtype=np.float32)
    add_gram(given, 1.0, everywhere)
    solve(
        np.array([0, 9]),
        np.arange(9, dtype=np.int32),
        given,
        everywhere,
        np.ones(1, np.float32),
        solved,
        np.empty(1),
        0,
        1,
    )
    assert solved[0, :3].all()
    assert not solved[0, 3:].any()


def test_a_matrix_that_rounding_makes_indefinite_has_a_finite_solution() -> None:
    """Equal vectors a million long, and a penalty that is lost beside them."""
    given = np.full((40, WIDTH), 1e3, dtype=np.float32)
    solved = np.empty((1, WIDTH), dtype=np.float32)
    everywhere, penalties = np.zeros((WIDTH, WIDTH), dtype=np.float32), np.full(1, 1e-6, dtype=np.float32)
    solve(np.array([0, 40]), np.arange(40, dtype=np.int32), given, everywhere, penalties, solved, np.empty(1), 0, 1)
    assert np.isfinite(solved).all()
