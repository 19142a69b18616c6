"""Histories in windows: each item but a user's first is the next one once; padding is where it is asked for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from histories_by_hand import in_order

from recommenders.modules.histories import all_targets, items_in, latest, rows_between, spaced_targets, starts_of

TRAIN = in_order([[1, 2, 3, 4, 5, 6], [7], [], [8, 2]], 9)


def windows(train, targets, length: int) -> list[list[int]]:
    """Return the items of each window, with its last next item, padded behind with ``n_items``."""
    rows = rows_between(starts_of(train, targets, length), targets + 1, length + 1)
    return items_in(rows, train.items, train.n_items).tolist()


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (2, [[4, 5, 6], [2, 3, 4], [1, 2, 9], [8, 2, 9]]),
        (5, [[1, 2, 3, 4, 5, 6], [8, 2, 9, 9, 9, 9]]),
        (1, [[5, 6], [4, 5], [3, 4], [2, 3], [1, 2], [8, 2]]),
    ],
)
def test_histories_are_cut_from_their_ends(length: int, expected) -> None:
    assert windows(TRAIN, spaced_targets(TRAIN, length), length) == expected


@pytest.mark.parametrize("length", [1, 4, 10, 39])
def test_each_item_but_the_first_is_once_the_next(length: int) -> None:
    rng = np.random.default_rng(0)
    histories = [rng.permutation(40)[: rng.integers(0, 30)].tolist() for _ in range(20)]
    found = windows(in_order(histories, 40), spaced_targets(in_order(histories, 40), length), length)
    pairs = [pair for window in found for pair in pairwise(window) if pair[1] < 40]
    assert sorted(pairs) == sorted(pair for history in histories for pair in pairwise(history))


def test_each_item_but_the_first_has_a_window_of_its_own() -> None:
    targets = all_targets(TRAIN)
    assert TRAIN.items[targets].tolist() == [2, 3, 4, 5, 6, 2]
    rows = rows_between(starts_of(TRAIN, targets, 3), targets, 3, in_front=True)
    expected = [[9, 9, 1], [9, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [9, 9, 8]]
    assert items_in(rows, TRAIN.items, 9).tolist() == expected


def test_the_latest_items_are_kept() -> None:
    kept = latest(TRAIN, 3)
    assert kept["latest"].tolist() == [4, 5, 6, 7, 8, 2]
    assert kept["offsets"].tolist() == [0, 3, 4, 4, 6]


def test_there_may_be_no_interactions() -> None:
    empty = in_order([[], []], 3)
    assert spaced_targets(empty, 4).tolist() == all_targets(empty).tolist() == []
    assert latest(empty, 4)["offsets"].tolist() == [0, 0, 0]
    assert items_in(np.full((2, 2), -1), empty.items, 3).tolist() == [[3, 3], [3, 3]]
