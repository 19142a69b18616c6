"""Hyper-parameters within their limits, or an error that names the one that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Sequence


def at_least(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is ``bound`` or more."""
    for name in names:
        value = getattr(model, name)
        if not value >= bound:
            raise RecommenderError(f"{type(model).__name__}: {name} is {value}, expected {bound} or more")


def above(bound: float, model: object, *names: str) -> None:
    """Raise `RecommenderError` unless each named hyper-parameter of the model is more than ``bound``."""
    for name in names:
        value = getattr(model, name)
        if not value > bound:
            raise RecommenderError(f"{type(model).__name__}: {name} is {value}, expected more than {bound}")


def check_layers(model: object, layers: Sequence[int]) -> None:
    """Raise `RecommenderError` unless all widths of the hidden layers are 1 or more."""
    if any(width < 1 for width in layers):
        raise RecommenderError(f"{type(model).__name__}: layers are {layers}, expected widths of 1 or more")
