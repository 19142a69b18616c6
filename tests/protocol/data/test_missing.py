"""Rows that lack a value: refused with what settles it, or left out and counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from data_files import refused, triples, written

from protocol.data.loading import load_dataset
from protocol.data.missing import missing_in

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "user,item,rating,time\n"
ROWS = "1,10,5,1400000100\n1,20,3,1400000300\n2,10,4,1400000200\n"
TRIPLES = [(1, 10, 1400000100), (1, 20, 1400000300), (2, 10, 1400000200)]

INCOMPLETE = {
    "an empty user": ",30,4,1400000400\n",
    "a user as Hive has none": "\\N,30,4,1400000400\n",
    "an item as R has none": "1,NA,4,1400000400\n",
    "an item of JavaScript": "1,undefined,4,1400000400\n",
    "an empty time": "1,30,4,\n",
    "a time as SQL has none": "1,30,4,NULL\n",
    "the epoch": "1,30,4,0\n",
    "an error for a time": "1,30,4,-1\n",
}


@pytest.mark.parametrize("kind", INCOMPLETE)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_row_that_lacks_a_value_is_refused_or_left_out(kind: str, place: int, tmp_path: Path) -> None:
    rows = ROWS.splitlines(keepends=True)
    path = written(tmp_path / "data.csv", HEADER + "".join((*rows[:place], INCOMPLETE[kind], *rows[place:])))
    answer = refused(path)
    assert f"line {2 + place}: the " in answer
    assert answer.count("leave such rows out with --missing drop") == 1
    assert triples(path, missing="drop") == TRIPLES


def test_what_was_left_out_is_counted_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", HEADER + ROWS + ",30,4,1400000400\nNA,,4,\n1,30,4,0\n1,40,4,-1\n")
    reading = load_dataset(path, missing="drop").reading
    assert reading is not None
    assert reading.n_dropped == 4
    assert reading.sentence().endswith("; rows left out that lack a value: 4")


def test_a_rating_is_needed_only_if_it_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", HEADER + ROWS + "2,20,,1400000400\n")
    assert len(triples(path)) == 4
    assert "line 5: the rating is '', expected a number (1 such in all); leave such rows out" in refused(
        path, min_rating=3
    )
    assert triples(path, min_rating=3, missing="drop") == TRIPLES


def test_an_error_after_rows_that_were_left_out_names_the_line_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", HEADER + ",30,4,1400000400\n" + ROWS + "1,30,4,noon\n1,40,4,0\n")
    assert "line 6: the timestamp is 'noon'" in refused(path, missing="drop")


def test_a_file_without_a_whole_row_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", HEADER + ",30,4,1400000400\n")
    assert "all rows lack a value" in refused(path, missing="drop")


def test_a_zero_among_numbers_of_no_clock_is_one_of_them(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user,item,time\n1,10,-1\n1,20,0\n1,30,1\n")
    assert triples(path) == triples(path, missing="drop") == [(1, 10, -1), (1, 20, 0), (1, 30, 1)]


def test_a_day_of_the_epoch_among_later_ones_is_none(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user,item,time\n1,10,2024-05-31\n1,20,1970-01-01\n1,30,2024-06-01\n")
    assert "line 3: the timestamp is 0, where others are Unix microseconds (1 such in all)" in refused(path)
    assert [item for _, item, _ in triples(path, missing="drop")] == [10, 30]


def test_a_time_long_before_the_others_is_refused_unless_the_user_names_it(tmp_path: Path) -> None:
    rows = "".join(f"1,{item},{1400000000 + item}\n" for item in range(30))
    path = written(tmp_path / "data.csv", "user,item,time\n1,99,77\n" + rows)
    assert "line 2: the timestamp is 77, where others are Unix seconds (1 such in all); if these are" in refused(path)
    assert "the timestamp is 77" in refused(path, missing="drop")
    assert triples(path, columns={"timestamp": "time"})[0] == (1, 99, 77)


def test_large_numbers_keep_all_digits_beside_missing_ones(tmp_path: Path) -> None:
    """As floats the ids would be even, and the times 256 ns apart."""
    ids, times = (2**53 + 1, 2**53 + 3), (1_400_000_000_000_000_001, 1_400_000_000_000_000_003)
    frame = pd.DataFrame({"user": pd.array([*ids, None], "Int64"), "item": [1, 2, 3]})
    frame["time"] = pd.array([*times, None], "Int64")
    exact = [(user, item, time) for user, item, time in zip(ids, (1, 2), times, strict=True)]
    lines = [json.dumps({"user": user, "item": item, "time": time}) for user, item, time in (*exact, (None, 3, None))]
    frame.to_parquet(tmp_path / "data.parquet")
    written(tmp_path / "data.csv", "user,item,time\n" + "".join(f"{u},{i},{t}\n" for u, i, t in exact) + ",3,\n")
    written(tmp_path / "data.jsonl", "\n".join(lines) + "\n")
    for source in (frame, *(tmp_path / f"data.{ending}" for ending in ("csv", "jsonl", "parquet"))):
        assert triples(source, missing="drop") == exact


def test_whole_numbers_that_are_floats_beside_missing_ones_are_whole_again() -> None:
    frame = pd.DataFrame({"user": [1, 2, np.nan], "item": [5, 6, 7], "time": [1, 2, 3]})
    assert triples(frame, missing="drop") == [(1, 5, 1), (2, 6, 2)]


def test_types_are_looked_at_beside_missing_ones() -> None:
    frame = pd.DataFrame({"user": [1, 1.5, None], "item": [5, 6, 7], "time": [1, 2, 3]}, dtype=object)
    assert "the user ids are of the type float" in refused(frame, missing="drop")


@pytest.mark.parametrize(
    ("values", "only_empty", "expected"),
    [
        (np.array([1, 0]), False, [False, False]),
        (np.array([1, np.nan]), False, [False, True]),
        (np.array(["NA", " ", "x", None], dtype=object), False, [True, True, False, True]),
        (np.array(["NA", " ", "x", None], dtype=object), True, [False, True, False, True]),
        (np.array(["2020-01-01", "NaT"], dtype="datetime64[s]"), False, [False, True]),
        (np.array(["2020-01-01 00:00:00", "0000-00-00 00:00:00"], dtype=object), False, [False, True]),
    ],
)
def test_what_is_missing(values: np.ndarray, only_empty: bool, expected: list[bool]) -> None:
    assert missing_in(values, only_empty=only_empty).tolist() == expected
