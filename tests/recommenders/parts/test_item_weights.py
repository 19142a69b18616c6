"""Sums of weights from the items in the history, with blocks of any size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommenders.parts import item_weights
from recommenders.parts.item_weights import ItemWeights

HISTORY = csr_array(np.array([[1.0, 1, 0], [0, 0, 1], [0, 0, 0]]))
WEIGHTS = np.array([[0.0, 2, 3], [5, 0, 7], [11, 13, 0]])


@pytest.mark.parametrize("weights", [WEIGHTS, csr_array(WEIGHTS)], ids=["dense", "sparse"])
@pytest.mark.parametrize("block_bytes", [1, 50, 2**20])
def test_scores_are_sums_of_weights(monkeypatch: pytest.MonkeyPatch, weights, block_bytes: int) -> None:
    monkeypatch.setattr(item_weights, "BLOCK_BYTES", block_bytes)
    model = ItemWeights(HISTORY, weights)
    users = np.array([1, 0, 2], dtype=np.int32)
    assert model.score_all(users).tolist() == [[11, 13, 0], [5, 2, 10], [0, 0, 0]]
    items = np.array([[2, 0], [2, 2], [1, 0]], dtype=np.int32)
    assert model.score(users, items).tolist() == [[0, 11], [10, 10], [0, 0]]
