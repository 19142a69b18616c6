"""JSON: objects a line, arrays of objects, nested names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from data_files import refused, triples, written

if TYPE_CHECKING:
    from pathlib import Path

AMAZON = [
    {"reviewerID": "A1", "asin": "000", "overall": 5.0, "unixReviewTime": 1252800000, "helpful": [1, 2]},
    {"reviewerID": "A2", "asin": "B1", "overall": 3.0, "unixReviewTime": 1252800001, "summary": "so, so"},
]
AMAZON_NAMES = {"user": "reviewerID", "item": "asin", "timestamp": "unixReviewTime", "rating": "overall"}
NESTED = [{"who": {"id": 7, "name": "x"}, "what": {"book": {"id": 8}}, "at": "1970-01-01 00:00:01"}]
NESTED_NAMES = {"user": "who.id", "item": "what.book.id", "timestamp": "at"}


def as_lines(objects: list[dict]) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)


@pytest.mark.parametrize(
    "write", [as_lines, json.dumps, lambda one: json.dumps(one, indent=2), lambda one: "\ufeff" + as_lines(one)]
)
@pytest.mark.parametrize("name", ["reviews.json", "reviews"])
def test_amazon_reviews_are_read(write, name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, write(AMAZON))
    assert triples(path, columns=AMAZON_NAMES) == [("A1", "000", 1252800000), ("A2", "B1", 1252800001)]
    assert triples(path, columns=AMAZON_NAMES, min_rating=4) == [("A1", "000", 1252800000)]


@pytest.mark.parametrize("write", [as_lines, json.dumps])
def test_nested_names_have_dots(write, tmp_path: Path) -> None:
    assert triples(written(tmp_path / "a.json", write(NESTED)), columns=NESTED_NAMES) == [(7, 8, 1_000_000)]


def test_a_name_may_have_a_dot_of_its_own(tmp_path: Path) -> None:
    objects = [{"who.id": 1, "who": {"id": 2}, "item": 3, "time": 4}]
    names = {"user": "who.id"}
    answer = refused(written(tmp_path / "a.json", as_lines(objects)), columns={"user": "nobody.id"})
    assert "has no column 'nobody.id'; it has who.id, item, time" in answer
    assert triples(written(tmp_path / "a.json", as_lines(objects)), columns=names) == [(1, 3, 4)]


def test_true_is_a_rating(tmp_path: Path) -> None:
    objects = [{"user": 1, "item": item, "rating": item > 1, "time": 4} for item in (1, 2)]
    assert triples(written(tmp_path / "a.json", as_lines(objects)), min_rating=1) == [(1, 2, 4)]


GOOD = '{"user": 1, "item": 2, "time": 3}\n'
SHAPE = "expected an object a line, or one array of objects, one for each interaction"
REFUSED = {
    "columns": (
        '{"user": {"0": 1}, "item": {"0": 2}, "time": {"0": 3}}',
        "of another shape: one object with user, item",
    ),
    "lists": ('{"user": [1], "item": [2], "time": [3]}', "of another shape: one object with user, item, time in it"),
    "inside": ('{"ratings": [{"user": 1}]}', "is JSON of another shape: one object with ratings in it"),
    "inside, beside others": (
        '{"ratings": [{"user": 1, "item": 2, "time": 3}], "page": 1}',
        "is JSON of another shape: one object with ratings, page in it",
    ),
    "rows": ("[[1, 2, 3]]", "is JSON of another shape: '[1, 2, 3]' in place of an object"),
    "a number": ("5", "is JSON of another shape: '5' in place of an object"),
    "nothing": ("", "has no objects"),
    "an empty array": ("[]", "has no objects"),
    "one over several lines": (json.dumps({"user": 1}, indent=1), "line 1: '{' is no JSON object"),
    "cut short": (GOOD + GOOD[:-4], "line 2: "),
    "an array cut short": ("[" + GOOD + ",", "is no JSON (Input data was truncated); is it whole?"),
    "no UTF-8": (GOOD.encode() + b'{"user": "\xff", "item": 1, "time": 2}\n', "line 2: "),
    "deep": ('{"user": 1, "item": 2, "time": 3, "x": ' + "[" * 99_999 + "]" * 99_999 + "}", "is no JSON"),
    "a long number": (GOOD.replace("3", "3" * 140_000), "line 1: "),
    "a missing id": (GOOD + '{"item": 2, "time": 3}\n', "object 2: the user is missing"),
    "a null": (GOOD.replace("1", "null"), "object 1: the user is missing"),
    "a float id": (GOOD.replace("1", "1.0"), "object 1: the user is '1.0', a float; expected an integer or text"),
    "a true id": (GOOD.replace("1", "true"), "object 1: the user is 'True', a bool; expected an integer or text"),
    "a list": (GOOD.replace("1", "[1]") + GOOD, "object 1: the user is '[1]', a list"),
    "two kinds of ids": (GOOD + GOOD.replace("1", '"1"'), "some user ids are numbers and some are text"),
    "a true time": (
        GOOD.replace("3", "true"),
        "object 1: the timestamp is 'True', a bool; expected a number",
    ),
    "no names": ('{"a": 1, "b": {"c": 2}}\n', "has no user column; it has a, b.c; name it with --columns user=NAME"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_json_is_refused(kind: str, tmp_path: Path) -> None:
    content, answer = REFUSED[kind]
    found = refused(written(tmp_path / "a.json", content))
    assert answer in found
    assert len(found) < 700
