"""The state that a recommender has only once it is fitted."""

from __future__ import annotations

from typing import TypeVar

from protocol.errors import NotFittedError

State = TypeVar("State")


def fitted(model: object, state: State | None) -> State:
    """Return the fitted state of a model.

    Raises
    ------
    NotFittedError
        If there is none yet.
    """
    if state is None:
        name = type(model).__name__
        raise NotFittedError(f"{name} was asked for scores before it was fitted; call fit(train, rng=...) first")
    return state
