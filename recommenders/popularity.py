"""Item popularity: the same ranking for every user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from protocol.counting import occurrences
from recommenders.parts import footprint
from recommenders.parts.counts import Counts
from recommenders.parts.model import DeterministicModel

if TYPE_CHECKING:
    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions


@dataclass
class Popularity(DeterministicModel):
    """The number of users who touched the item: the same score for every user."""

    personalised: ClassVar[bool] = False
    processor_independent: ClassVar[bool] = True

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        return footprint.DOUBLE * (2 * facts.n_items + facts.n_scores)

    def _fitted(self, train: Interactions) -> Counts:
        """Count each item's users."""
        return Counts(occurrences(train.items, train.n_items).astype(np.float64))
