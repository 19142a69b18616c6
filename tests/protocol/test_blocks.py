"""Users are cut into runs: all of them, in order, and no run can take one more user (P19)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from protocol.blocks import blocks, equal_blocks


def cut(sizes: list[int], most: int) -> list[list[int]]:
    return [list(range(len(sizes)))[run] for run in blocks(np.array(sizes, dtype=np.int64), most)]


def test_four_users_by_hand() -> None:
    assert cut([3, 1, 9, 2], 5) == [[0, 1], [2], [3]]
    assert cut([2, 3, 5], 5) == [[0, 1], [2]]
    assert cut([], 5) == []


def test_users_of_one_size_by_hand() -> None:
    assert list(equal_blocks(5, 2, 5)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert list(equal_blocks(2, 9, 5)) == [slice(0, 1), slice(1, 2)]
    assert list(equal_blocks(0, 9, 5)) == []
    assert list(equal_blocks(2, 0, 5)) == [slice(0, 2)]


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 30))
def test_a_plain_loop_cuts_the_same(sizes: list[int], most: int) -> None:
    expected: list[list[int]] = []
    for user, size in enumerate(sizes):
        if expected and sum(sizes[other] for other in expected[-1]) + size <= most:
            expected[-1].append(user)
        else:
            expected.append([user])
    assert cut(sizes, most) == expected


@given(st.integers(0, 30), st.integers(1, 20), st.integers(1, 60))
def test_equal_sizes_are_cut_like_any_others(n_users: int, size: int, most: int) -> None:
    assert list(equal_blocks(n_users, size, most)) == list(blocks(np.full(n_users, size, dtype=np.int64), most))
