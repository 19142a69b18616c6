"""Numbers with decimal commas, and True and False."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from data_files import refused, triples, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("true", "false"), ("TRUE", "FALSE")])
def test_true_and_false_are_ratings_of_one_and_zero(yes: str, no: str, tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", f"user,item,liked,time\n1,10,{yes},100\n1,20,{no},200\n")
    assert triples(path, columns={"rating": "liked"}, min_rating=1) == [(1, 10, 100)]
    assert triples(path, columns={"rating": "liked"}, min_rating=0) == [(1, 10, 100), (1, 20, 200)]


def test_true_among_numbers_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user,item,rating,time\n1,10,True,100\n1,20,4,200\n")
    assert "line 2: the rating is 'True', expected a number" in refused(path, min_rating=1)


def test_true_is_no_time(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user,item,time\n1,10,True\n")
    assert "the timestamp is 'True', expected a number" in refused(path)


@pytest.mark.parametrize("header", ["", "1\t2\tTrue\t881250949\n"])
def test_true_and_false_are_ratings_without_a_header(header: str, tmp_path: Path) -> None:
    path = written(tmp_path / "data.tsv", header + "1\t10\tTrue\t881250950\n1\t20\tFalse\t881250951\n")
    assert triples(path, min_rating=1)[-1] == (1, 10, 881250950)


def test_ids_with_a_comma_are_text(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user;item;time\n1,5;10;100\n2,5;20;200\n")
    assert triples(path) == [("1,5", 10, 100), ("2,5", 20, 200)]


@pytest.mark.parametrize("header", ["user;item;rating;time\n", ""])
def test_a_comma_may_be_the_decimal_mark(header: str, tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", header + "1;10;3,5;881250100\n1;20;4;881250200\n1;30;3,25;881250300\n")
    assert triples(path, min_rating=3.5) == [(1, 10, 881250100), (1, 20, 881250200)]


def test_semicolons_in_a_field_of_commas_separate_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "1,10,3;4;5,100\n2,10,3;4,200\n")
    names = {"user": "0", "item": "1", "timestamp": "3"}
    assert triples(path, columns=names) == [(1, 10, 100), (2, 10, 200)]


def test_times_with_a_decimal_comma_are_read_in_millionths(tmp_path: Path) -> None:
    path = written(tmp_path / "data.tsv", "user\titem\ttime\n1\t10\t1400000000,25\n1\t20\t1400000001\n")
    assert triples(path) == [(1, 10, 1_400_000_000_250_000), (1, 20, 1_400_000_001_000_000)]


def test_a_comma_that_may_part_thousands_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", "user;item;rating;time\n1;10;4;100\n1;20;3,500;200\n")
    assert "line 3: the rating '3,500' may be a decimal number or thousands" in refused(path, min_rating=3)
