"""What a recommender says about its memory is a number of bytes, or it is not known, and why."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from protocol.errors import RecommenderError
from protocol.train_facts import TrainFacts
from recommenders import registry
from recommenders.registry.foreseeing import foreseen_by_class, foreseen_when_built

FACTS = TrainFacts(40, 30, 500, 20, 9000, 9000, 40, 10, ranks_all=True, n_scores=1200, threads=1)


class Says:
    """Says what its parameter is."""

    def __init__(self, what: object = 5) -> None:
        self.what = what

    def resources(self, facts: TrainFacts) -> object:
        if isinstance(self.what, BaseException):
            raise self.what
        return self.what

    def fit(self, train, *, rng):
        return self

    def score(self, users, items):
        return items


@pytest.mark.parametrize(
    ("what", "n_bytes"),
    [(0, 0), (7, 7), (np.int64(2**40), 2**40), (1.5, 2), (Fraction(9, 2), 5), (np.float32(8), 8)],
)
def test_a_number_is_taken_rounded_up(what: object, n_bytes: int) -> None:
    class Returns(Says):
        def __init__(self) -> None:
            self.what = what

    found = foreseen_when_built(Returns, {}, FACTS)
    assert (found.n_bytes, found.problem) == (n_bytes, "")
    assert type(found.n_bytes) is int


def test_it_is_asked_with_the_facts_and_the_process_is_measured() -> None:
    class Counts(Says):
        def resources(self, facts: TrainFacts) -> object:
            return facts.n_items

    found = foreseen_when_built(Counts, {}, FACTS)
    assert found.n_bytes == 30
    assert found.resident is not None
    assert found.resident > 10 * 2**20


@pytest.mark.parametrize(
    "what",
    [
        None,
        "41 GiB",
        -1,
        float("nan"),
        float("inf"),
        True,
        1j,
        [],
        np.arange(3),
        10**400,
        pytest.param(10**9000, id="long"),
    ],
)
def test_what_is_no_number_of_bytes_is_not_known(what: object) -> None:
    class Returns(Says):
        def __init__(self) -> None:
            self.what = what

    found = foreseen_when_built(Returns, {}, FACTS)
    assert found.n_bytes is None
    assert "expected bytes as a number of 0 or more" in found.problem


@pytest.mark.parametrize("error", [ValueError("no idea"), SystemExit(3), KeyboardInterrupt(), MemoryError()])
def test_an_error_is_not_known_and_says_which(error: BaseException) -> None:
    class Raises(Says):
        def __init__(self) -> None:
            self.what = error

    found = foreseen_when_built(Raises, {}, FACTS)
    assert found.n_bytes is None
    assert f"its resources raised {type(error).__name__}" in found.problem


def test_without_the_method_nothing_is_known() -> None:
    assert foreseen_when_built(object, {}, FACTS).problem == "it has no method resources"


@pytest.mark.parametrize("name", ["ease", "mlp_post", "sasrec"])
def test_of_a_built_in_it_is_what_a_built_one_says(name: str) -> None:
    entry = registry.find(name)
    parameters = {**entry.preset, **({"layers": "64-32"} if name == "mlp_post" else {})}
    found = foreseen_by_class(registry.load_class(entry), parameters, FACTS)
    assert found.n_bytes == registry.new(entry, parameters).resources(FACTS)


def test_a_built_in_refuses_parameters_that_it_has_not() -> None:
    with pytest.raises(RecommenderError, match="layers"):
        foreseen_by_class(registry.load_class(registry.find("mlp")), {"layers": "many"}, FACTS)
