"""Columns that are named by position."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from data_files import refused, triples, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "columns", "expected"),
    [
        ("100,x,1,10\n200,x,2,10\n", "user=2,item=3,timestamp=0", [(1, 10, 100), (2, 10, 200)]),
        ("1,10,5,100,web\n", "user=0,item=1,timestamp=3", [(1, 10, 100)]),
        ("1,10,5,881250949\n", "user=0,item=1", [(1, 10, 881250949)]),
        ("1,0,5,881250949\n2,0,4,881250950\n", "user=0,item=1", [(1, 0, 881250949), (2, 0, 881250950)]),
        ("who\twhat\twhen\na\tb\t3\n", "user=0,item=1,timestamp=2", [("a", "b", 3)]),
        ("0,1,2\n7,8,9\n", "user=0,item=1,timestamp=2", [(7, 8, 9)]),
        ("1::10::5::100\n", "user=1,item=0,timestamp=3", [(10, 1, 100)]),
    ],
)
def test_columns_are_named_by_position(content: str, columns: str, expected: list, tmp_path: Path) -> None:
    names = dict(pair.split("=") for pair in columns.split(","))
    assert triples(written(tmp_path / "data.txt", content), columns=names) == expected


@pytest.mark.parametrize(
    ("content", "names", "answer"),
    [
        ("1,10,5,100,web\n", {"user": "0", "item": "1"}, "gives no position of the timestamp; add timestamp=POSITION"),
        (
            "1,10,100\n",
            {"user": "1", "item": "0"},
            "gives no position of the timestamp; add timestamp=",
        ),
        ("1,10,5,100\n", {"timestamp": "4"}, "gives no position of the user and the item"),
        (
            "1,10,5,100\n",
            {"user": "0", "item": "1", "timestamp": "4"},
            "has 4 columns, and --columns gives user=0, item=1, timestamp=4; expected a different position for each",
        ),
        ("1,10,5,100\n", {"user": "1", "item": "1", "timestamp": "3"}, "expected a different position for each"),
        ("0,1,when\n7,8,9\n", {"user": "0", "item": "1"}, "may be a header with the names user=0, item=1, or a row"),
    ],
)
def test_positions_that_leave_a_doubt_are_refused(
    content: str, names: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert answer in refused(written(tmp_path / "data.csv", content), columns=names)


@pytest.mark.parametrize("columns", [{}, {"user": "0", "item": "1", "timestamp": "2"}])
def test_a_header_of_numbers_is_not_taken_for_a_row(columns: dict[str, str], tmp_path: Path) -> None:
    rows = "".join(f"{number},{number % 5},{881_250_949 + number}\n" for number in range(20))
    answer = refused(written(tmp_path / "data.csv", "1,2,3\n" + rows), columns=columns)
    assert (
        "line 1: the timestamp is 3, where all others are Unix seconds; if this line is a header of numbers" in answer
    )
    headed = written(tmp_path / "headed.csv", "user,item,time\n1,2,3\n" + rows)
    assert len(triples(headed, columns={"timestamp": "time"})) == 21
