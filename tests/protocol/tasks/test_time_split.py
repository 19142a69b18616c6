"""The global time split (P26): past and future, who is evaluated on what, and what is trained on by no recommender."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.data.loading import load_dataset
from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks.task import build_task, build_validation_task
from protocol.tasks.time_split import cut_time, split_at_time

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.tasks.split import Split
    from protocol.types import Interactions

Row = tuple[int, int, int]

HALF = Decimal("0.5")

# Users 1 and 2 have a history and a future, 3 a future only, 4 a history only, 5 one interaction before the cut.
ROWS: list[Row] = [
    (1, 10, 1), (1, 20, 2), (1, 30, 11), (1, 40, 12), (1, 50, 13),
    (2, 10, 3), (2, 20, 4), (2, 30, 5), (2, 60, 10),
    (3, 10, 11), (3, 20, 12),
    (4, 10, 6), (4, 20, 7), (4, 30, 8),
    (5, 10, 9), (5, 20, 14), (5, 40, 15), (5, 30, 16),
]  # fmt: skip


def dataset_of(rows: list[Row], name: str = "test") -> Dataset:
    return Dataset.from_arrays(name, *(np.array(column) for column in zip(*rows, strict=True)))


def raw(dataset: Dataset, interactions: Interactions) -> set[tuple[int, int]]:
    users, items = dataset.user_ids[interactions.users], dataset.item_ids[interactions.items]
    return set(zip(users.tolist(), items.tolist(), strict=True))


def raw_heldout(dataset: Dataset, split: Split) -> dict[int, int]:
    return dict(zip(dataset.user_ids[split.users].tolist(), dataset.item_ids[split.items].tolist(), strict=True))


def test_a_small_split_by_hand() -> None:
    """P26: of 18 interactions 9 lie before the tenth's time, 10. User 2's first from then on is at that very time."""
    dataset = dataset_of(ROWS)
    split = split_at_time(dataset, 0, HALF)
    assert split.facts["cut_time"] == 10
    assert raw(dataset, split.train) == {(user, item) for user, item, time in ROWS if time < 10}
    assert raw_heldout(dataset, split) == {1: 30, 2: 60}
    assert raw(dataset, split.later) == {(1, 40), (1, 50)}
    assert (split.train.n_users, split.train.n_items) == (5, 6)
    assert split.tied.tolist() == [False, False]


def test_who_and_what_is_left_out_is_counted() -> None:
    """P26: user 4 has no future; 3 (new) and 5 have too little past. Of 9 later interactions 2 are held out."""
    split = split_at_time(dataset_of(ROWS), 0, HALF)
    assert split.n_short_users == 2
    assert split.facts == {
        "cut_time": 10,
        "n_unused": 7,
        "n_silent_users": 1,
        "n_new_users": 1,
        # 40, 50 and 60 have times from 10 on only.
        "n_new_items": 3,
    }


@pytest.mark.parametrize(
    ("times", "share", "cut"),
    [
        ([10, 20, 20, 30], "0.5", 20),  # one before it: both of time 20 go to the future
        ([10, 20, 30, 40], "0.5", 30),
        ([40, 10, 30, 20], "0.5", 30),
        ([10, 20, 30, 40], "0.74", 30),
        ([10, 20, 30, 40], "0.75", 40),
        (list(range(100)), "0.29", 29),  # as floats, .29 * 100 is less than 29
    ],
)
def test_the_cut_is_the_time_at_which_the_share_is_reached(times: list[int], share: str, cut: int) -> None:
    """P26."""
    assert cut_time(np.array(times), Decimal(share)) == cut


def test_a_tie_at_the_first_time_goes_by_the_key_of_seed_user_and_item() -> None:
    """P6, P26: each of 40 users has four items at time 50; the one with the smallest key is held out."""
    rows = [(user, item, 10 * item) for user in range(40) for item in range(2)]
    rows += [(user, item, 50) for user in range(40) for item in range(2, 6)]
    dataset = dataset_of(rows)
    for seed in (0, 1):
        split = split_at_time(dataset, seed, HALF)
        user_keys, item_keys = derive(root_key(seed, "ties"), id_keys(np.arange(40))), id_keys(np.arange(2, 6))
        expected = {user: 2 + int(np.argmin(derive(user_keys[user], item_keys))) for user in range(40)}
        assert raw_heldout(dataset, split) == expected
        assert split.tied.tolist() == [True] * 40
        assert len(split.later) == 3 * 40
    assert raw_heldout(dataset, split) != raw_heldout(dataset, split_at_time(dataset, 0, HALF))


def test_another_users_time_is_no_tie() -> None:
    """User 0's held-out interaction is its last row, and the next row, of the same time, is user 1's."""
    rows = [(0, 1, 1), (0, 2, 2), (0, 3, 9), (1, 4, 9), (1, 5, 10), (2, 1, 3)]
    split = split_at_time(dataset_of(rows), 0, HALF)
    assert split.tied.tolist() == [False]


rows_lists = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 12), st.integers(0, 9)),
    min_size=8,
    max_size=70,
    unique_by=lambda r: r[:2],
)
shares = st.integers(1, 19).map(lambda twentieths: Decimal(twentieths) / 20)


def split_or_skip(rows: list[Row], share: Decimal) -> tuple[Dataset, Split]:
    """Return a split; data without evaluated users are skipped."""
    dataset = dataset_of(rows)
    try:
        return dataset, split_at_time(dataset, 0, share)
    except ProtocolError:
        assume(False)
        raise


@given(rows_lists, shares)
def test_the_split_is_that_of_a_plain_loop(rows: list[Row], share: Decimal) -> None:
    """P26."""
    dataset, split = split_or_skip(rows, share)
    cut = sorted(time for _, _, time in rows)[floor(Fraction(share) * len(rows))]
    past = {(user, item) for user, item, time in rows if time < cut}
    assert raw(dataset, split.train) == past
    n_past = Counter(user for user, _ in past)
    heldout, later = raw_heldout(dataset, split), raw(dataset, split.later)
    for user in range(7):
        future = [(time, item) for other, item, time in rows if other == user and time >= cut]
        assert (user in heldout) == (n_past[user] >= 2 and bool(future))
        if user in heldout:
            first = min(future)[0]
            assert (first, heldout[user]) in future
            assert {item for other, item in later if other == user} == {item for _, item in future} - {heldout[user]}
    assert {user for user, _ in later} <= set(heldout)


@given(rows_lists, shares)
def test_nothing_is_trained_on_that_happened_at_or_after_a_heldout_time(rows: list[Row], share: Decimal) -> None:
    """P26: what leave-last-out cannot promise (P23)."""
    dataset, split = split_or_skip(rows, share)
    time_of = {(user, item): time for user, item, time in rows}
    first = min(time_of[pair] for pair in raw_heldout(dataset, split).items())
    assert split.train.timestamps.max() < split.facts["cut_time"] <= first
    assert len(split.train) <= share * len(rows)


@given(rows_lists, shares, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[Row], share: Decimal, random) -> None:
    """P2, P19, P26."""
    dataset, split = split_or_skip(rows, share)
    shuffled = rows.copy()
    random.shuffle(shuffled)
    again = split_at_time(dataset_of(shuffled), 0, share)
    assert raw_heldout(dataset, again) == raw_heldout(dataset, split)
    assert (again.facts, again.n_short_users) == (split.facts, split.n_short_users)
    for one, other in ((again.train, split.train), (again.later, split.later)):
        assert one.items.tolist() == other.items.tolist()


@given(rows_lists, shares, st.integers(1, 1000), st.integers(-500, 500))
def test_a_clock_that_runs_otherwise_splits_alike(rows: list[Row], share: Decimal, scale: int, shift: int) -> None:
    """P26: only the order of times has a say."""
    dataset, split = split_or_skip(rows, share)
    other = split_at_time(dataset_of([(user, item, scale * time + shift) for user, item, time in rows]), 0, share)
    assert raw_heldout(dataset, other) == raw_heldout(dataset, split)
    assert other.facts == {**split.facts, "cut_time": scale * split.facts["cut_time"] + shift}


def test_nothing_before_the_cut_is_an_error() -> None:
    rows = [(user, item, 5) for user in range(3) for item in range(4)]
    with pytest.raises(ProtocolError, match=r"flat: no interaction lies before 5, .*ask for a larger share"):
        split_at_time(dataset_of(rows, "flat"), 0, HALF)


def test_no_user_to_evaluate_is_an_error() -> None:
    """Users 0 and 1 are of the past, 2 of the future."""
    rows = [(0, 1, 1), (0, 2, 2), (1, 1, 3), (2, 2, 10), (2, 3, 11), (2, 1, 12)]
    message = (
        r"short: no user can be evaluated with --split time:0.5: 2 users have no interaction from 10 on, "
        r"and 1 have fewer than 2 before it; ask for another share"
    )
    with pytest.raises(ProtocolError, match=message):
        split_at_time(dataset_of(rows, "short"), 0, HALF)


@pytest.mark.parametrize("first", [0, 1])
def test_positions_are_no_times(first: int) -> None:
    """P26: every user's times count from one number on, as in a file of orders."""
    rows = [(user, item, first + item) for user in range(4) for item in range(5 + user)]
    with pytest.raises(ProtocolError, match=rf"times are {first}, {first + 1}, .* needs times of one clock"):
        split_at_time(dataset_of(rows), 0, HALF)


