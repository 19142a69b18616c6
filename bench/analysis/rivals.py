"""The rivals of the held-out items, and what their number decides before anything is scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.views import n_negatives, n_undrawable, views_of
from bench.records.compared import compared_users
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.names import View
    from bench.records.record import Record
    from protocol.types import IndexArray


@dataclass(frozen=True, eq=False)
class Rivals:
    """The numbers of rivals of one view.

    Parameters
    ----------
    asked
        The number of negatives that were asked for; None for the full ranking.
    counts
        int32, ``(n_users,)``: the rivals of each held-out item, of the users whom the view is over (P7).
    """

    asked: int | None
    counts: IndexArray

    @property
    def fewest(self) -> int:
        """The smallest number of rivals."""
        return int(self.counts.min())

    @property
    def most(self) -> int:
        """The largest number of rivals."""
        return int(self.counts.max())

    def n_users_below(self, n_rivals: int) -> int:
        """Return the number of users whose held-out item has fewer rivals."""
        return int(np.count_nonzero(self.counts < n_rivals))

    def n_decided(self, metric: str, k: int) -> int:
        """Return the number of users for whom a metric is the same at every rank, so that it says nothing.

        No metric rises with the rank, so it is enough to look at the first and the last. Worked: HR@10 among 9 rivals
        is 1 at rank 1 and at rank 10; among 10 rivals it is 0 at rank 11.
        """
        gain = METRICS[metric].gain
        numbers, n_users = np.unique(self.counts, return_counts=True)
        decided = [gain(1, int(number), k) == gain(int(number) + 1, int(number), k) for number in numbers]
        return int(n_users[decided].sum())

    def decides(self, metric: str, k: int) -> bool:
        """Return whether a metric is the same for every recommender."""
        return self.n_decided(metric, k) == self.counts.size


def rivals_by_view(records: Sequence[Record]) -> dict[View, Rivals]:
    """Return the rivals of each view that the records of a task have; nothing if there are no records with ranks."""
    record = next((record for record in records if record.ranks is not None), None)
    full_ranks = next((record.full_ranks for record in records if record.full_ranks is not None), None)
    if record is None or record.ranks is None:
        return {}
    if views_of(record.task) == ("full",):
        return {"full": Rivals(None, record.ranks.n_rivals)}
    n_drawn, users = n_negatives(record), compared_users(record, "sampled")
    found: dict[View, Rivals] = {"sampled": Rivals(n_drawn, record.ranks.of(users).n_rivals)} if users.any() else {}
    if full_ranks is not None:
        if users.any() and not n_undrawable(full_ranks.of(users), n_drawn):
            found["expected"] = Rivals(n_drawn, np.full(np.count_nonzero(users), n_drawn, np.int32))
        found["full"] = Rivals(None, full_ranks.n_rivals)
    return found
