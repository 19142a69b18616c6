"""A DataFrame is a dataset like a file with the same rows, or a clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from protocol.data.loading import load_dataset
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pd.DataFrame({"user": [7, 7, 3, 3], "item": ["b", "a", "a", "a"], "timestamp": [20, 10, 5, 4]})


def test_the_interactions_of_a_frame() -> None:
    """Users 3 and 7, items a and b; the pair (3, a) counts once, at time 4."""
    dataset = load_dataset(ROWS)
    assert dataset.name == "DataFrame"
    assert dataset.user_ids.tolist() == [3, 7]
    assert dataset.item_ids.tolist() == ["a", "b"]
    assert dataset.interactions.users.tolist() == [0, 1, 1]
    assert dataset.interactions.items.tolist() == [0, 0, 1]
    assert dataset.interactions.timestamps.tolist() == [4, 10, 20]
    assert dataset.n_duplicates == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame,
        lambda frame: frame.iloc[::-1],
        lambda frame: frame.assign(user=frame["user"].astype(str)),
        lambda frame: frame.assign(user=frame["user"].astype("Int64"), item=frame["item"].astype("string")),
        lambda frame: frame.assign(item=frame["item"].astype("category"), user=frame["user"].astype("uint8")),
        lambda frame: frame.set_index("user", drop=False),
        lambda frame: frame.rename(columns={"user": "UserID"}),
        lambda frame: frame.assign(timestamp=frame["timestamp"].astype(float), extra=None),
    ],
)
def test_it_is_the_same_dataset_as_the_file(tmp_path: Path, change: Any) -> None:
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    assert load_dataset(change(ROWS)).digest == load_dataset(tmp_path / "rows.csv").digest


def test_points_in_time_are_in_utc() -> None:
    """00:00 in Berlin, in winter, is 23:00 the day before in UTC: 82800 s after 1970 began there, in microseconds."""
    times = pd.to_datetime(["1970-01-02"] * 4).tz_localize("Europe/Berlin")
    found = load_dataset(ROWS.assign(timestamp=times)).interactions.timestamps
    assert set(found.tolist()) == {82_800_000_000}


def test_names_of_columns_a_minimum_rating_and_a_name() -> None:
    frame = ROWS.rename(columns={"user": "who"}).assign(stars=[5, 3, 4, 1])
    dataset = load_dataset(frame, columns={"user": "who", "rating": "stars"}, min_rating=4, name="mine")
    assert dataset.name == "mine"
    assert len(dataset.interactions) == 2
    assert dataset.notes == ("minimum rating 4: 2 lower ratings left out",)


def test_the_frame_is_not_changed() -> None:
    frame = ROWS.copy()
    load_dataset(frame)
    pd.testing.assert_frame_equal(frame, ROWS)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (ROWS.drop(columns="item"), "DataFrame has no item column; it has user, timestamp"),
        (ROWS.drop(columns="timestamp"), "DataFrame has no timestamp column"),
        (ROWS.iloc[:0], "the DataFrame has no rows"),
        (pd.concat([ROWS, ROWS["user"]], axis=1), "DataFrame has several columns 'user'"),
        (ROWS.assign(user=[1.0, 2.0, 3.0, 4.0]), "the user ids are of the type float64; expected integers alone"),
        (ROWS.assign(user=[1, "1", 2, 3]), "some user ids are numbers and some are text, so 7"),
        (ROWS.assign(item=[True, False, True, True]), "the item ids are of the type bool"),
        (ROWS.assign(item=[("a",), ("b",), ("a",), ("a",)]), "the item ids are of the type tuple"),
        (ROWS.assign(item=pd.to_datetime([1, 2, 3, 4])), "the item ids are of the type datetime64"),
        (ROWS.assign(item=pd.to_timedelta([1, 2, 3, 4])), "the item ids are of the type timedelta64"),
        (ROWS.assign(user=[1, np.nan, 2, 3]), "DataFrame, iloc 1: the user is missing"),
        (ROWS.assign(item=["a", "b", None, "a"]), "DataFrame, iloc 2: the item is missing"),
        (ROWS.assign(timestamp=[1, 2, np.nan, 3]), "DataFrame, iloc 2: the timestamp is 'nan', expected a number"),
        (ROWS.assign(timestamp=["May 2020"] * 4), "or a date as 2024-05-31"),
        (ROWS.assign(timestamp=[True] * 4), "the column 'timestamp' has the type bool; expected numbers"),
        (ROWS.assign(timestamp=pd.to_timedelta([1, 2, 3, 4])), "the column 'timestamp' has the type timedelta64"),
        ([1, 2], "the dataset is a list; expected a name, a path or a pandas DataFrame"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_interactions_is_refused(frame: Any, expected: str) -> None:
    with pytest.raises(DatasetError) as refused:
        load_dataset(frame)
    assert expected in str(refused.value)


@pytest.mark.parametrize("name", ["", "ml-100k", "synthetic:3x3x3", "ncf:a"])
def test_a_frame_does_not_take_another_dataset_s_name(name: str) -> None:
    with pytest.raises(DatasetError, match="cannot have the name"):
        load_dataset(ROWS, name=name)


def test_only_a_frame_takes_a_name() -> None:
    with pytest.raises(DatasetError, match="names a DataFrame; the dataset synthetic has a name already"):
        load_dataset("synthetic", name="mine")
