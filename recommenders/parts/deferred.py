"""Scoring with factors that are computed only when somebody asks: between epochs often nobody does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.types import IndexArray, Scores
    from recommenders.parts.factors import Factors


class DeferredFactors:
    """Factors of a model as it is when the first scores are asked for.

    Parameters
    ----------
    make
        Computes them from the model's parameters, once. They may not be memory that training goes on writing to.
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
