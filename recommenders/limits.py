"""Hyper-parameters within their limits, or an error that names the one that is not."""

from __future__ import annotations

from protocol.errors import RecommenderError


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
