"""Leave-last-out and its tie rule (P5, P6)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.split import leave_last_out, order_ties

Row = tuple[int, int, int]


def dataset_of(rows: list[Row], name: str = "test") -> Dataset:
    users, items, timestamps = (np.array(column) for column in zip(*rows, strict=True))
    return Dataset.from_arrays(name, users, items, timestamps)


def raw_heldout(rows: list[Row], seed: int = 0) -> dict[int, int]:
    """Return each evaluated user's held-out item, in raw ids."""
    dataset = dataset_of(rows)
    split = leave_last_out(dataset, seed)
    return dict(zip(dataset.user_ids[split.users].tolist(), dataset.item_ids[split.items].tolist(), strict=True))


def raw_train(rows: list[Row], seed: int = 0) -> set[tuple[int, int]]:
    dataset = dataset_of(rows)
    train = leave_last_out(dataset, seed).train
    return set(zip(dataset.user_ids[train.users].tolist(), dataset.item_ids[train.items].tolist(), strict=True))


rows_lists = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 12), st.integers(0, 3)),
    min_size=3,
    max_size=60,
    unique_by=lambda r: r[:2],
).filter(lambda rows: any(sum(row[0] == user for row in rows) >= 3 for user in range(7)))


def test_the_latest_of_three_is_held_out() -> None:
    """P5: user 1's latest is item 30, user 2 has two items only and trains whole."""
    rows = [(1, 10, 5), (1, 30, 9), (1, 20, 7), (2, 10, 1), (2, 20, 2)]
    split = leave_last_out(dataset_of(rows), 0)
    assert raw_heldout(rows) == {1: 30}
    assert raw_train(rows) == {(1, 10), (1, 20), (2, 10), (2, 20)}
    assert (split.n_short_users, split.n_tied_users) == (1, 0)


def test_train_keeps_the_order_of_time() -> None:
    split = leave_last_out(dataset_of([(1, 10, 5), (1, 30, 9), (1, 20, 3), (1, 40, 4)]), 0)
    assert split.train.timestamps.tolist() == [3, 4, 5]


def test_ties_go_by_the_key_of_seed_user_and_item() -> None:
    """P6: of items tied for the latest time the one with the largest key is held out."""
    rows = [(user, item, 1) for user in range(40) for item in range(5)]
    for seed in (0, 1):
        user_keys = derive(root_key(seed, "ties"), id_keys(np.arange(40)))
        expected = {user: int(np.argmax(derive(user_keys[user], id_keys(np.arange(5))))) for user in range(40)}
        assert raw_heldout(rows, seed) == expected
    assert raw_heldout(rows, 0) != raw_heldout(rows, 1)
    assert leave_last_out(dataset_of(rows), 0).n_tied_users == 40


def test_no_item_is_preferred_among_the_tied() -> None:
    """P6: 2,000 users with four tied items each; every item is held out of about 500."""
    rows = [(user, item, 1) for user in range(2_000) for item in range(4)]
    counts = np.bincount(list(raw_heldout(rows).values()), minlength=4)
    assert counts.sum() == 2_000
    assert np.all(np.abs(counts - 500) < 5 * np.sqrt(2_000 * 0.25 * 0.75))


def test_an_earlier_tie_decides_nothing() -> None:
    split = leave_last_out(dataset_of([(1, 10, 5), (1, 20, 5), (1, 30, 9)]), 0)
    assert split.n_tied_users == 0


@given(rows_lists, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[Row], random) -> None:
    """P2, P19."""
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert raw_heldout(shuffled) == raw_heldout(rows)
    assert raw_train(shuffled) == raw_train(rows)


@given(rows_lists)
def test_every_interaction_is_trained_on_or_held_out(rows: list[Row]) -> None:
    """P5."""
    heldout, train = set(raw_heldout(rows).items()), raw_train(rows)
    assert heldout | train == {row[:2] for row in rows}
    assert not heldout & train
    latest = {user: max(row[2] for row in rows if row[0] == user) for user, _ in heldout}
    assert all((user, item, latest[user]) in rows for user, item in heldout)


@given(rows_lists, st.integers(1, 1000), st.integers(-500, 500))
def test_order_preserving_relabelling_keeps_the_split_of_untied_data(rows: list[Row], scale: int, shift: int) -> None:
    """P19."""
    untied = [(user, item, time) for time, (user, item, _) in enumerate(rows)]
    renamed = [(user * scale + shift, item * scale + shift, time) for user, item, time in untied]
    expected = {user * scale + shift: item * scale + shift for user, item in raw_heldout(untied).items()}
    assert raw_heldout(renamed) == expected


@given(rows_lists)
def test_ordering_ties_moves_nothing_else(rows: list[Row]) -> None:
    dataset = dataset_of(rows)
    before, after = dataset.interactions, order_ties(dataset, 3)
    assert after.users.tolist() == before.users.tolist()
    assert after.timestamps.tolist() == before.timestamps.tolist()
    triples = [
        set(zip(x.users.tolist(), x.items.tolist(), x.timestamps.tolist(), strict=True)) for x in (before, after)
    ]
    assert triples[0] == triples[1]


def test_nobody_to_evaluate_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"short: none of its 2 users has 3 or more items \(the most is 2\)"):
        leave_last_out(dataset_of([(1, 10, 5), (1, 30, 9), (2, 10, 1)], "short"), 0)
