"""Checks of hyper-parameters; the error names the one that is out of its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def at_least(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is ``bound`` or more."""
    _check(model, names, lambda value: value >= bound, f"{bound} or more")


def above(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is more than ``bound``."""
    _check(model, names, lambda value: value > bound, f"more than {bound}")


def at_most(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is ``bound`` or less."""
    _check(model, names, lambda value: value <= bound, f"{bound} or less")


def below(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is less than ``bound``."""
    _check(model, names, lambda value: value < bound, f"less than {bound}")


def one_of(values: Sequence[str], model: object, name: str) -> None:
    """Raise `RecommenderError` unless the named hyper-parameter of the model is one of some texts."""
    value = getattr(model, name)
    if value not in values:
        raise RecommenderError(
            f"{type(model).__name__}: {name} is {value!r}, expected {' or '.join(map(repr, values))}"
        )


def check_layers(model: object, layers: Sequence[int]) -> None:
    """Raise `RecommenderError` unless all widths of the hidden layers are 1 or more."""
    if any(width < 1 for width in layers):
        raise RecommenderError(f"{type(model).__name__}: layers are {layers}, expected widths of 1 or more")


def _check(model: object, names: Sequence[str], holds: Callable[[float], bool], expected: str) -> None:
    for name in names:
        value = getattr(model, name)
        if not holds(value):
            raise RecommenderError(f"{type(model).__name__}: {name} is {value}, expected {expected}")
