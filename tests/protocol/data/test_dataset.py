"""Datasets: what a table of raw interactions becomes (P1, P2, P3)."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.available import available_datasets
from protocol.data.dataset import Dataset
from protocol.data.indexing import canonical, indexed
from protocol.data.loading import load_dataset
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[str | int, str | int, int]

WHOLE = st.lists(st.tuples(st.integers(-3, 9), st.integers(0, 9), st.integers(-5, 5)), min_size=1, max_size=30)
TEXT = st.lists(
    st.tuples(st.sampled_from(["7", "007", "ä", "Zoë", "a b"]), st.text(min_size=1, max_size=2), st.integers(0, 5)),
    min_size=1,
    max_size=30,
)
ROWS = st.one_of(WHOLE, TEXT)


def dataset_of(rows: Sequence[Row]) -> Dataset:
    """Return the dataset of rows; text as objects, because NumPy's own text loses NULs at its end."""
    users, items, times = zip(*rows, strict=True)
    ids = (np.array(column, dtype=object if isinstance(column[0], str) else np.int64) for column in (users, items))
    return Dataset.from_arrays("test", *ids, np.array(times))


def contents(dataset: Dataset) -> tuple:
    own = dataset.interactions
    arrays = (dataset.user_ids, dataset.item_ids, own.users, own.items, own.timestamps)
    return (dataset.digest, *(array.tolist() for array in arrays))


def plainly(rows: Sequence[Row]) -> list[Row]:
    """Return what a dataset should hold, the slow way: each pair at its first time, by user, time and item."""
    first: dict[tuple, int] = {}
    for user, item, time in rows:
        first[user, item] = min(time, first.get((user, item), time))
    return [(user, item, time) for user, time, item in sorted((u, t, i) for (u, i), t in first.items())]


def raw_rows(dataset: Dataset) -> list[Row]:
    own = dataset.interactions
    users, items = dataset.user_ids[own.users].tolist(), dataset.item_ids[own.items].tolist()
    return list(zip(users, items, own.timestamps.tolist(), strict=True))


def test_a_small_dataset_by_hand() -> None:
    """P1, P2: user 10 comes after user 9; (10, 5) occurs twice, first at time 3."""
    dataset = dataset_of([(10, 5, 7), (9, 8, 1), (10, 5, 3), (10, 8, 2)])
    assert (dataset.user_ids.tolist(), dataset.item_ids.tolist()) == ([9, 10], [5, 8])
    assert dataset.interactions.users.tolist() == [0, 1, 1]
    assert dataset.interactions.items.tolist() == [1, 1, 0]
    assert dataset.interactions.timestamps.tolist() == [1, 2, 3]
    assert dataset.n_duplicates == 1


@settings(deadline=None)
@given(ROWS)
def test_it_holds_what_the_slow_way_gives(rows: list[Row]) -> None:
    """P1, P2."""
    dataset = dataset_of(rows)
    expected = plainly(rows)
    assert raw_rows(dataset) == expected
    assert dataset.n_duplicates == len(rows) - len(expected)
    assert dataset.user_ids.tolist() == sorted({row[0] for row in rows})
    assert dataset.item_ids.tolist() == sorted({row[1] for row in rows})


@settings(deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[Row], random) -> None:
    """P2, P19."""
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert contents(dataset_of(shuffled)) == contents(dataset_of(rows))


@settings(deadline=None)
@given(ROWS, st.data())
def test_later_repetitions_change_nothing_but_their_number(rows: list[Row], data: st.DataObject) -> None:
    """P1."""
    again = data.draw(st.lists(st.tuples(st.sampled_from(rows), st.integers(0, 9)), max_size=10))
    later = [(user, item, time + delay) for (user, item, time), delay in again]
    repeated = dataset_of([*rows, *later])
    assert contents(repeated) == contents(dataset_of(rows))
    assert repeated.n_duplicates == dataset_of(rows).n_duplicates + len(later)


def test_ids_are_ordered_as_integers_or_else_by_code_point() -> None:
    """P2."""
    assert dataset_of([(10, 0, 0), (9, 0, 0), (-1, 0, 0)]).user_ids.tolist() == [-1, 9, 10]
    assert dataset_of([("10", 0, 0), ("9", 0, 0), ("é", 0, 0), ("z", 0, 0)]).user_ids.tolist() == ["10", "9", "z", "é"]


@settings(deadline=None)
@given(WHOLE, st.integers(1, 10**12), st.integers(-(10**12), 10**12))
def test_order_preserving_relabelling_keeps_indices(rows: list[Row], scale: int, shift: int) -> None:
    """P2, P19: raw ids and digest are others, everything else stays."""
    renamed = [(user * scale + shift, item * scale + shift, time) for user, item, time in rows]
    before, after = dataset_of(rows), dataset_of(renamed)
    assert contents(after)[3:] == contents(before)[3:]
    assert after.user_ids.tolist() == [user * scale + shift for user in before.user_ids.tolist()]
    assert (after.digest == before.digest) == (renamed == rows)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(-9, 9), st.integers(-(2**62), 2**62)), min_size=1, max_size=20))
