"""What is known of a class, and building it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import ClassVar

import pytest

from protocol.errors import RecommenderError
from recommenders.registry.description import build, describe, parse_parameters


@dataclass
class Full:
    """Does all there is.

    And more.
    """

    layers: tuple[int, ...] = (1,)
    deterministic: ClassVar[bool] = True

    def fit_epochs(self): ...

    def score_all(self): ...


@dataclass
class Bare:
    size: int


def test_a_full_one() -> None:
    found = describe(Full, {"layers": (2, 3)})
    assert (found.deterministic, found.iterative, found.full_ranker) == (True, True, True)
    assert found.summary == "Does all there is."
    assert found.parameters["layers"].default == (2, 3)
    assert parse_parameters("full", found, {"layers": "4-5"}) == {"layers": (4, 5)}


def test_a_bare_one() -> None:
    found = describe(Bare, {})
    assert (found.deterministic, found.iterative, found.full_ranker, found.summary) == (False, False, False, "")


def test_lists_of_json_become_tuples() -> None:
    assert build(Full, {"layers": [4, 5]}) == Full(layers=(4, 5))


def test_what_cannot_be_built() -> None:
    class Picky:
        def __init__(self, size: int = 3) -> None:
            raise ValueError("too small")

    with pytest.raises(RecommenderError, match="Bare needs size; give it a value, as in NAME:size=VALUE"):
        build(Bare, {})
    with pytest.raises(RecommenderError, match=r"Bare\(size=1, other=2\) cannot be built: .*other"):
        build(Bare, {"size": 1, "other": 2})
    with pytest.raises(RecommenderError, match=r"Picky\(size=2\) cannot be built: too small"):
        build(Picky, {"size": 2})


def test_a_model_whose_package_is_not_installed_says_so() -> None:
    class Deep:
        def __init__(self) -> None:
            importlib.import_module("no_such_package")

    with pytest.raises(RecommenderError, match="Deep cannot be built: No module named 'no_such_package'; install what"):
        build(Deep, {})
