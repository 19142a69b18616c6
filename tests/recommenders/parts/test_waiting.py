"""Which trainings let vectors wait, and that this changes rounding alone."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.gmf import GMF
from recommenders.parts import pointwise
from recommenders.parts.waiting import vectors_wait


@pytest.mark.parametrize(
    ("n_vectors", "batch_size", "weight_decay", "expected"),
    [
        (943 + 1682, 2048, 0.0, False),
        (6040 + 3706, 2048, 0.0, True),
        (6040 + 3706, 2048, 1e-5, False),
        (8, 2, 0, False),
    ],
    ids=["MovieLens-100K", "MovieLens-1M", "weight decay", "half of them used"],
)
def test_vectors_wait_where_a_batch_uses_few(
    n_vectors: int, batch_size: int, weight_decay: float, expected: bool
) -> None:
    assert vectors_wait(n_vectors, batch_size, weight_decay) is expected


def test_scores_are_those_of_a_training_in_which_all_move(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    """After each epoch: 70 vectors, and batches of at most 8 of them."""
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    model = {waits: GMF(epochs=3, batch_size=4, embedding_size=8, learning_rate=0.002) for waits in (True, False)}
    epochs = {}
    for waits, one in model.items():
        monkeypatch.setattr(pointwise, "vectors_wait", lambda *_, waits=waits: waits)
        epochs[waits] = one.fit_epochs(checkerboard, rng=np.random.default_rng(0))
        next(epochs[waits])
    for _ in range(2):
        np.testing.assert_allclose(model[True].score_all(users), model[False].score_all(users), rtol=1e-3, atol=1e-4)
        assert next(epochs[True]) == pytest.approx(next(epochs[False]), rel=1e-5)
