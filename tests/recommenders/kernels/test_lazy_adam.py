"""Skipped steps of Adam, all at once, against Adam that takes them one by one, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recommenders.kernels.compiled import kernel
from recommenders.kernels.lazy_adam import HORIZON, catch_up, new_skips, skipped

RATE = 0.01


class Adam:
    """The textbook's, without weight decay."""

    def __init__(self, parameters: np.ndarray) -> None:
        self.parameters, self.n_steps = parameters.astype(np.float64), 0
        self.means, self.squares = np.zeros_like(self.parameters), np.zeros_like(self.parameters)

    def step(self, gradients: np.ndarray | float) -> None:
        self.n_steps += 1
        self.means = 0.9 * self.means + 0.1 * gradients
        self.squares = 0.999 * self.squares + 0.001 * np.square(gradients)
        roots = np.sqrt(self.squares / (1 - 0.999**self.n_steps))
        self.parameters -= RATE * self.means / (1 - 0.9**self.n_steps) / (roots + 1e-8)


@kernel("(float32[::1], float32[::1], float32[::1], float64[:, ::1], int64, int64, float64)")
def _caught_up(parameters, means, squares, skips, since, n_steps, rate) -> None:
    catch_up(parameters, means, squares, skipped(skips, since, n_steps, rate))


@pytest.fixture(scope="module")
def skips() -> np.ndarray:
    return new_skips()


@pytest.mark.parametrize("n_skipped", [1, 2, 10, 300])
@pytest.mark.parametrize("n_before", [1, 3, 40, 1500])
def test_all_at_once_is_one_by_one(skips, n_before: int, n_skipped: int) -> None:
    """Gradients from far below 1e-8 to far above it."""
    rng = np.random.default_rng(0)
    scales = np.float64(10) ** np.arange(-12, 3)
    expected = Adam(np.zeros(scales.size))
    for _ in range(n_before):
        expected.step(scales * rng.normal(size=scales.size))
    start = expected.parameters.copy()
    moved, means, squares = (
        array.astype(np.float32) for array in (np.zeros(scales.size), expected.means, expected.squares)
    )
    for _ in range(n_skipped):
        expected.step(0.0)
    _caught_up(moved, means, squares, skips, n_before, n_before + n_skipped, RATE)
    np.testing.assert_allclose(means, expected.means, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(squares, expected.squares, rtol=1e-5, atol=1e-30)
    # Where both sqrt(v) and 1e-8 count, the first steps are less exact.
    np.testing.assert_allclose(moved, expected.parameters - start, rtol=5e-2 if n_before < 1000 else 2e-5)
    far = np.abs(np.log10(np.sqrt(expected.squares)) + 8) > 3
    np.testing.assert_allclose(moved[far], (expected.parameters - start)[far], rtol=3e-3 if n_before < 1000 else 2e-5)


def test_nothing_is_left_after_very_many_steps(skips) -> None:
    """The sum of all moves after many steps: .9 / sqrt(.999) = .9005, and .9005 / (1 - .9005) = 9.05."""
    assert math.sqrt(0.999) == pytest.approx(skips[1, 1])
    parameters, means, squares = (np.array([value], np.float32) for value in (0, 2, 4))
    _caught_up(parameters, means, squares, skips, 3 * HORIZON, 5 * HORIZON, 1.0)
    assert parameters[0] == pytest.approx(-9.05, rel=1e-3)
    assert means[0] == 0
    assert squares[0] < 1e-25
