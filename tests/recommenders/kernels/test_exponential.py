"""The exponential against NumPy's in float64, and its fixed bits."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.compiled import inlined
from recommenders.kernels.exponential import LEAST, exponential


@inlined
def _all(numbers, results):
    for k in range(numbers.size):
        results[k] = exponential(numbers[k])


def exponentials(numbers) -> np.ndarray:
    given = np.asarray(numbers, np.float32)
    results = np.empty_like(given)
    _all(given, results)
    return results


def test_it_is_within_one_unit_in_the_last_place() -> None:
    numbers = np.concatenate((-np.geomspace(1e-9, 87, 100_000), -np.linspace(0, 87, 100_000))).astype(np.float32)
    expected = np.exp(numbers.astype(np.float64))
    error = np.abs(exponentials(numbers) - expected)
    assert np.all(error <= np.spacing(expected.astype(np.float32)))


@pytest.mark.parametrize(
    ("number", "bits"),
    [(0.0, 0x3F800000), (-0.0, 0x3F800000), (-0.5, 0x3F1B4598), (-1.0, 0x3EBC5AB2), (-10.0, 0x383E6BCE)],
)
def test_the_bits_are_fixed(number: float, bits: int) -> None:
    assert exponentials([number]).view(np.uint32)[0] == bits


def test_far_below_zero_it_is_next_to_nothing_and_not_denormal() -> None:
    found = exponentials([-88, -1e30, -np.inf])
    np.testing.assert_array_equal(found, exponentials([LEAST] * 3))
    assert np.all((found > np.finfo(np.float32).tiny) & (found < 2e-38))


def test_nan_is_not_hidden() -> None:
    assert np.isnan(exponentials([np.nan])).all()
