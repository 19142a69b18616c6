"""Scoring with factors that are computed on the first use: between epochs, scores are often not needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.types import IndexArray, Scores
    from recommenders.parts.factors import Factors


class DeferredFactors:
    """Factors of a model, computed when the first scores are asked for.

    Parameters
    ----------
    make
        Computes the factors from the model's parameters; called once. Training must not write to the arrays that it
        returns.
    """

    def __init__(self, make: Callable[[], Factors]) -> None:
        self._make = make

    @cached_property
    def factors(self) -> Factors:
        """The factors."""
        return self._make()

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64."""
        return self.factors.score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64."""
        return self.factors.score_all(users)
