"""Steps of conjugate gradients, against NumPy's exact solutions and the textbook's method in float64."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.conjugate_gradients import approach
from recommenders.kernels.least_squares import WIDTH

N_COLUMNS = 60
LENGTHS = [0, 1, 3, 4, 5, 8, N_COLUMNS]


class Rows:
    """Rows of some lengths, with vectors of unit size, and what they are to be solved for."""

    def __init__(self, size: int) -> None:
        rng = np.random.default_rng(size)
        self.chosen = [np.sort(rng.choice(N_COLUMNS, length, replace=False)) for length in LENGTHS]
        self.given = (rng.standard_normal((N_COLUMNS, size)) / np.sqrt(size)).astype(np.float32)
        self.everywhere = (0.3 * self.given.T @ self.given).astype(np.float32)
        self.penalties = rng.uniform(0.5, 5, len(LENGTHS)).astype(np.float32)
        self.start = rng.standard_normal((len(LENGTHS), size)).astype(np.float32)

    def approached(self, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return vectors and what they explain, computed in two parts."""
        solved, explained = self.start.copy(), np.full(len(LENGTHS), np.nan)
        offsets, columns = np.concatenate(([0], np.cumsum(LENGTHS))), np.concatenate(self.chosen).astype(np.int32)
        rest = offsets, columns, self.given, self.everywhere, self.penalties, n_steps, solved, explained
        approach(*rest, 0, 2)
        np.testing.assert_array_equal(solved[2:], self.start[2:])
        approach(*rest, 2, len(LENGTHS))
        return solved, explained

    def systems(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return ``A`` and ``b`` of each row."""
        vectors = [self.given[columns].astype(np.float64) for columns in self.chosen]
        eye = np.eye(self.given.shape[1])
        matrices = [
            own.T @ own + self.everywhere + penalty * eye
            for own, penalty in zip(vectors, self.penalties.astype(np.float64), strict=True)
        ]
        return list(zip(matrices, [own.sum(axis=0) for own in vectors], strict=True))


@pytest.fixture(scope="module", params=[WIDTH, 3 * WIDTH])
def rows(request) -> Rows:
    return Rows(request.param)


def textbook(matrix: np.ndarray, wanted: np.ndarray, solution: np.ndarray, n_steps: int) -> np.ndarray:
    residual = wanted - matrix @ solution
    direction = residual
    for _ in range(n_steps):
        length = residual @ residual / (direction @ matrix @ direction)
        solution = solution + length * direction
        after = residual - length * matrix @ direction
        direction = after + after @ after / (residual @ residual) * direction
        residual = after
    return solution


@pytest.mark.parametrize("n_steps", [0, 1, 3])
def test_a_few_steps_are_those_of_the_textbook(rows: Rows, n_steps: int) -> None:
    solved, explained = rows.approached(n_steps)
    for row, (matrix, wanted) in enumerate(rows.systems()):
        expected = textbook(matrix, wanted, rows.start[row].astype(np.float64), n_steps)
        np.testing.assert_allclose(solved[row], expected, rtol=1e-4, atol=1e-5)
        assert explained[row] == pytest.approx(2 * wanted @ expected - expected @ matrix @ expected, rel=1e-4, abs=1e-4)


def test_many_steps_reach_the_solution_and_stay_there(rows: Rows) -> None:
    solved, explained = rows.approached(200)
    for row, (matrix, wanted) in enumerate(rows.systems()):
        solution = np.linalg.solve(matrix, wanted)
        np.testing.assert_allclose(solved[row], solution, rtol=1e-3, atol=1e-5)
        assert explained[row] == pytest.approx(wanted @ solution, rel=1e-4, abs=1e-4)


def test_padding_stays_zero() -> None:
    rows = Rows(WIDTH)
    for array in (rows.given, rows.start):
        array[:, 5:] = 0
    rows.everywhere = (rows.given.T @ rows.given).astype(np.float32)
    solved, _ = rows.approached(3)
    assert solved[1:, :5].all()
    assert not solved[:, 5:].any()
