"""Lines of a user and the user's items in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from data_files import refused, triples, written

from bench.data import Data
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = [(1, 30, 1), (1, 10, 2), (1, 20, 3), (2, 10, 1)]


@pytest.mark.parametrize(
    "content",
    ["1 30 10 20\n2 10\n", "1\t30\t10\t20\r\n2\t10\r\n", "1,30,10,20\n2,10", "2 10 \n\n3\n1  30 10 20\n"],
)
def test_positions_in_the_line_are_the_times(content: str, tmp_path: Path) -> None:
    assert triples(f"sequences:{written(tmp_path / 'b.txt', content)}") == EXPECTED


def test_an_item_that_comes_again_counts_at_its_first_place(tmp_path: Path) -> None:
    """P1."""
    path = written(tmp_path / "b.txt", "ann x y x z\n")
    assert triples(f"sequences:{path}") == [("ann", "x", 1), ("ann", "y", 2), ("ann", "z", 4)]


@pytest.mark.parametrize(
    ("content", "options", "answer"),
    [
        ("1 2 3\n1 4\n", {}, "the user '1' has 2 lines; expected one, with the items in order"),
        ("1\n2\n", {}, "has no items; expected lines of a user and items"),
        ("", {}, "has no items"),
        ("1 2\n", {"min_rating": 3}, "has users and items only: it takes no --columns and no --min-rating"),
        ("1 2\n", {"columns": {"user": "0"}}, "it takes no --columns"),
        (b"1 \xff\n", {}, "is not UTF-8 text"),
    ],
)
def test_what_does_not_fit_is_refused(content: str | bytes, options: dict, answer: str, tmp_path: Path) -> None:
    assert answer in refused(f"sequences:{written(tmp_path / 'b.txt', content)}", **options)


def test_the_order_of_items_is_never_guessed(tmp_path: Path) -> None:
    """The items of LightGCN's files are in no order."""
    path = written(tmp_path / "train.txt", "0 1 2 3 4\n1 4 2\n2 5\n")
    assert f"if the items are in the order of time, write sequences:{path}" in refused(path)


def test_no_clock_splits_them(tmp_path: Path) -> None:
    path = written(tmp_path / "b.txt", "1 30 10\n")
    with pytest.raises(ProtocolError, match="has positions for times, which are of no clock; write last"):
        Data(f"sequences:{path}", split="time:0.8")
