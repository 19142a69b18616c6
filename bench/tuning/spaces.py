"""Search spaces: the ranges, choices and fixed values of each recommender's hyper-parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bench import choices as suite
from bench.tuning.toml_tables import read_tables, toml_key
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXAMPLE = "[ease], then reg = { low = 10, high = 5000, log = true }"


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; whole ones where both are.

    Parameters
    ----------
    log
        Whether to look for the logarithm.
    """

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers alone."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high


@dataclass(frozen=True)
class Choices:
    """Some values, by their text."""

    values: Mapping[str, Any]


Dimension: TypeAlias = Range | Choices


@dataclass(frozen=True)
class Space:
    """Where to look for one recommender's hyper-parameters.

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
    """Return the names of those of the default suite that declare a search space; a preset is what it is."""
    found = [entry for entry in registry.entries().values() if entry.by_default and not entry.preset]
    return [entry.name for entry in found if hasattr(registry.load_class(entry), "search_space")]


def read_spaces(path: Path, plugins: Mapping[str, registry.Entry]) -> dict[str, dict[str, Any]]:
    """Return the tables of a file of search spaces, as they stand there.

    Raises
    ------
    RecommenderError
        If it is not TOML, has no table, or one of an unknown recommender.
    """
    tables = read_tables(path, EXAMPLE)
    for name in tables:
        registry.find(name, plugins)
    return tables


def space_of(choice: suite.Choice, given: Mapping[str, Mapping[str, Any]]) -> Space:
    """Return a recommender's space: what was given, else its own `search_space`.

    Parameters
    ----------
    choice
        Its parameters are fixed, whatever the space says of them.
    given
        Spaces by recommender.

    Raises
    ------
    RecommenderError
        If there is none, it names an unknown parameter, or a value is of another type.
    """
    name = choice.entry.name
    table = given[name] if name in given else _own(choice)
    if table is None:
        raise RecommenderError(
            f"{name} has no search space; give it a class method search_space, or a table in a file named with "
            f"--spaces: {EXAMPLE.replace('ease', toml_key(name))}"
        )
    searched: dict[str, Dimension] = {}
    fixed: dict[str, Any] = {}
    for parameter, value in table.items():
        dimension = _dimension(choice.entry, parameter, value)
        if isinstance(dimension, Range | Choices):
            searched[parameter] = dimension
        else:
            fixed[parameter] = _typed(choice.entry, parameter, value)
    return Space(
        {parameter: dimension for parameter, dimension in searched.items() if parameter not in choice.parameters},
        {**fixed, **choice.parameters},
    )


def _own(choice: suite.Choice) -> Mapping[str, Any] | None:
    """Return what the class itself says (see `protocol.contract.Tunable`)."""
    declared = getattr(registry.load_class(choice.entry), "search_space", None)
    if not callable(declared):
        return None
    try:
        return dict(declared())
    except Exception as error:
        raise RecommenderError(
            f"{choice.entry.name}: search_space() cannot be used ({type(error).__name__}: {error}); expected a class "
            "method that returns a dictionary of ranges and choices"
        ) from error


def _dimension(entry: registry.Entry, parameter: str, value: Any) -> Dimension | None:
    """Return a range or choices; None for a value that is fixed."""
    if isinstance(value, list):
        value = {"choices": value}
    if not isinstance(value, dict):
        return None
    if value.keys() == {"choices"} and isinstance(value["choices"], list) and value["choices"]:
        typed = [_typed(entry, parameter, each) for each in value["choices"]]
        return Choices({suite.value_text(each): each for each in typed})
    if {"low", "high"} <= value.keys() <= {"low", "high", "log"}:
        low, high = (_typed(entry, parameter, value[end]) for end in ("low", "high"))
        return _range(f"{entry.name}: {parameter}", low, high, value.get("log", False))
    raise RecommenderError(
        f"{entry.name}: {parameter} = {value} is no space; write {{ low = 1, high = 9, log = true }}, "
        "{ choices = [1, 2] } or one value"
    )


def _range(what: str, low: Any, high: Any, log: Any) -> Range:
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not numbers or not low < high or not isinstance(log, bool):
        raise RecommenderError(f"{what} has low = {low}, high = {high}, log = {log}; expected numbers, low below high")
    if log and low <= 0:
        raise RecommenderError(f"{what} has low = {low} with log = true; a logarithm needs it above 0")
    return Range(low, high, log)


def _typed(entry: registry.Entry, parameter: str, value: Any) -> Any:
    return suite.typed(entry, {parameter: suite.value_text(value)})[parameter]


def rounded(value: float, within: Range) -> float:
    """Return a number with three significant digits: nobody can tell more, and a table's row is to be read.

    ``0.0123456`` -> ``0.0123``; whole numbers stay.
    """
    if within.whole or value == 0:
        return value
    digits = 2 - math.floor(math.log10(abs(value)))
    return min(max(round(value, digits), within.low), within.high)