@pytest.mark.realdata
def test_movielens_is_split_as_a_data_frame_is(real_data: Path) -> None:
    """P26: ml-latest-small at .8, held against pandas on the file itself."""
    import pandas as pd

    path = real_data / "ml-latest-small" / "ratings.csv"
    dataset = load_dataset(path)
    frame = pd.read_csv(path)
    cut = int(frame["timestamp"].sort_values().iloc[len(frame) * 8 // 10])
    past, future = frame[frame["timestamp"] < cut], frame[frame["timestamp"] >= cut]
    n_past = past["userId"].value_counts()
    evaluated = sorted(set(n_past[n_past >= 2].index) & set(future["userId"]))
    task = build_task(dataset, split="time:0.8", n_negatives=0)
    assert (task.facts["cut_time"], task.facts["n_train"]) == (cut, len(past))
    assert dataset.user_ids[task.candidates.users].tolist() == evaluated
    first = future.groupby("userId")["timestamp"].min()
    times = future.set_index(["userId", "movieId"])["timestamp"]
    for user, item in zip(evaluated, dataset.item_ids[task.candidates.heldout].tolist(), strict=True):
        assert times[user, item] == first[user]
    assert task.facts["n_new_users"] == len(set(future["userId"]) - set(past["userId"]))
    assert task.facts["n_new_items"] == len(set(future["movieId"]) - set(past["movieId"]))
    validation = build_validation_task(dataset, split="time:0.8", n_negatives=0)
    assert len(validation.train) == len(past[past["timestamp"] < validation.facts["cut_time"]])
    assert validation.train.timestamps.max() < validation.facts["cut_time"] < cut
