"""Batches of histories: each next item once an epoch, beside negatives that its user did not touch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from histories_by_hand import in_order

from recommenders.modules.forms import Form
from recommenders.modules.window_batches import WindowBatches

HISTORIES = [[1, 2, 3, 4, 5, 6], [7], [], [8, 2]]
PAIRS = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (8, 2)]


def batches(
    train, *, per_position: bool, n_negatives: int = 0, step: int = 2, part: int = 1, any_length: bool = False
) -> WindowBatches:
    form = Form(train.n_items, 3, per_position, None, any_length)
    return WindowBatches.of(train, form, (step, part), n_negatives, torch.device("cpu"), np.random.default_rng(0))


@pytest.mark.parametrize("per_position", [True, False])
def test_each_next_item_comes_once_behind_the_item_before(per_position: bool) -> None:
    found = []
    for parts in batches(in_order(HISTORIES, 9), per_position=per_position).steps():
        assert len(parts) <= 2
        for part in parts:
            histories, places, items = part.tensors
            assert part.n == len(places) == len(items)
            before = histories.ravel()[places] if per_position else histories[:, -1]
            found += list(zip(before.tolist(), items[:, 0].tolist(), strict=True))
    assert sorted(found) == PAIRS


def test_of_any_length_the_longest_come_first_and_padding_is_to_the_longest_of_a_part() -> None:
    """Windows of 3, 2 and 1 items, and again of 3 and 1; a part has room for six positions, but for no window more."""
    train = in_order([[1, 2, 3, 4, 5, 6], [8, 2], [0, 1, 7, 3], [6, 5]], 9)
    (parts,) = batches(train, per_position=True, step=9, part=2, any_length=True).steps()
    shapes = [tuple(part.tensors[0].shape) for part in parts]
    assert shapes == [(2, 3), (3, 2)]
    pairs = []
    for part in parts:
        histories, places, items = part.tensors
        pairs += list(zip(histories.ravel()[places].tolist(), items[:, 0].tolist(), strict=True))
    assert sorted(pairs) == sorted([*PAIRS, (0, 1), (1, 7), (7, 3), (6, 5)])
    assert sum(part.n for part in parts) == len(pairs)


@pytest.mark.parametrize("per_position", [True, False])
def test_negatives_are_new_in_each_epoch_and_not_touched(per_position: bool) -> None:
    made = batches(in_order([HISTORIES[0]], 9), per_position=per_position, n_negatives=50)
    epochs = [torch.cat([part.tensors[2][:, 1:] for parts in made.steps() for part in parts]) for _ in range(2)]
    assert epochs[0].unique().tolist() == [0, 7, 8]
    assert not torch.equal(*epochs)


def test_a_user_of_every_item_has_no_negatives() -> None:
    train = in_order([[0, 1, 2], [2, 0]], 3)
    (parts,) = batches(train, per_position=True, n_negatives=2).steps()
    assert [part.tensors[2].tolist() for part in parts] == [[[0, 1, 1]]]
    assert sum(part.n for parts in batches(train, per_position=True).steps() for part in parts) == 3
