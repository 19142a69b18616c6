"""Random scores: the level of chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.kept import KeptState
from recommenders.parts.keyed_numbers import KeyedNumbers
from recommenders.parts.model import Model

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class Random(KeptState, Model):
    """Scores at random: the level of chance, 10 / 101 for HR@10 among 100 negatives.

    A score is a hash of the user, the item and a key that ``fit`` draws. A generator that draws in ``score`` would
    depend on the order of the calls: the same pair would get another score in another batch.
    """

    personalised: ClassVar[bool] = False
    processor_independent: ClassVar[bool] = True

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        # The hash of a pair is made in steps, each of which is an array.
        return 4 * footprint.DOUBLE * facts.n_scores

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Draw the key."""
        self._state = KeyedNumbers(rng.integers(2**64, dtype=np.uint64), train.n_items)
        return self
