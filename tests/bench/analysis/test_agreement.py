"""Kendall's tau is SciPy's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.agreement import kendall_tau


def test_two_of_three_pairs_have_the_same_order() -> None:
    assert kendall_tau([1, 2, 3], [1, 3, 2]) == pytest.approx((2 - 1) / 3)


def test_there_is_no_order_of_equal_values() -> None:
    assert math.isnan(kendall_tau([1, 1], [1, 2]))


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=2, max_size=12))
def test_it_is_that_of_scipy_to_the_last_bit(rows: list[tuple[int, float]]) -> None:
    from scipy.stats import kendalltau

    first, second = zip(*rows, strict=True)
    found, expected = kendall_tau(first, second), float(kendalltau(first, second).statistic)
    assert found == expected or (math.isnan(found) and math.isnan(expected))
