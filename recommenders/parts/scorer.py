"""Anything that scores pairs of user and item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from protocol.types import IndexArray, Scores


class Scorer(Protocol):
    """The fitted state of a model. Training may still change the parameters that it reads."""

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``."""
        ...

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``."""
        ...
