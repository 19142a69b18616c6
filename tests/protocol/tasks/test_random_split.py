"""Leave a random one out (P27): who is evaluated, on what, and what validation may know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks.drawn import HELD_OUT
from protocol.tasks.random_split import leave_random_out
from protocol.tasks.task import Task, build_task, build_validation_task

Row = tuple[int, int, int]


def dataset_of(rows: list[Row], name: str = "test") -> Dataset:
    return Dataset.from_arrays(name, *(np.array(column) for column in zip(*rows, strict=True)))


def order_of(user: int, items: list[int], seed: int) -> list[int]:
    """Return items in the order of their keys: the first one is held out."""
    of_user = derive(root_key(seed, HELD_OUT), id_keys(np.array([user])))
    return sorted(items, key=lambda item: int(derive(of_user, id_keys(np.array([item])))[0]))


def raw_heldout(dataset: Dataset, task: Task) -> dict[int, int]:
    return dict(
        zip(
            dataset.user_ids[task.candidates.users].tolist(),
            dataset.item_ids[task.candidates.heldout].tolist(),
            strict=True,
        )
    )


rows_lists = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 12), st.integers(0, 9)),
    min_size=12,
    max_size=70,
    unique_by=lambda r: r[:2],
).filter(lambda rows: max(sum(row[0] == user for row in rows) for user in range(7)) >= 4)


@settings(max_examples=40)
@given(rows_lists, st.integers(0, 10**18 - 1), st.integers(0, 3))
def test_the_split_is_that_of_a_plain_loop(rows: list[Row], seed: int, protocol_seed: int) -> None:
    """P27, P8: of users with 3 items or more the first by key is held out, in validation the second."""
    dataset = dataset_of(rows)
    options = {"n_negatives": 0, "short_users": "all", "split": f"random:{seed}", "protocol_seed": protocol_seed}
    test, validation = build_task(dataset, **options), build_validation_task(dataset, **options)
    touched = {user: [item for other, item, _ in rows if other == user] for user in range(7)}
    ordered = {user: order_of(user, items, seed) for user, items in touched.items()}
    assert raw_heldout(dataset, test) == {user: items[0] for user, items in ordered.items() if len(items) >= 3}
    trained = {(user, item) for user, items in ordered.items() for item in items[1 if len(items) >= 3 else 0 :]}
    users, items = dataset.user_ids[test.train.users], dataset.item_ids[test.train.items]
    assert set(zip(users.tolist(), items.tolist(), strict=True)) == trained
    assert len(test.later) == len(validation.later) == 0
    restricted = dataset.restricted_to(test.train)
    assert raw_heldout(restricted, validation) == {user: items[1] for user, items in ordered.items() if len(items) >= 4}
    assert test.facts["n_short_users"] == sum(0 < len(items) < 3 for items in touched.values())
    assert test.facts["n_tied_users"] == 0


@settings(max_examples=40)
@given(rows_lists, st.integers(0, 99), st.randoms())
def test_neither_the_order_of_rows_nor_times_change_what_is_held_out(rows: list[Row], seed: int, random) -> None:
    """P2, P19, P27."""
    shuffled = rows.copy()
    random.shuffle(shuffled)
    other_times = [(user, item, random.randrange(99)) for user, item, _ in rows]
    found = [
        raw_heldout(dataset, build_task(dataset, n_negatives=0, short_users="all", split=f"random:{seed}"))
        for dataset in map(dataset_of, (rows, shuffled, other_times))
    ]
    assert found[0] == found[1] == found[2]


def test_the_seed_decides_what_is_held_out_and_the_protocol_seed_the_candidates() -> None:
    """P20, P27."""
    dataset = dataset_of([(user, (user + 3 * place) % 60, place) for user in range(40) for place in range(8)])
    one, again, other = (build_task(dataset, n_negatives=10, split=f"random:{seed}") for seed in (0, 0, 1))
    assert one.digest == again.digest != other.digest
    assert raw_heldout(dataset, one) != raw_heldout(dataset, other)
    third = build_task(dataset, n_negatives=10, split="random:0", protocol_seed=1)
    assert raw_heldout(dataset, third) == raw_heldout(dataset, one)
    assert third.candidates.negatives.tolist() != one.candidates.negatives.tolist()
    # The items that a user touched are the same under every seed, and so are the negatives.
    assert other.candidates.negatives.tolist() == one.candidates.negatives.tolist()


def test_positions_are_enough() -> None:
    """P27: no clock is needed."""
    rows = [(user, item, 1 + item) for user in range(4) for item in range(5)]
    assert build_task(dataset_of(rows), n_negatives=0, short_users="all", split="random").parts["split"] == "random:0"


def test_users_with_short_histories_only_are_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"^short: none of its 2 users has 3 or more items \(the most is 2\)"):
        leave_random_out(dataset_of([(0, 1, 1), (0, 2, 2), (1, 1, 1)], "short"), 0, 0)
