"""Rows in canonical order, whether one word holds a row or not."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.data.indexing import canonical, present_values

LOWEST, HIGHEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max

SIZES = {
    "a word holds a row": (1_000, 500, 0, 10**9),
    "a word just holds a row": (2**17, 2**16, 5, 5 + 2**31),
    "a word holds user and time": (2**17, 2**16, -(2**40), 0),
    "no word holds user and time": (2**17, 2**16, LOWEST, HIGHEST),
    "one user and item, all times": (1, 1, LOWEST, HIGHEST),
    "many ties": (3, 4, 0, 3),
}


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_in_the_order_of_user_time_and_item(size: str) -> None:
    n_users, n_items, first, end = SIZES[size]
    rng = np.random.default_rng(0)
    users, items = rng.integers(n_users, size=2_000), rng.integers(n_items, size=2_000)
    times = rng.integers(first, end, size=2_000)
    users[:2], items[:2], times[:2] = (0, n_users - 1), (0, n_items - 1), (first, end - 1)
    found = canonical(users, items, times, n_users, n_items)
    order = np.lexsort((items, times, users))
    for name, column in {"users": users, "items": items, "timestamps": times}.items():
        np.testing.assert_array_equal(getattr(found, name), column[order])


def test_no_rows_have_an_order_too() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert len(canonical(nothing, nothing, nothing, 3, 2)) == 0


def test_values_become_positions_among_those_that_occur() -> None:
    present, positions = present_values(np.array([5, 2, 5]), 7)
    assert present.tolist() == [2, 5]
    assert positions.tolist() == [1, 0, 1]
    assert positions.dtype == np.int64, "they are multiplied by numbers of items"
