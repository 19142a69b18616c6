"""Batches: every example once, together with what belongs to it."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.batches import shuffled_batches


@pytest.mark.parametrize(("n", "sizes"), [(7, [3, 3, 1]), (6, [3, 3]), (2, [2]), (0, [])])
def test_each_example_once(n: int, sizes: list[int]) -> None:
    examples = np.arange(n), np.arange(n, dtype=np.float32) * 10
    batches = list(shuffled_batches(examples, 3, np.random.default_rng(0)))
    assert [len(first) for first, _ in batches] == sizes
    assert all((first * 10 == second).all() for first, second in batches)
    assert sorted(int(value) for first, _ in batches for value in first) == list(range(n))


def test_the_order_is_another_each_time() -> None:
    rng = np.random.default_rng(0)
    (first,), (second,) = (next(shuffled_batches([np.arange(100)], 100, rng)) for _ in range(2))
    assert first.tolist() != second.tolist()
    assert first.tolist() != list(range(100))
