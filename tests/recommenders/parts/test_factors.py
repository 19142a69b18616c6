"""Weighted inner products, with blocks of any size."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.parts import factors
from recommenders.parts.factors import Factors

USERS = np.array([[1, 2], [3, 5]], dtype=np.float32)
ITEMS = np.array([[1, 0], [0, 1], [1, -1]], dtype=np.float32)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({}, [[1, 2, -1], [3, 5, -2]]),
        ({"biases": np.array([10, 20, 30], np.float32)}, [[11, 22, 29], [13, 25, 28]]),
        ({"weights": np.array([2, -1], np.float32)}, [[2, -2, 4], [6, -5, 11]]),
    ],
    ids=["plain", "biases", "weights"],
)
@pytest.mark.parametrize("block_bytes", [1, 2**20])
def test_by_hand(monkeypatch: pytest.MonkeyPatch, block_bytes: int, extra, expected) -> None:
    monkeypatch.setattr(factors, "BLOCK_BYTES", block_bytes)
    model = Factors(USERS, ITEMS, **extra)
    users, items = np.array([1, 0], np.int32), np.array([[2, 0], [1, 1]], np.int32)
    assert model.score_all(users).tolist() == expected[::-1]
    assert model.score(users, items).tolist() == [[expected[1][2], expected[1][0]], [expected[0][1]] * 2]


def test_arrays_are_read_as_they_are_now() -> None:
    items = ITEMS.copy()
    model = Factors(USERS, items)
    items[0] = 7
    assert model.score_all(np.array([0], np.int32))[0, 0] == 21


def test_initial_vectors_have_the_same_length_for_any_size() -> None:
    for size in (4, 400):
        vectors = factors.initial_vectors(2000, size, np.random.default_rng(0))
        assert vectors.dtype == np.float32
        assert np.mean(np.sum(vectors**2, axis=1)) == pytest.approx(factors.INITIAL_SCALE**2, rel=0.05)
        assert abs(vectors.mean()) < 0.005
