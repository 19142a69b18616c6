"""One interaction of each user, drawn by a keyed hash (P26, P27): a plain loop's, uniform, and always the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks.drawn import HELD_OUT, drawn_rows


def dataset_of(pairs: list[tuple[int, int]]) -> Dataset:
    users, items = (np.array(column) for column in zip(*pairs, strict=True))
    return Dataset.from_arrays("test", users, items, np.arange(len(pairs)))


def key_of(seed: int, user: int, item: int) -> int:
    of_user = derive(root_key(seed, HELD_OUT), id_keys(np.array([user])))
    return int(derive(of_user, id_keys(np.array([item])))[0])


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, unique=True),
    st.integers(0, 2**64 - 1),
    st.data(),
)
def test_the_row_of_each_user_is_that_of_a_plain_loop(
    pairs: list[tuple[int, int]], seed: int, data: st.DataObject
) -> None:
    """P27: of the rows that may be drawn, the one with the smallest key of seed, raw user and raw item."""
    dataset = dataset_of(pairs)
    own = dataset.interactions
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, len(pairs) - 1)))), dtype=np.int64)
    raw = [(int(dataset.user_ids[own.users[row]]), int(dataset.item_ids[own.items[row]])) for row in range(len(pairs))]
    expected = [
        min((row for row in rows.tolist() if raw[row][0] == user), key=lambda row: key_of(seed, *raw[row]))
        for user in sorted({raw[row][0] for row in rows.tolist()})
    ]
    assert drawn_rows(dataset, own, rows, seed, HELD_OUT).tolist() == expected


def test_each_row_is_drawn_equally_often() -> None:
    """P27: 6,000 users with five items each; a count of 1,200 has a standard deviation of 31."""
    dataset = dataset_of([(user, item) for user in range(6_000) for item in range(5)])
    own = dataset.interactions
    for seed in (0, 1):
        counts = Counter(own.items[drawn_rows(dataset, own, np.arange(len(own)), seed, HELD_OUT)].tolist())
        assert sorted(counts) == [0, 1, 2, 3, 4]
        assert all(abs(count - 1_200) < 4 * 31 for count in counts.values())


def test_golden_rows() -> None:
    """P27: same seed, same rows, everywhere and in every release."""
    dataset = dataset_of([(user, item) for user in range(8) for item in range(10)])
    rows = np.arange(80)
    found = {seed: drawn_rows(dataset, dataset.interactions, rows, seed, HELD_OUT) % 10 for seed in (0, 1)}
    assert {seed: items.tolist() for seed, items in found.items()} == {
        0: [2, 1, 3, 4, 3, 3, 2, 9],
        1: [1, 0, 5, 2, 7, 2, 3, 9],
    }
