"""Types of columns in Parquet and Feather."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from data_files import refused, triples
from pyarrow import feather, parquet

from protocol.data import arrow_tables

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400 * 1_000_000
DATES = [datetime.date(1970, 1, 2), datetime.date(1970, 1, 3)]
ZONED = [datetime.datetime(1970, 1, day, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1))) for day in (2, 3)]


def table(**columns: Any) -> pa.Table:
    return pa.table({"user": [1, 2], "item": [1, 2], "timestamp": [1, 2]} | columns)


def write(found: pa.Table, path: Path, kind: str) -> Path:
    (parquet.write_table if kind == "parquet" else feather.write_feather)(found, path)
    return path


@pytest.mark.parametrize("kind", ["parquet", "feather"])
@pytest.mark.parametrize(
    "times",
    [
        pa.array(DATES),
        pa.array(DATES, pa.date64()),
        pa.array(DATES).cast(pa.timestamp("ms")),
        pa.array(ZONED),
        pa.array([str(date) for date in DATES]),
        pa.array([DAY, 2 * DAY]),
        pa.array([Decimal(DAY), Decimal(2 * DAY)], pa.decimal128(20, 0)),
    ],
    ids=lambda times: str(times.type),
)
def test_every_type_of_time_is_read(times: pa.Array, kind: str, tmp_path: Path) -> None:
    path = write(table(timestamp=times), tmp_path / "data", kind)
    assert triples(path) == [(1, 1, DAY), (2, 2, 2 * DAY)]


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([b"a", b"b"]),
        pa.array(["a", "b"], pa.large_string()),
        pa.array(["a", "b"]).dictionary_encode(),
    ],
    ids=lambda ids: str(ids.type),
)
def test_every_type_of_text_is_an_id(ids: pa.Array, tmp_path: Path) -> None:
    assert triples(write(table(user=ids), tmp_path / "data", "parquet")) == [("a", 1, 1), ("b", 2, 2)]


@pytest.mark.parametrize("kind", ["parquet", "feather"])
@pytest.mark.parametrize(
    ("column", "values", "answer"),
    [
        (
            "timestamp",
            pa.array([1, 2], pa.duration("s")),
            "the timestamp has the type duration[s]; expected",
        ),
        ("timestamp", pa.array([1, 2], pa.time64("us")), "the timestamp has the type time64[us]"),
        ("timestamp", pa.array([True, False]), "the timestamp has the type bool"),
        ("user", pa.array([1.0, 2.0]), "the user has the type double; expected integers or text"),
        ("user", pa.array([Decimal(1), Decimal(2)]), "the user has the type decimal128(1, 0)"),
        ("user", pa.array([b"\xff", b"b"]), "the user holds bytes that are not UTF-8 text"),
        ("item", pa.array([True, False]), "the item has the type bool"),
        ("item", pa.array(DATES), "the item has the type date32[day]"),
        ("item", pa.array([1.0, None]), "row 2: the item is missing"),
        ("item", pa.nulls(2), "row 1: the item is missing"),
        ("rating", pa.array(DATES), "the rating has the type date32[day]; expected numbers"),
    ],
)
def test_other_types_are_refused(column: str, values: pa.Array, answer: str, kind: str, tmp_path: Path) -> None:
    found = table(**{"rating": [1, 2]} | {column: values})
    assert answer in refused(write(found, tmp_path / "data", kind), min_rating=1)


def test_true_is_a_rating(tmp_path: Path) -> None:
    path = write(table(rating=[True, False]), tmp_path / "data", "parquet")
    assert triples(path, min_rating=1) == [(1, 1, 1)]


def test_the_declared_rows_must_fit_into_memory(tmp_path: Path, monkeypatch) -> None:
    """A few kilobytes of Parquet can say that they are billions of rows."""
    path = write(table(), tmp_path / "data", "parquet")
    monkeypatch.setattr(arrow_tables, "free_memory", lambda: 40)
    assert "says that it has 2 rows, too many for 40 bytes of memory" in refused(path)
