"""Hyper-parameters from text: typed, or an error that says what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from protocol.errors import RecommenderError
from recommenders.registry.parameters import REQUIRED, Parameter, parse_values, read_parameters
from recommenders.registry.plain import Unread


@dataclass
class Model:
    size: int
    rate: float = 1


def value(text: Any, default: Any = REQUIRED, annotation: str = "") -> Any:
    return parse_values("model", {"p": Parameter("p", default, annotation)}, {"p": text}, {})["p"]


@pytest.mark.parametrize(
    ("text", "default", "annotation", "expected"),
    [
        ("3", 1, "", 3),
        ("3", 1, "float", 3.0),
        ("1e-5", 0.1, "", 1e-5),
        ("true", False, "", True),
        ("No", True, "", False),
        ("64-32-16", (1,), "", (64, 32, 16)),
        ("64,32,16", (1,), "tuple[int, ...]", (64, 32, 16)),
        ("(64, 32)", (1,), "tuple[int, ...]", (64, 32)),
        ("64", (1,), "Sequence[int]", (64,)),
        ("()", (1,), "tuple[int, ...]", ()),
        ("0.1,1e-5", (0.5,), "", (0.1, 1e-5)),
        ("none", None, "float | None", None),
        ("2", None, "float | None", 2.0),
        ("3", None, "int | float", 3),
        ("3.5", None, "int | float", 3.5),
        ("3", None, "Optional[int]", 3),
        ("linear", "log", "", "linear"),
        ("log", "linear", 'Literal["log", "linear"]', "log"),
        ("4", "x", "str", "4"),
        ("4", None, "", 4),
        ("4.5", None, "", 4.5),
        ("word", None, "", "word"),
        ("7", 3, "SomeAlias", 7),
    ],
)
def test_text_becomes_a_value(text: str, default: Any, annotation: str, expected: Any) -> None:
    found = value(text, default, annotation)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "default", "annotation", "message"),
    [
        ("high", 1, "", "model: p=high is not a whole number"),
        ("0.5", 1, "int", "model: p=0.5 is not a whole number"),
        ("high", 0.5, "", "model: p=high is not a finite number"),
        ("nan", 0.5, "", "not a finite number"),
        ("inf", None, "float | None", "not none or a finite number"),
        ("maybe", True, "", "not true or false"),
        ("1", True, "", "not true or false"),
        ("64-x", (1,), "", "not whole numbers such as 64-32-16"),
        ("64--32", (1,), "", "not whole numbers"),
        ("", 3, "", "p= is not a whole number"),
        (
            "RED",
            Unread("<Colour.RED: 1>"),
            "Colour",
            "not a value that can be written as text: its annotation is Colour",
        ),
    ],
)
def test_another_type_is_an_error(text: str, default: Any, annotation: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        value(text, default, annotation)


def test_an_unknown_parameter_is_answered_with_the_known_ones() -> None:
    parameters = read_parameters(Model, {})
    with pytest.raises(RecommenderError, match=r"m has no parameter 'rat' \(did you mean 'rate'\?\); it takes size, "):
        parse_values("m", parameters, {"rat": "1"}, {})
    with pytest.raises(RecommenderError, match="m has no parameter 'rate': it takes none"):
        parse_values("m", {}, {"rate": "1"}, {})


@dataclass
class Chosen:
    mode: Literal["log", "linear"] = "log"


@pytest.mark.parametrize(
    ("given", "annotation", "expected"),
    [
        ([64, 32], "list[str]", ["64", "32"]),
        ([64, 32], "list[str] | None", ["64", "32"]),
        ([3.0, 4.0], "tuple[int, ...]", (3, 4)),
        (["3", "4"], "list[int]", [3, 4]),
        (5, "str", "5"),
        (3.0, "int | None", 3),
    ],
)
def test_numbers_are_converted_one_by_one(given: Any, annotation: str, expected: Any) -> None:
    assert repr(value(given, annotation=annotation)) == repr(expected)


@pytest.mark.parametrize(("given", "annotation"), [(None, "str"), ([1, 2], "str"), ([1, 2], "int | str"), ({}, "str")])
def test_what_is_no_text_does_not_become_one(given: Any, annotation: str) -> None:
    with pytest.raises(RecommenderError, match="model: p="):
        value(given, annotation=annotation)


def test_what_no_set_holds_is_refused() -> None:
    for text in ("[[1],[2]]", '[{"a":1}]'):
        with pytest.raises(RecommenderError, match="model: p="):
            value(text, annotation="set")


def test_a_choice_is_text() -> None:
    assert parse_values("c", read_parameters(Chosen, {}), {"mode": "linear"}, {}) == {"mode": "linear"}
