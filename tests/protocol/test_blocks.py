"""Runs of users: all of them, in order, and none too large that could be smaller (P19)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from protocol.blocks import blocks


def cut(sizes: list[int], most: int) -> list[list[int]]:
    return [list(range(len(sizes)))[run] for run in blocks(np.array(sizes, dtype=np.int64), most)]


def test_four_users_by_hand() -> None:
    assert cut([3, 1, 9, 2], 5) == [[0, 1], [2], [3]]
    assert cut([2, 3, 5], 5) == [[0, 1], [2]]
    assert cut([], 5) == []


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 30))
def test_a_plain_loop_cuts_the_same(sizes: list[int], most: int) -> None:
    expected: list[list[int]] = []
    for user, size in enumerate(sizes):
        if expected and sum(sizes[other] for other in expected[-1]) + size <= most:
            expected[-1].append(user)
        else:
            expected.append([user])
    assert cut(sizes, most) == expected
