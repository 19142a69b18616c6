"""The names that a user gives to rows: what they are of, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from bench.records.labels import MOST_LETTERS, names_of_rows
from protocol.errors import RecommenderError

ROWS = {"ease": "ease", "ease:reg=500": "ease", "bpr:epochs=2": "bpr", "mine:path=a=b": "mine"}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("ease=EASE", {"ease": "EASE"}),
        ("ease:reg=500=EASE", {"ease:reg=500": "EASE"}),
        ("ease:reg=500=EASE, lambda = 500", {"ease:reg=500": "EASE, lambda = 500"}),
        ("bpr= BPR (ours) ", {"bpr:epochs=2": "BPR (ours)"}),
        ("mine:path=a=b=Mine", {"mine:path=a=b": "Mine"}),
        (["ease=E", "bpr=B"], {"ease": "E", "bpr:epochs=2": "B"}),
        ({"ease": "bpr:epochs=3"}, {"ease": "bpr:epochs=3"}),
        ((), {}),
    ],
)
def test_a_row_is_given_by_its_label_or_by_its_recommender(labels: Any, expected: dict[str, str]) -> None:
    assert names_of_rows(labels, ROWS) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("EASE", "'EASE' is no row with its name; write ROW=NAME"),
        ("eas=EASE", r"no row is called 'eas' \(did you mean 'ease'\?\); there are bpr:epochs=2, ease,"),
        ("ease:reg=500", "no row is called 'ease:reg'"),
        ("ease=", "the label is empty"),
        ({"ease": 3}, "the label is 3, of type int; expected a name"),
        ({"ease": "a\nb"}, "cannot be printed on one line"),
        ({"ease": "\x1b[31mred"}, "cannot be printed on one line"),
        ({"ease": "x" * (MOST_LETTERS + 1)}, f"has {MOST_LETTERS + 1} letters; expected {MOST_LETTERS} at most"),
        (["ease=A", "ease=B"], "the row ease is given two names, 'A' and 'B'"),
        (["ease=A", "bpr=A"], "two rows would be called 'A'"),
        ("ease=bpr:epochs=2", "two rows would be called 'bpr:epochs=2'"),
    ],
)
def test_a_name_that_is_not_fit_for_a_table_is_refused(labels: Any, expected: str) -> None:
    with pytest.raises(RecommenderError, match=expected):
        names_of_rows(labels, ROWS)


def test_a_recommender_with_several_rows_does_not_say_which_one() -> None:
    with pytest.raises(RecommenderError, match="2 rows are of ease: ease:reg=1, ease:reg=2; name one of them"):
        names_of_rows("ease=EASE", {"ease:reg=1": "ease", "ease:reg=2": "ease"})
