"""Counts of indices, and the memory that they take."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from protocol import counting
from protocol.counting import occurrences


@pytest.mark.parametrize("rows", [1, 3, 4, 100])
def test_each_index_is_counted_whatever_the_block(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED_ROWS", rows)
    assert occurrences(np.array([2, 0, 2, 2, 4], dtype=np.int32), 6).tolist() == [1, 0, 3, 0, 1, 0]
    assert occurrences(np.empty(0, dtype=np.int32), 2).tolist() == [0, 0]


def test_indices_are_not_copied_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED_ROWS", 1_000)
    indices = np.tile(np.arange(200, dtype=np.int32), 1_000)
    tracemalloc.start()
    found = occurrences(indices, 200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.tolist() == [1_000] * 200
    assert peak < 0.2 * indices.size
