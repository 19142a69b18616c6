"""The state that a recommender has only after it is fitted."""

from __future__ import annotations

from typing import TypeVar

from protocol.errors import NotFittedError

State = TypeVar("State")


def fitted(model: object, state: State | None) -> State:
    """Return the fitted state of a model.

    Raises
    ------
    NotFittedError
        If the state is None: the model is not fitted yet.
    """
    if state is None:
        name = type(model).__name__
        raise NotFittedError(f"{name} was asked for scores before it was fitted; call fit(train, rng=...) first")
    return state
