"""What scores pairs of user and item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from protocol.types import IndexArray, Scores


class Scorer(Protocol):
    """Scores with parameters that training may go on writing to."""

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``."""
        ...

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``."""
        ...
