"""Scoring with random numbers that a key decides: the same pair always gets the same number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import IndexArray, Scores


@dataclass(frozen=True, eq=False)
class KeyedNumbers:
    """A hash of the user, the item and a key."""

    key: np.uint64
    n_items: int

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return numbers within 0 .. 1, ``(n, n_candidates)``, float64."""
        return self._fractions(users[:, None], items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return numbers within 0 .. 1 for all items, ``(n, n_items)``, float64."""
        return self._fractions(users[:, None], np.arange(self.n_items)[None, :])

    def _fractions(self, users: npt.NDArray[np.integer], items: npt.NDArray[np.integer]) -> Scores:
        """Return the upper 53 bits of a hash of each pair, as a fraction of 2^53."""
        hashed = _mixed(_mixed(self.key + users.astype(np.uint64)) + items.astype(np.uint64))
        return np.asarray((hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the next output of SplitMix64 (Steele et al., OOPSLA 2014) from each state; uint64 wraps around."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
