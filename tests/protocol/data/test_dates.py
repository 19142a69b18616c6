"""Dates and times in text."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from data_files import refused, triples, written
from hypothesis import given
from hypothesis import strategies as st

from protocol.data.dates import is_date, points_in_time

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000


def row(index: int) -> str:
    return f"row {index}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1970/01/02", 86_400),
        ("1970-01-01 00:01", 60),
        ("1970-01-01T00:00:01", 1),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01 00:00:01 UTC", 1),
        ("1970-01-01 02:00:01+02:00", 1),
        ("1970-01-01 02:00:01+0200", 1),
        ("1970-01-01 02:00:01+02", 1),
        ("1969-12-31T19:00:01-05:00", 1),
        (" 1970-01-02 ", 86_400),
        ("1970-01-01 00:00:01,5", 1.5),
        ("19700101T000001Z", 1),
        ("19700102T000000", 86_400),
        ("Thu Jan 01 00:00:01 +0000 1970", 1),
        ("Wed Dec 31 16:00:01 -0800 1969", 1),
        ("Thu Jan  1 00:00:01 1970", 1),
        ("Thu Jan 01 00:00:01 GMT 1970", 1),
        ("1969-12-31", -86_400),
        ("2024-02-29T23:59:59.999999Z", 1_709_251_199.999999),
    ],
)
def test_a_date_is_its_point_in_time_in_utc(text: str, seconds: float) -> None:
    found = points_in_time(np.array([text], dtype=object), row)
    assert found is not None
    assert found.astype(np.int64).tolist() == [round(seconds * SECOND)]


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_any_time_in_any_zone_is_read_as_python_reads_it(naive: datetime.datetime, minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    moment = naive.replace(tzinfo=zone)
    found = points_in_time(np.array([moment.isoformat(), moment.isoformat(" ")], dtype=object), row)
    assert found is not None
    microseconds = (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1)
    assert found.astype(np.int64).tolist() == [microseconds] * 2


@pytest.mark.parametrize("text", ["", "7", "1.5", "noon", "31.12.2024", "12/31/2024", "2024-13-01", "20240501", "2024"])
def test_other_text_is_no_date(text: str) -> None:
    assert not is_date(text)
    assert points_in_time(np.array([text], dtype=object), row) is None


HEADER = "user,item,time\n"
MISTAKES = {
    "a number among dates": (
        "1,1,2024-05-01\n1,2,881250949\n",
        "line 3: the timestamp is '881250949', expected a",
    ),
    "an empty one": ("1,1,2024-05-01\n1,2,\n", "line 3: the timestamp is '', expected a date"),
    "a zone in some rows": (
        "1,1,2024-05-01T10:00:00Z\n1,2,2024-05-01T10:00:00\n",
        "line 3: the timestamp is '2024-05-01T10:00:00', expected a time with a zone, as other rows have",
    ),
    "no such day": ("1,1,2024-05-01\n1,2,2023-02-29\n", "line 3: the timestamp is '2023-02-29', expected a day that"),
    "days or months first": ("1,1,05/01/2024\n", "line 2: the timestamp is '05/01/2024', expected a number, such as"),
    "days or months first, with advice": (
        "1,1,31.5.24 10:00\n",
        "which number is the day is in doubt: pandas.to_datetime",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_doubtful_dates_are_refused(mistake: str, tmp_path: Path) -> None:
    rows, answer = MISTAKES[mistake]
    assert answer in refused(written(tmp_path / "data.csv", HEADER + rows))


@pytest.mark.parametrize("header", ["", HEADER])
def test_a_first_line_with_a_date_is_a_row(header: str, tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", header + "ann,book,1970-01-01\nann,film,1970-01-02\n")
    assert triples(path) == [("ann", "book", 0), ("ann", "film", 86_400 * SECOND)]


def test_dates_of_python_in_a_frame_are_read() -> None:
    frame = pd.DataFrame({"user": [1], "item": [1], "time": [datetime.date(1970, 1, 2)]}, dtype=object)
    assert triples(frame.astype({"user": int, "item": int})) == [(1, 1, 86_400 * SECOND)]
