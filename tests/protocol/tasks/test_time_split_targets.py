"""The target of a global time split (P26): the first, the last or a random interaction from the cut on."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks.drawn import TARGET
from protocol.tasks.split_rule import TARGETS, Target
from protocol.tasks.task import build_task, build_validation_task
from protocol.tasks.time_split import split_at_time

Row = tuple[int, int, int]
Pairs = set[tuple[int, int]]

HALF = Decimal("0.5")


def dataset_of(rows: list[Row]) -> Dataset:
    return Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))


def raw(dataset: Dataset, users: np.ndarray, items: np.ndarray) -> Pairs:
    return set(zip(dataset.user_ids[users].tolist(), dataset.item_ids[items].tolist(), strict=True))


def tie_key(user: int, item: int, purpose: str = "ties") -> int:
    return int(derive(derive(root_key(0, purpose), id_keys(np.array([user]))), id_keys(np.array([item])))[0])


def expected_item(user: int, future: list[tuple[int, int]], target: Target) -> int:
    """Return the item that is held out, of a user's (time, item) from the cut on, as the clause has it."""
    if target == "random":
        return min((item for _, item in future), key=lambda item: tie_key(user, item, TARGET))
    ordered = sorted(future, key=lambda one: (one[0], tie_key(user, one[1])))
    return ordered[0 if target == "first" else -1][1]


rows_lists = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 14), st.integers(0, 7)),
    min_size=12,
    max_size=70,
    unique_by=lambda r: r[:2],
)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=40)
@given(rows=rows_lists)
def test_the_target_is_that_of_a_plain_loop(target: Target, rows: list[Row]) -> None:
    """P26: evaluated users and train are the same whatever the target; all else from the cut on is unused."""
    dataset = dataset_of(rows)
    try:
        first, split = split_at_time(dataset, 0, HALF), split_at_time(dataset, 0, HALF, target)
    except ProtocolError:
        assume(False)
        raise
    cut = split.facts["cut_time"]
    users = dataset.user_ids[split.users].tolist()
    future = {user: [(time, item) for other, item, time in rows if other == user and time >= cut] for user in users}
    expected = {(user, expected_item(user, future[user], target)) for user in users}
    assert raw(dataset, split.users, split.items) == expected
    assert (
        raw(dataset, split.later.users, split.later.items)
        == {(user, item) for user in users for _, item in future[user]} - expected
    )
    assert (first.train.items.tolist(), first.users.tolist(), first.facts, first.n_short_users) == (
        split.train.items.tolist(), split.users.tolist(), split.facts, split.n_short_users,
    )  # fmt: skip
    time_of = {(user, item): time for user, item, time in rows}
    tied = [
        target != "random" and sum(time == time_of[pair] for time, _ in future[pair[0]]) > 1
        for pair in sorted(expected)
    ]
    assert split.tied.tolist() == tied


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_from_the_cut_on_is_a_negative_or_a_rival(target: Target) -> None:
    """P9, P26: users touch 3 of 30 items before the cut and 4 from then on, so that 23 are left to draw from."""
    rows = [(user, (7 * user + place) % 30, 10 * place + user % 5) for user in range(20) for place in range(7)]
    dataset = dataset_of(rows)
    rule = f"time:0.43,target={target}"
    task = build_task(dataset, n_negatives=23, split=rule)
    touched = {(user, item) for user, item, _ in rows}
    for user, negatives in zip(task.candidates.users.tolist(), task.candidates.negatives.tolist(), strict=True):
        assert len(set(negatives)) == 23
        assert not {(user, item) for item in negatives} & touched
    full = build_task(dataset, n_negatives=0, split=rule)
    assert full.n_rivals.tolist() == [23] * full.candidates.n_evaluated


def test_validation_has_the_same_share_and_target() -> None:
    """P8, P26: 16 interactions at the times 0 to 15: 8 before 8, and 4 of these before 4."""
    rows = [(time % 2, time, time) for time in range(16)]
    found = {}
    for target in TARGETS:
        rule = f"time:0.5,target={target}"
        task = build_validation_task(dataset_of(rows), n_negatives=0, split=rule)
        assert task.facts["cut_time"] == 4
        assert task.train.timestamps.max() == 3
        assert task.parts["split"] == (rule if target != "first" else "time:0.5")
        found[target] = task.candidates.heldout.tolist()
    assert (found["first"], found["last"]) == ([4, 5], [6, 7])
    assert all(item in (4 + user, 6 + user) for user, item in enumerate(found["random"]))


@pytest.mark.parametrize("target", TARGETS)
def test_all_of_one_time_are_on_one_side(target: Target) -> None:
    """P26: at .5 the cut is time 2, at which users 0 to 3 have three interactions each."""
    rows = [(user, item, 1 if item < 2 else 2) for user in range(4) for item in range(5)]
    split = split_at_time(dataset_of(rows), 0, HALF, target)
    assert split.train.timestamps.tolist() == [1] * 8
    assert len(split.later) == 8
    assert split.tied.tolist() == [target != "random"] * 4


def test_a_random_target_is_drawn_by_the_protocol_seed() -> None:
    """P20, P26: with another seed other targets, the same users and the same train."""
    rows = [(user, item, item) for user in range(30) for item in range(user % 3, user % 3 + 12)]
    dataset = dataset_of(rows)
    one, other = (split_at_time(dataset, seed, HALF, "random") for seed in (0, 1))
    assert one.items.tolist() != other.items.tolist()
    assert one.users.tolist() == other.users.tolist()
    assert one.train.items.tolist() == other.train.items.tolist()
