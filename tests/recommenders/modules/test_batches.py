"""Batches: every interaction once per epoch, in random order, in bounded blocks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recommenders.modules import batches
from recommenders.modules.batches import InteractionBatches, SampledBatches

CPU = torch.device("cpu")


@pytest.fixture
def train(interactions_of):
    return interactions_of([(user, item) for user in range(6) for item in range(user + 1)], 6, 6)


@pytest.mark.parametrize("block", [1, 30, 2**20])
def test_every_interaction_with_negatives_comes_once_with_fresh_ones(
    train, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last user touched every item, so there are no negatives."""
    monkeypatch.setattr(batches, "BLOCK", block)
    sampled = SampledBatches.of(train, 11, 2, CPU, np.random.default_rng(0))
    epochs = []
    for _ in range(2):
        parts = [part for (part,) in sampled.steps()]
        assert [part.n for part in parts] == [3, 3, 3, 3, 3]
        users, items = (torch.cat(tensors).numpy() for tensors in zip(*(part.tensors for part in parts), strict=True))
        found = sorted(zip(users[:, 0].tolist(), items[:, 0].tolist(), strict=True))
        assert found == [(user, item) for user in range(5) for item in range(user + 1)]
        assert np.all(items[:, 1:] > users)
        epochs.append(np.hstack((users, items)).tolist())
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) != sorted(epochs[1])


def test_no_more_than_a_block_is_drawn_at_once(train, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    draw = batches.candidates
    monkeypatch.setattr(batches, "BLOCK", 12)
    monkeypatch.setattr(batches, "candidates", lambda *given: drawn.append(draw(*given)) or drawn[-1])
    list(SampledBatches.of(train, 6, 2, CPU, np.random.default_rng(0)).steps())
    assert [items.size for _, items in drawn] == [12, 12, 12, 9]


def test_a_batch_has_at_least_one_interaction(train) -> None:
    steps = SampledBatches.of(train, 2, 5, CPU, np.random.default_rng(0)).steps()
    assert {part.n for (part,) in steps} == {1}


def test_without_negatives_steps_are_cut_into_parts(train) -> None:
    found = list(InteractionBatches(train, 10, 4, CPU, np.random.default_rng(0)).steps())
    assert [[part.n for part in parts] for parts in found] == [[4, 4, 2], [4, 4, 2], [1]]
    pairs = [
        pair for parts in found for part in parts for pair in zip(*(t.tolist() for t in part.tensors), strict=True)
    ]
    assert sorted(pairs) == sorted(zip(train.users.tolist(), train.items.tolist(), strict=True))
    assert pairs != sorted(pairs)


def test_the_order_of_an_epoch_takes_four_bytes_for_each_interaction(train) -> None:
    class Noted:
        def permutation(self, rows):
            orders.append(np.asarray(rows))
            return rows

    orders: list[np.ndarray] = []
    list(InteractionBatches(train, 10, 4, CPU, Noted()).steps())
    assert [order.dtype for order in orders] == [np.int32]
