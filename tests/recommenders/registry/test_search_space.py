"""The search space of a class in plain values: what another process could not be given is a problem."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from recommenders.registry.search_space import DeclaredSpace, declared_space


class Size(IntEnum):
    SMALL = 4


class Colour(Enum):
    RED = 1
    BLUE = 2


def space_of(returned: Any) -> DeclaredSpace:
    class Mine:
        @classmethod
        def search_space(cls) -> Any:
            return returned

    return declared_space(Mine)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.str_("text"), "text"),
        (Size.SMALL, 4),
        ([{2, 1}], [(1, 2)]),
        ([Path("a")], ["a"]),
        ([Colour.RED, Colour.BLUE], ["RED", "BLUE"]),
        (True, True),
        (None, None),
        ((8, np.int32(4)), (8, 4)),
        ([(8,), "x"], [(8,), "x"]),
        (MappingProxyType({"low": np.int64(1), "high": 2}), {"low": 1, "high": 2}),
    ],
    ids=repr,
)
def test_a_value_becomes_one_of_python(given: Any, plain: Any) -> None:
    found = space_of({"p": given})
    assert found == DeclaredSpace({"p": plain})
    assert found.table is not None
    assert type(found.table["p"]) is type(plain)


def test_without_search_space_there_is_none_and_no_problem() -> None:
    assert declared_space(int) == DeclaredSpace(None, "")


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ({"reg": Decimal(1)}, "TypeError: found a Decimal, expected numbers, texts, true or false, None, or lists"),
        ({"reg": [object()]}, "TypeError: found a object, expected numbers"),
        ({3: 1}, "TypeError: found the key 3, expected a text"),
        ({"reg": {0: 1}}, "TypeError: found the key 0, expected a text"),
        (None, "TypeError: 'NoneType' object is not iterable"),
    ],
    ids=["decimal", "object", "number as key", "number as inner key", "none"],
)
def test_what_no_other_process_could_be_given_is_a_problem(returned: Any, problem: str) -> None:
    found = space_of(returned)
    assert found.table is None
    assert found.problem.startswith(problem)


def test_an_error_of_the_class_is_a_problem_in_one_line() -> None:
    class Mine:
        @classmethod
        def search_space(cls) -> dict[str, Any]:
            raise SystemExit("two\nlines")

    assert declared_space(Mine) == DeclaredSpace(problem="SystemExit: two lines")
