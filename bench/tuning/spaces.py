"""Search spaces: where a search looks for the hyper-parameters of each recommender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.choices import typed, value_text
from bench.tuning.dimensions import AUTO, Categorical, Range
from bench.tuning.toml_tables import read_tables
from bench.tuning.tuned_file import header_of
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.choices import Choice
    from bench.tuning.dimensions import Dimension

_MARKS = ("log", "auto")
"""What a range may say of itself; see `bench.tuning.dimensions.Range`."""

_EXAMPLE = "then reg = { low = 10, high = 5000, log = true }"


@dataclass(frozen=True)
class Space:
    """The search space of one recommender: the values of its hyper-parameters that a search may try.

    Parameters
    ----------
    searched
        By name; may be empty.
    fixed
        Typed values.
    """

    searched: Mapping[str, Dimension]
    fixed: Mapping[str, Any]


def tunable() -> list[str]:
    """Return the names of the default suite's recommenders that declare a search space; presets have none."""
    found = [entry for entry in registry.entries().values() if entry.by_default and not entry.preset]
    return [entry.name for entry in found if registry.search_space_of(entry).table is not None]


def read_spaces(path: Path, plugins: Mapping[str, registry.Entry]) -> dict[str, dict[str, Any]]:
    """Return the tables of a file of search spaces, untyped; `space_of` checks them.

    Raises
    ------
    RecommenderError
        If the file is not TOML, has no table, or has a table of an unknown recommender.
    """
    tables = read_tables(path, f"[ease], {_EXAMPLE}")
    for name in tables:
        registry.find(name, plugins)
    return tables


def space_of(choice: Choice, given: Mapping[str, Mapping[str, Any]]) -> Space:
    """Return a recommender's space: the one given, or else the one that its class declares.

    Parameters
    ----------
    choice
        Its parameters are fixed, even where the space would search them.
    given
        Spaces by recommender.

    Raises
    ------
    RecommenderError
        If there is no space, or it names an unknown parameter, or a value is of another type.
    """
    name = choice.entry.name
    table = given[name] if name in given else _declared(choice)
    if table is None:
        raise RecommenderError(
            f"{name} has no search space; give it a class method search_space, or a table in a file named with "
            f"--spaces: {header_of(name)}, {_EXAMPLE}"
        )
    searched: dict[str, Dimension] = {}
    fixed: dict[str, Any] = {}
    for parameter, value in table.items():
        dimension = _dimension(choice.entry, parameter, value)
        if dimension is None:
            fixed[parameter] = _typed(choice.entry, parameter, value)
        elif parameter not in choice.parameters:
            searched[parameter] = dimension
    return Space(searched, {**fixed, **choice.parameters})


def _declared(choice: Choice) -> Mapping[str, Any] | None:
    """Return the space that the class declares (see `protocol.contract.Tunable`); None if it declares none."""
    declared = registry.search_space_of(choice.entry)
    if declared.problem:
        raise RecommenderError(
            f"{choice.entry.name}: search_space() cannot be used ({declared.problem}); expected a class method that "
            "returns a dictionary of ranges and choices"
        )
    return declared.table


def _dimension(entry: registry.Entry, parameter: str, value: Any) -> Dimension | None:
    """Return what a search may try for a parameter; None if the value is fixed."""
    if isinstance(value, list):
        value = {"choices": value}
    if not isinstance(value, dict):
        return None
    if value.keys() == {"choices"} and isinstance(value["choices"], list) and value["choices"]:
        values = [_typed(entry, parameter, each) for each in value["choices"]]
        return Categorical({value_text(each): each for each in values})
    if {"low", "high"} <= value.keys() <= {"low", "high", *_MARKS}:
        low, high = (_typed(entry, parameter, value[end]) for end in ("low", "high"))
        marks = {mark: value.get(mark, False) for mark in _MARKS}
        if marks["auto"] is True:
            _typed(entry, parameter, AUTO)
        return _range(f"{entry.name}: {parameter}", low, high, marks)
    raise RecommenderError(
        f"{entry.name}: {parameter} = {value} is no space; write {{ low = 1, high = 9, log = true }}, "
        "{ choices = [1, 2] } or one value"
    )


def _range(what: str, low: Any, high: Any, marks: Mapping[str, Any]) -> Range:
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not numbers or not low < high:
        raise RecommenderError(f"{what} has low = {low}, high = {high}; expected numbers, low below high")
    for mark, value in marks.items():
        if not isinstance(value, bool):
            raise RecommenderError(f"{what} has {mark} = {value}; expected true or false")
    if marks["log"] and low <= 0:
        raise RecommenderError(f"{what} has low = {low} with log = true; a logarithm needs it above 0")
    return Range(low, high, **marks)


def _typed(entry: registry.Entry, parameter: str, value: Any) -> Any:
    return typed(entry, {parameter: value})[parameter]
