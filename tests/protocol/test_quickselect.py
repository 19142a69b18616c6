"""The n-th largest value: by hand, and compared with NumPy's own partition."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.quickselect import nth_largest

WITH_TIES = st.sampled_from([-1.5, -0.0, 0.0, 2.0, 1e-300, float("inf"), float("-inf")])


@pytest.mark.parametrize(
    ("values", "n", "expected"),
    [
        ([3.0], 1, 3.0),
        ([1.0, 2.0], 1, 2.0),
        ([1.0, 2.0], 2, 1.0),
        ([5.0, -1.0, 4.0, 0.5, 3.0], 1, 5.0),
        ([5.0, -1.0, 4.0, 0.5, 3.0], 3, 3.0),
        ([5.0, -1.0, 4.0, 0.5, 3.0], 5, -1.0),
        ([7.0, 7.0, 7.0, 7.0], 2, 7.0),
        ([1.0, 3.0, 3.0, 2.0, 3.0], 3, 3.0),
        ([1.0, 3.0, 3.0, 2.0, 3.0], 4, 2.0),
        ([float("-inf"), 1.0, float("inf")], 1, float("inf")),
        ([float("-inf"), 1.0, float("inf")], 3, float("-inf")),
    ],
)
def test_by_hand(values: list[float], n: int, expected: float) -> None:
    assert nth_largest(np.array(values), n) == expected


@pytest.mark.parametrize("n", range(1, 5))
def test_negative_zero_is_as_large_as_zero(n: int) -> None:
    """Either zero may be the second and the third largest: they compare as equal."""
    assert nth_largest(np.array([-0.0, 1.0, 0.0, -1.0]), n) == [1.0, 0.0, 0.0, -1.0][n - 1]


@given(
    arrays(np.float64, st.integers(1, 60), elements=st.floats(allow_nan=False) | WITH_TIES),
    st.data(),
)
def test_it_is_the_value_that_a_partition_puts_there(values: npt.NDArray[np.float64], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, values.size))
    before = values.copy()
    assert nth_largest(values, n) == np.partition(before, before.size - n)[before.size - n]
    assert sorted(values.tolist()) == sorted(before.tolist())


@pytest.mark.parametrize("order", ["ascending", "descending", "equal", "organ pipe"])
def test_orders_that_are_hard_for_quickselect(order: str) -> None:
    ascending = np.arange(1001.0)
    values = {
        "ascending": ascending,
        "descending": ascending[::-1].copy(),
        "equal": np.full(1001, 2.5),
        "organ pipe": np.minimum(ascending, ascending[::-1]),
    }[order]
    expected = np.sort(values)[::-1]
    for n in (1, 2, 500, 501, 1000, 1001):
        assert nth_largest(values.copy(), n) == expected[n - 1]
