"""Leave-last-out, its tie rule and its known limit (P5, P6, P23)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks import split as module
from protocol.tasks.split import leave_last_out, order_ties, order_within

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
    assert (split.n_short_users, split.tied.tolist()) == (1, [False])


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
    assert leave_last_out(dataset_of(rows), 0).tied.tolist() == [True] * 40


def test_no_item_is_preferred_among_the_tied() -> None:
    """P6: 2,000 users with four tied items each; every item is held out of about 500."""
    rows = [(user, item, 1) for user in range(2_000) for item in range(4)]
    counts = np.bincount(list(raw_heldout(rows).values()), minlength=4)
    assert counts.sum() == 2_000
    assert np.all(np.abs(counts - 500) < 5 * np.sqrt(2_000 * 0.25 * 0.75))


def test_an_earlier_tie_decides_nothing() -> None:
    """P6: user 1's first two items are tied, user 2's last two."""
    rows = [(1, 10, 5), (1, 20, 5), (1, 30, 9), (2, 10, 5), (2, 20, 9), (2, 30, 9)]
    assert leave_last_out(dataset_of(rows), 0).tied.tolist() == [False, True]


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


@settings(deadline=None)
@given(rows_lists)
def test_order_preserving_names_keep_the_split_of_untied_data(rows: list[Row]) -> None:
    """P19: integers renamed to text that sorts alike; everything is equal in indices."""
    users, items, _ = zip(*rows, strict=True)
    times = np.arange(len(rows))
    names = [
        np.array([f"{prefix}{raw_id:02}" for raw_id in ids], dtype=object)
        for prefix, ids in zip("ui", (users, items), strict=True)
    ]
    plain = leave_last_out(Dataset.from_arrays("plain", np.array(users), np.array(items), times), 0)
    named = leave_last_out(Dataset.from_arrays("named", *names, times), 0)
    for one, other in ((plain, named), (plain.train, named.train)):
        assert one.users.tolist() == other.users.tolist()
        assert one.items.tolist() == other.items.tolist()


@given(rows_lists, st.integers(1, 20))
def test_blocks_of_rows_change_nothing(rows: list[Row], block: int) -> None:
    """P19."""
    whole = order_ties(dataset_of(rows), 0).items.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_ROWS", block)
        assert order_ties(dataset_of(rows), 0).items.tolist() == whole


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2**64 - 1) | st.integers(0, 3)), max_size=30))
def test_the_order_within_groups_is_lexsorts(pairs: list[tuple[int, int]]) -> None:
    groups = np.array(sorted(group for group, _ in pairs), dtype=np.int64)
    keys = np.array([key for _, key in pairs], dtype=np.uint64)
    assert order_within(groups, keys).tolist() == np.lexsort((keys, groups)).tolist()


def test_one_user_trains_on_what_comes_after_anothers_heldout_item() -> None:
    """P23: user 1's held-out interaction is of time 3, user 2's training interactions are of times 10 and 11."""
    split = leave_last_out(dataset_of([(1, 10, 1), (1, 20, 2), (1, 30, 3), (2, 10, 10), (2, 20, 11), (2, 30, 12)]), 0)
    assert split.train.timestamps.tolist() == [1, 2, 10, 11]


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


def test_no_user_to_evaluate_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"short: none of its 2 users has 3 or more items \(the most is 2\)"):
        leave_last_out(dataset_of([(1, 10, 5), (1, 30, 9), (2, 10, 1)], "short"), 0)