def test_indices_of_any_integers(ids: list[int]) -> None:
    distinct, indices = indexed(np.array(ids))
    assert distinct.tolist() == sorted(set(ids))
    assert distinct[indices].tolist() == ids


@settings(deadline=None)
@given(st.data(), st.sampled_from([9, 2**40, 2**62]))
def test_canonical_order_for_short_and_for_huge_spans_of_time(data: st.DataObject, span: int) -> None:
    rows = data.draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([-span, 0, span])), min_size=1)
    )
    users, items, times = (np.array(column) for column in zip(*rows, strict=True))
    own = canonical(users, items, times, 4, 4)
    found = zip(own.users.tolist(), own.timestamps.tolist(), own.items.tolist(), strict=True)
    assert list(found) == sorted((user, time, item) for user, item, time in rows)


DIFFERENT = {
    "base": [(1, 1, 1), (1, 2, 2)],
    "another time": [(1, 1, 1), (1, 2, 3)],
    "another item": [(1, 1, 1), (1, 3, 2)],
    "another user": [(1, 1, 1), (2, 2, 2)],
    "one more": [(1, 1, 1), (1, 2, 2), (1, 3, 3)],
    "as text": [("1", "1", 1), ("1", "2", 2)],
    "other letters": [("1", "11", 1), ("1", "2", 2)],
    "moved letters": [("11", "1", 1), ("11", "2", 2)],
}


def test_everything_is_in_the_digest() -> None:
    """P3."""
    assert len({dataset_of(rows).digest for rows in DIFFERENT.values()}) == len(DIFFERENT)


def test_the_digest_is_what_it_says() -> None:
    """P3: SHA-256 over ids (kind, number and values; of text first the lengths), then users, items and times."""
    start, integers = b"recbench dataset", struct.pack("<3q", 1, 1, 2)
    columns = struct.pack("<2i", 0, 0) + struct.pack("<2i", 0, 1) + struct.pack("<2q", 1, 2)
    whole = start + b"integers 1 " + integers[:8] + b"integers 2 " + integers[8:] + columns
    text = start + b"texts 1 " + struct.pack("<q", 1) + b"1" + b"texts 2 " + struct.pack("<2q", 1, 1) + b"12" + columns
    assert dataset_of(DIFFERENT["base"]).digest == hashlib.sha256(whole).hexdigest()
    assert dataset_of(DIFFERENT["as text"]).digest == hashlib.sha256(text).hexdigest()


def test_restricted_to_keeps_only_what_occurs() -> None:
    """P8: index spaces of its own."""
    dataset = dataset_of([(1, 10, 1), (1, 20, 2), (2, 20, 1), (3, 30, 1)])
    restricted = dataset.restricted_to(dataset.interactions.where(np.array([False, True, False, True])))
    assert (restricted.user_ids.tolist(), restricted.item_ids.tolist()) == ([1, 3], [20, 30])
    assert (restricted.interactions.n_users, restricted.interactions.n_items) == (2, 2)
    assert raw_rows(restricted) == [(1, 20, 2), (3, 30, 1)]


@settings(deadline=None)
@given(ROWS, st.data())
def test_restricted_is_as_if_the_others_had_never_been(rows: list[Row], data: st.DataObject) -> None:
    """P8."""
    dataset = dataset_of(rows)
    n = len(dataset.interactions)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any)))
    restricted = dataset.restricted_to(dataset.interactions.where(kept))
    fresh = dataset_of([row for row, is_kept in zip(raw_rows(dataset), kept, strict=True) if is_kept])
    assert contents(restricted) == contents(fresh)


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        ([1.5, 2.0], "1.5, a float"),
        (np.array(["a", None], dtype=object), "a missing one"),
        (np.array([1, "a"], dtype=object), "1, a int"),
    ],
)
def test_ids_of_other_types_are_refused(ids, found: str) -> None:
    with pytest.raises(DatasetError, match=f"ids are {found}"):
        Dataset.from_arrays("test", np.asarray(ids), np.array([1, 2]), np.array([1, 2]))


def test_arrays_are_read_only() -> None:
    own = dataset_of(DIFFERENT["base"]).interactions
    with pytest.raises(ValueError, match="read-only"):
        own.users[0] = 1


def test_known_datasets_are_listed_without_fetching(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("RECBENCH_DATA", raising=False)
    listed = available_datasets()
    assert [known.name for known in listed] == list(REGISTERED)
    assert (listed[0].n_users, listed[0].n_items, listed[0].n_interactions) == (943, 1682, 100_000)
    assert all(known.path is None and known.source.startswith("https://") and known.terms for known in listed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.realdata
def test_real_files_have_the_counts_their_makers_give(real_data) -> None:
    latest = load_dataset(real_data / "ml-latest-small" / "ratings.csv").interactions
    assert (latest.n_users, latest.n_items, len(latest)) == (610, 9724, 100_836)
    million = load_dataset(real_data / "ml-1m" / "ml-1m.order.tsv").interactions
    assert (million.n_users, million.n_items, len(million)) == (6040, 3706, 1_000_209)
