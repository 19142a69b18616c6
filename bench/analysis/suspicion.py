"""Rows that are better than an honest recommender is likely to be: nearly always a leak of the held-out items.

The rules read the ranks, so they do not depend on the metrics and cut-offs that a table shows. Their thresholds were
measured on MovieLens-latest-small, FilmTrust, Last.fm-2K and Amazon Grocery, with item_knn, ease and bpr, trained as
they should be and trained on the held-out interactions, too, and on the records in ``results/``. The last column is of
ease on three of these datasets, all but Last.fm-2K:

===================================  ==========================================  ===================================
figure                               trained as they should be                   trained on the held-out items (ease)
===================================  ==========================================  ===================================
in the best tenth of the candidates  at most .94, where popularity alone has     .993 to 1.000
                                     .92; elsewhere at most .82
full HR@10                           at most .71, where popularity alone has     .61 to .76; 7 times the best honest row
                                     .68; elsewhere at most .22                  or more, but for FilmTrust
===================================  ==========================================  ===================================
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.views import views_of
from bench.records.compared import compared_counts, compared_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from bench.records.groups import Group
    from protocol.evaluation.ranking import Ranks
    from protocol.tasks.counts import TrainCounts

    Counts = npt.NDArray[np.signedinteger]

NEAR_PERFECT = 0.98
"""A share of users with the held-out item in the best tenth; among 100 drawn negatives that is HR@10."""

FAR_ABOVE = 3.0
"""How many times the next row's full HR@10 a row may have."""

HIGH = 0.3
"""A full HR@10 below which a row may be far above the next one: it is easy to be better than chance."""

_LEAST_USERS, _LEAST_RIVALS, _LEAST_IN_FULL = 50, 5, 100
"""With fewer users or rivals, chance gives such figures: at HR@10 .94, all of 50 users have a hit 5 times in 100."""


@dataclass(frozen=True, eq=False)
class _Places:
    """The places of held-out items: how many rivals come before each, how many are tied with it, and how many are."""

    n_better: Counts
    n_tied: Counts
    n_rivals: Counts

    def share_among_first(self, n: int | Counts) -> float:
        """Return the share of users whose held-out item is among the first ``n``, ties counted by chance (P15)."""
        return float(np.clip((n - self.n_better) / (self.n_tied + 1), 0, 1).mean())

    def share_in_best_tenth(self) -> float:
        """Return the share in the best tenth: among 100 rivals 10 of 101 places, among 5 the first of 6."""
        return self.share_among_first(np.maximum(1, (self.n_rivals + 1) // 10))


@dataclass(frozen=True)
class Rule:
    """What makes a row suspicious.

    Parameters
    ----------
    reason
        What a reader is told about the row.
    suspects
        Of the groups that did not fail, and the places of ordering by popularity: the labels of those that the rule
        finds.
    is_of_full
        Whether the rule is about the full ranking, which leaves out no users (P7).
    """

    reason: str
    suspects: Callable[[Sequence[Group], _Places], frozenset[str]]
    is_of_full: bool = False


def suspicions(groups: Sequence[Group]) -> dict[str, str]:
    """Return the reason for each suspicious row, by label: the first rule that applies.

    Worked: where HR@10 among 100 drawn negatives is .995, and that of popularity is .40, the row is suspicious.

    Parameters
    ----------
    groups
        Of one task, each with at least one record that did not fail.
    """
    records = [record for group in groups for record in group.fitted]
    counted = next((record for record in records if record.counts is not None), None)
    if counted is None:
        return {}
    found: dict[str, str] = {}
    for rule in RULES:
        counts = compared_counts(counted, "full" if rule.is_of_full else views_of(counted.task)[0])
        if counts is not None and counts.heldout.size >= _LEAST_USERS:
            for label in rule.suspects(groups, _by_popularity(counts)):
                found.setdefault(label, rule.reason)
    return found


def _near_perfect(groups: Sequence[Group], popularity: _Places) -> frozenset[str]:
    """Return the rows that put nearly every held-out item into the best tenth, where popularity alone does not."""
    if popularity.share_in_best_tenth() > NEAR_PERFECT:
        return frozenset()
    ranks = {group.label: [compared_ranks(record) for record in group.fitted] for group in groups}
    places = {label: _places(of_seeds, _LEAST_RIVALS) for label, of_seeds in ranks.items()}
    return frozenset(
        label
        for label, of_seeds in places.items()
        if of_seeds and np.mean([each.share_in_best_tenth() for each in of_seeds]) > NEAR_PERFECT
    )


def _far_above(groups: Sequence[Group], popularity: _Places) -> frozenset[str]:
    """Return the rows whose full HR@10 is high and far above that of the next row, and above that of popularity."""
    places = {group.label: _places([record.full_ranks for record in group.fitted], _LEAST_IN_FULL) for group in groups}
    rates = {
        label: float(np.mean([each.share_among_first(10) for each in of_seeds]))
        for label, of_seeds in places.items()
        if of_seeds
    }
    least = popularity.share_among_first(10)
    ascending = [least, *sorted(rate for rate in rates.values() if rate > least)]
    gaps = [high for low, high in itertools.pairwise(ascending) if high >= max(HIGH, FAR_ABOVE * low)]
    return frozenset(label for label, rate in rates.items() if gaps and rate >= gaps[0])


def _places(ranks: Sequence[Ranks | None], least_rivals: int) -> list[_Places]:
    """Return the places of each seed; nothing if a seed has none, or half of the users have fewer rivals."""
    known = [_Places(each.n_better, each.n_tied, each.n_rivals) for each in ranks if each is not None]
    enough = len(known) == len(ranks) and np.median(known[0].n_rivals) >= least_rivals
    return known if enough else []


def _by_popularity(counts: TrainCounts) -> _Places:
    """Return the places of the held-out items among all items, ordered by their training interactions.

    The record does not say which items a user touched. So these are rivals here, too, and popularity looks worse.
    """
    ascending = np.sort(counts.items)
    first, last = (np.searchsorted(ascending, counts.heldout, side) for side in ("left", "right"))
    n_rivals = np.full(first.size, ascending.size - 1)
    return _Places(ascending.size - last, np.maximum(last - first - 1, 0), n_rivals)


RULES = (
    Rule(
        f"the held-out item is in the best tenth of the candidates for more than {100 * NEAR_PERFECT:.0f} % of the "
        "users, which popularity alone does not reach",
        _near_perfect,
    ),
    Rule(
        f"full HR@10 is {HIGH} or more, and at least {FAR_ABOVE:.0f} times that of the next row and of popularity",
        _far_above,
        is_of_full=True,
    ),
)
"""The rules, the clearest first."""
