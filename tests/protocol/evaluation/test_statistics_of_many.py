"""Holm's correction of many tests (P24): by hand, step by step, and the level that each test is at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.evaluation.statistics import comparison_of_differences, holm, holm_levels

pytestmark = pytest.mark.usefixtures("few_users")


def test_holm_by_hand() -> None:
    """.01 * 3 = .03; .03 * 2 = .06; .04 * 1 = .04, but not below .06. Of one test nothing is corrected."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.02, 0.6, 0.6]) == pytest.approx([0.06, 1, 1])
    assert holm([0.02]).tolist() == [0.02]
    assert holm([]).tolist() == []


def test_holm_leaves_out_what_was_not_tested() -> None:
    assert holm([np.nan, 0.01, np.nan, 0.04]) == pytest.approx([np.nan, 0.02, np.nan, 0.04], nan_ok=True)


def rejected_step_by_step(p_values: list[float], alpha: float) -> set[int]:
    """Reject from the smallest p-value on, at alpha / m, alpha / (m - 1), ..., until one is not rejected."""
    rejected: set[int] = set()
    for index in sorted(range(len(p_values)), key=p_values.__getitem__):
        if p_values[index] * (len(p_values) - len(rejected)) > alpha:
            break
        rejected.add(index)
    return rejected


@given(st.lists(st.integers(0, 1_024), max_size=12), st.integers(1, 1_023))
def test_holm_rejects_what_the_steps_reject(numerators: list[int], alpha: int) -> None:
    """In parts of 1,024, so that every product is exact."""
    p_values = [numerator / 1_024 for numerator in numerators]
    rejected = np.flatnonzero(holm(p_values) <= alpha / 1_024)
    assert set(rejected.tolist()) == rejected_step_by_step(p_values, alpha / 1_024)


@given(st.lists(st.floats(0, 1), max_size=12), st.randoms())
def test_holm_goes_with_its_tests_in_any_order(p_values: list[float], random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    adjusted = holm(p_values)
    assert holm([p_values[place] for place in order]).tolist() == [adjusted[place] for place in order]
    assert np.all((adjusted >= p_values) & (adjusted <= 1))


def test_levels_by_hand() -> None:
    """.01 is below .05 / 3; .03 is above .05 / 2, so that .04 is tested at .05 / 2, too."""
    assert holm_levels([0.01, 0.04, 0.03], 0.05) == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2])
    assert holm_levels([0.01, 0.001], 0.05) == pytest.approx([0.05, 0.05 / 2])
    assert holm_levels([np.nan, 0.5], 0.05) == pytest.approx([np.nan, 0.05], nan_ok=True)
    assert holm_levels([], 0.05).tolist() == []


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.001, 0.5))
def test_what_is_at_most_its_level_is_what_the_adjusted_value_rejects(p_values: list[float], alpha: float) -> None:
    close = np.isclose(holm(p_values), alpha, rtol=1e-9)
    rejected = np.array(p_values) <= holm_levels(p_values, alpha)
    assert np.array_equal(rejected[~close], (holm(p_values) <= alpha)[~close])


@given(st.integers(0, 10**6), st.sampled_from([1, 3, 5]), st.floats(1e-6, 0.5), st.floats(-1, 1))
def test_an_interval_is_without_zero_exactly_where_its_level_rejects(
    seed: int, n_seeds: int, level: float, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    differences = rng.normal(size=30) + 0.3 * rng.normal(size=(n_seeds, 1)) + rng.normal(size=(n_seeds, 30)) + shift
    found = comparison_of_differences(differences, about_algorithms=True)
    low, high = found.interval(level)
    assert low < found.difference < high
    assert (low > 0 or high < 0) == (found.p_value < level)
    assert found.interval(0.05) == pytest.approx((found.low, found.high))


def test_equal_differences_have_an_infinite_interval_where_the_sign_test_does_not_reject() -> None:
    """Five users: p = 2 / 2^5 = .0625."""
    found = comparison_of_differences(np.full((1, 5), 0.5), about_algorithms=True)
    assert found.interval(0.1) == (0.5, 0.5)
    assert found.interval(0.05) == (-math.inf, math.inf)
    assert comparison_of_differences(np.zeros((1, 5)), about_algorithms=True).interval(0.05) == (0, 0)
