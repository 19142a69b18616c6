"""Interactions: what they refuse and what they give."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from protocol import types
from protocol.types import Interactions, frozen, ids_from_arrays, ids_to_arrays

if TYPE_CHECKING:
    from collections.abc import Callable


def interactions(users=(0, 0, 2), items=(1, 0, 1), timestamps=(3, 4, 0), n_users=3, n_items=2) -> Interactions:
    return Interactions(np.array(users), np.array(items), np.array(timestamps), n_users, n_items)


def test_a_users_rows_lie_between_its_offsets() -> None:
    assert interactions().offsets.tolist() == [0, 2, 2, 3]


def test_the_matrix_of_ones() -> None:
    assert interactions().to_csr().toarray().tolist() == [[1, 1], [0, 0], [0, 1]]
    assert interactions().to_csr().has_sorted_indices


def test_where_keeps_order_and_index_spaces() -> None:
    some = interactions().where(np.array([True, False, True]))
    assert (some.users.tolist(), some.items.tolist(), some.n_users, some.n_items) == ([0, 2], [1, 1], 3, 2)


def test_arrays_are_read_only_and_the_callers_stay_writeable() -> None:
    users = np.array([0, 0, 2], dtype=np.int32)
    made = interactions(users=users)
    with pytest.raises(ValueError, match="read-only"):
        made.users[0] = 1
    users[0] = 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"users": (0, 0)}, "one length"),
        ({"users": (0, 0, 3)}, r"users range over 0 \.\. 3, expected 0 \.\. 2"),
        ({"items": (-1, 0, 1)}, r"items range over -1 \.\. 1"),
        ({"users": (2, 0, 0)}, "sorted"),
        ({"timestamps": (4, 3, 0)}, "sorted"),
    ],
)
def test_what_is_refused(wrong: dict[str, tuple[int, ...]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        interactions(**wrong)


@pytest.mark.parametrize("values", [np.array([2**32]), np.array([0.5])])
def test_what_the_type_cannot_hold_is_refused(values) -> None:
    with pytest.raises(ValueError, match="holds values that int32 cannot"):
        frozen(values, np.int32)


def test_no_rows_at_all() -> None:
    empty = Interactions(np.array([]), np.array([]), np.array([]), 2, 3)
    assert len(empty) == 0
    assert empty.offsets.tolist() == [0, 0, 0]
    assert empty.to_csr().shape == (2, 3)


@pytest.mark.parametrize(
    "ids",
    [np.array([10, 20, 30]), np.array([7, 2**63, 2**64 - 1], np.uint64), np.array(["a", "", "éü"], dtype=object)],
    ids=["numbers", "large numbers", "texts"],
)
def test_raw_ids_are_those_of_users_and_items_that_have_an_interaction(ids: np.ndarray) -> None:
    named = interactions(items=(1, 0, 1), n_items=3).named(ids, ids)
    assert named.user_ids.tolist() == [ids[0], None, ids[2]]
    assert named.item_ids.tolist() == [ids[0], ids[1], None]
    # What is not known is nowhere in the object, and other processes get the same.
    assert named.known_items is not None
    assert named.known_items.listed() == ids[:2].tolist()
    arrays = ids_to_arrays(named)
    again = replace(interactions(items=(1, 0, 1), n_items=3), **ids_from_arrays(arrays))
    assert again.item_ids.tolist() == named.item_ids.tolist()


def test_rows_that_are_left_out_take_their_ids_with_them() -> None:
    some = interactions().named(np.array([7, 8, 9]), np.array(["x", "y"])).where(np.array([True, False, False]))
    assert some.user_ids.tolist() == [7, None, None]
    assert some.item_ids.tolist() == [None, "y"]


def test_without_raw_ids_the_indices_are_the_ids() -> None:
    assert interactions().user_ids.tolist() == [0, None, 2]
    assert ids_to_arrays(interactions()) == {}


def peak_of(work: Callable[[], object]) -> int:
    """Return the most bytes that some work allocates at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def many() -> Interactions:
    n = 400_000
    return Interactions(
        np.repeat(np.arange(4_000, dtype=np.int32), 100),
        np.tile(np.arange(0, 200, 2, dtype=np.int32), 4_000),
        np.arange(n, dtype=np.int64),
        4_000,
        200,
    )


def test_order_is_checked_and_users_are_found_without_copies(
    many: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As masks of all rows, and as counts of an int64 for each row, it would be 4 and 8 bytes a row."""
    monkeypatch.setattr(types, "CHECKED_ROWS", 1_000)
    assert peak_of(lambda: replace(many)) < 0.1 * len(many)
    assert peak_of(lambda: many.offsets) < 0.2 * len(many)
    np.testing.assert_array_equal(many.offsets, np.arange(0, 400_001, 100))


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("place", range(1, 7))
def test_disorder_is_found_at_every_edge_of_a_block(rows: int, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "CHECKED_ROWS", rows)
    users, times = np.array([0, 0, 0, 1, 1, 1, 2]), np.array([1, 1, 2, 0, 4, 4, 0])
    Interactions(users, np.arange(7), times, 3, 7)
    users[place:] = 2
    users[place - 1], times[place - 1] = 2, 9
    times[place] = 8
    with pytest.raises(ValueError, match="sorted"):
        Interactions(users, np.arange(7), times, 3, 7)


def test_a_matrix_of_bytes_has_nine_bytes_an_entry_at_most(many: Interactions) -> None:
    """A byte for the value, four for the column, and room to sort; columns of eight bytes would not fit."""
    assert peak_of(lambda: many.to_csr(np.bool_)) < 9 * len(many)
    assert many.to_csr(np.bool_).indices.dtype == np.int32


def test_interactions_move_to_equal_arrays_elsewhere() -> None:
    own = interactions()
    before = own.offsets.tolist()
    elsewhere = {name: array.copy() for name, array in own.arrays.items()}
    own.move_to(elsewhere)
    assert all(np.shares_memory(own.arrays[name], array) for name, array in elsewhere.items())
    assert not own.users.flags.writeable
    assert own.offsets.tolist() == before
    with pytest.raises(ValueError, match="items are"):
        own.move_to({**elsewhere, "items": np.zeros(4, np.int32)})
