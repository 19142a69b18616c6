"""Search spaces: what a class declares, what a file gives, and which are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bench.choices import Choice, choose
from bench.tuning.dimensions import Categorical, Range
from bench.tuning.spaces import read_spaces, space_of, tunable
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_recommenders_of_the_default_suite_that_declare_a_space_are_tunable() -> None:
    assert tunable() == ["item_knn", "ease", "als", "bpr", "mf", "gmf", "mlp", "neumf"]


def test_a_given_space_replaces_the_declared_one_and_given_parameters_are_fixed(
    plugin: Callable[[str], str], tunable_source: str
) -> None:
    (choice,) = choose([], [plugin(tunable_source)])
    own = space_of(choice, {})
    assert own.searched == {"reg": Range(0.1, 10.0, log=True), "size": Categorical({"4": 4, "8": 8})}
    assert own.fixed == {"share": True}
    layers = {"layers": {"choices": ["64-32", [8]]}, "size": {"low": 1, "high": 9}, "reg": 3}
    given = space_of(choice, {"mine": layers})
    assert given.searched == {"layers": Categorical({"64-32": (64, 32), "8": (8,)}), "size": Range(1, 9)}
    assert given.searched["size"].whole  # type: ignore[union-attr]
    assert given.fixed == {"reg": 3.0}
    (fixed,) = choose(["mine:reg=2"], [plugin(tunable_source)])
    assert "reg" not in space_of(fixed, {}).searched
    assert space_of(fixed, {}).fixed == {"share": True, "reg": 2.0}


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"rag": 1}, "ease has no parameter 'rag'"),
        ({"reg": {"low": 1}}, "is no space; write { low = 1, high = 9, log = true }"),
        ({"reg": {"low": 1, "high": 2, "step": 1}}, "is no space"),
        ({"reg": []}, "is no space"),
        ({"reg": {"low": 2, "high": 1}}, "expected numbers, low below high"),
        ({"reg": {"low": 0, "high": 1, "log": True}}, "a logarithm needs it above 0"),
        ({"reg": {"low": "a", "high": 1}}, "reg=a is not a finite number"),
        ({"reg": {"low": 1, "high": 2, "log": 1}}, "reg has log = 1; expected true or false"),
        ({"reg": {"low": 1, "high": 2, "auto": "yes"}}, "reg has auto = yes; expected true or false"),
        ({"reg": {"low": 1, "high": 2, "auto": True}}, "reg=auto is not a finite number"),
    ],
)
def test_a_faulty_space_says_what_is_wrong(space: dict[str, Any], expected: str) -> None:
    with pytest.raises(RecommenderError) as raised:
        space_of(choose(["ease"])[0], {"ease": space})
    assert expected in str(raised.value)


@pytest.mark.parametrize(("right", "wrong"), [("@classmethod", ""), ('return {"reg"', 'return 3, {"reg"')])
def test_a_faulty_declared_space_says_what_is_wrong(
    plugin: Callable[[str], str], tunable_source: str, right: str, wrong: str
) -> None:
    assert right in tunable_source
    with pytest.raises(RecommenderError, match=r"mine: search_space\(\) cannot be used \(TypeError: "):
        space_of(choose([], [plugin(tunable_source.replace(right, wrong))])[0], {})


def test_a_space_of_an_unknown_recommender_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "spaces.toml").write_text("[eease]\nreg = 1\n")
    with pytest.raises(RecommenderError, match="did you mean 'ease'"):
        read_spaces(tmp_path / "spaces.toml", {})


def test_without_a_space_the_error_shows_the_table_to_write() -> None:
    """A name with a dot needs quotes in TOML."""
    (choice,) = choose(["random"])
    dotted = Choice(replace(choice.entry, name="my.random"), {})
    with pytest.raises(RecommenderError) as raised:
        space_of(dotted, {})
    assert str(raised.value).endswith('--spaces: ["my.random"], then reg = { low = 10, high = 5000, log = true }')
