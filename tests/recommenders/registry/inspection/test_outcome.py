"""An inspection is the same after it was written as JSON and read again."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest

from recommenders import registry
from recommenders.registry.inspection.outcome import Inspection, from_json, to_json
from recommenders.registry.parameters import REQUIRED, Parameter
from recommenders.registry.plain import Unread
from recommenders.registry.search_space import DeclaredSpace, declared_space

CLASSES = [entry for entry in registry.entries().values() if not entry.is_program]


def passed_on(inspection: Inspection) -> Inspection:
    return from_json(json.loads(json.dumps(to_json(inspection))))


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
def test_the_description_of_a_class_is_the_same(entry: registry.Entry) -> None:
    cls = registry.load_class(entry)
    inspection = Inspection("described", "Mine", registry.describe(cls, entry.preset), space=declared_space(cls))
    assert passed_on(inspection) == inspection


def default_passed_on(value: Any) -> Any:
    nothing = registry.Description({}, False, True, False, False, "")
    description = replace(nothing, parameters={"p": Parameter("p", value)}, libraries=("numpy",))
    found = passed_on(Inspection("described", "Mine", description)).description
    assert found is not None
    assert found.libraries == ("numpy",)
    return found.parameters["p"].default


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1.5, 1e-300, float("inf"), "", "text", "é\ud800", (1, (2.5, "x")), [1, (2,)], (), REQUIRED],
    ids=repr,
)
def test_a_default_keeps_value_and_type(value: Any) -> None:
    found = default_passed_on(value)
    assert found == value
    assert type(found) is type(value)


def test_a_float_of_numpy_is_a_float() -> None:
    found = default_passed_on(np.float64(0.1))
    assert found == 0.1
    assert type(found) is float


class Colour(Enum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, "RED"),
        (PurePosixPath("a/b"), "a/b"),
        ({"a": [1]}, {"a": [1]}),
        (np.float32(0.5), 0.5),
        ({3, 1}, (1, 3)),
    ],
)
def test_a_default_that_text_can_give_is_passed_on_as_a_plain_value(value: Any, plain: Any) -> None:
    assert default_passed_on(value) == plain
    assert not isinstance(default_passed_on(value), Unread)
    assert default_passed_on((1, value)) == (1, plain)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (object(), "<object object>"),
        (1j, "1j"),
    ],
)
def test_any_other_default_is_its_repr_without_an_address(value: Any, text: str) -> None:
    found = default_passed_on(value)
    assert found == text
    assert isinstance(found, Unread)
    assert isinstance(default_passed_on((1, value)), Unread)


@pytest.mark.parametrize(
    "space",
    [
        DeclaredSpace(),
        DeclaredSpace(problem="KeyError: 'x'"),
        DeclaredSpace(
            {"table": {"low": 1, "high": 2.5, "log": True}, "list": [(64, 32), [1], "x"], "tuple": (8, None)}
        ),
    ],
)
def test_a_search_space_keeps_its_values_and_types(space: DeclaredSpace) -> None:
    found = passed_on(Inspection("described", "Mine", space=space)).space
    assert repr(found) == repr(space)


def test_a_problem_is_the_same() -> None:
    inspection = Inspection("timed out", problem="importing it took longer than 20 s")
    assert passed_on(inspection) == inspection
