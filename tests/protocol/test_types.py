"""Interactions: what they refuse and what they give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from protocol.types import Interactions, frozen, ids_from_arrays, ids_to_arrays


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
