"""The accuracy of each row by slices of users: by their activity, and by the popularity of their held-out item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench.analysis.views import user_values
from bench.records.compared import compared_counts
from protocol.evaluation.intervals import Interval, mean_interval
from protocol.evaluation.statistics import LEAST_USERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.names import View
    from bench.records.groups import Group
    from protocol.tasks.counts import TrainCounts

    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SliceAccuracy:
    """One row's mean over the users of one slice.

    Parameters
    ----------
    kind
        See `bench.analysis.head_to_head.Slice`.
    span
        The counts in the slice: ``"12-30"``, ``"cold"``, and ``"all"`` for all users.
    interval
        Over users, of values averaged over training seeds (P17); without ends if there are too few users.
    """

    label: str
    kind: str
    span: str
    n_users: int
    interval: Interval

    @property
    def title(self) -> str:
        """Kind and counts: ``activity 12-30``, ``popularity 1``, ``cold``, ``all``."""
        return self.kind if self.kind == self.span else f"{self.kind} {self.span}"


def slice_accuracies(groups: Sequence[Group], metric: str, view: View, k: int) -> list[SliceAccuracy]:
    """Return one mean for each row and slice, in the order of the groups; rows without the view have none."""
    found = []
    for group in groups:
        values = user_values(group.fitted, view, k, (metric,)).get(metric) if group.fitted else None
        if values is None:
            continue
        means = np.mean(values, axis=0)
        for kind, counts, mask in user_slices(compared_counts(group.fitted[0], view), means.size):
            n_users = int(np.count_nonzero(mask))
            interval = mean_interval(means[mask])
            if n_users < FEWEST_USERS:
                interval = Interval(interval.mean, float("nan"))
            span = (
                kind
                if counts is None or kind == "cold"
                else span_text(int(counts[mask].min()), int(counts[mask].max()))
            )
            found.append(SliceAccuracy(group.label, kind, span, n_users, interval))
    return found


FEWEST_USERS = LEAST_USERS
"""A slice of fewer users has no interval, for the reason for which it has no test."""


def user_slices(counts: TrainCounts | None, n_eval: int) -> Iterator[tuple[str, npt.NDArray[np.int64] | None, Mask]]:
    """Yield the kind of each slice, the counts that define it, ``(n_eval,)``, and which users are in it."""
    yield "all", None, np.ones(n_eval, dtype=np.bool_)
    if counts is None:
        return
    for mask in quarters(counts.users):
        yield "activity", counts.users, mask
    cold = counts.heldout == 0
    if cold.any():
        yield "cold", counts.heldout, cold
    for mask in quarters(counts.heldout, ~cold):
        yield "popularity", counts.heldout, mask


def span_text(low: int | None, high: int | None) -> str:
    """Return ``12-30``, and ``12`` if both are the same."""
    return f"{low}" if low == high else f"{low}-{high}"


def quarters(counts: npt.NDArray[np.int64], among: Mask | None = None) -> list[Mask]:
    """Cut users at the quartiles of their counts, ascending: four groups, or fewer, because equal counts stay together.

    Worked: 1 1 1 2 3 9 9 9 has the quartiles 1, 2 and 9, so the groups are 1 1 1, 2 and 3 9 9 9.

    Parameters
    ----------
    counts
        int64, ``(n_eval,)``.
    among
        bool, ``(n_eval,)``: the users to cut; all by default.
    """
    chosen = np.ones(counts.shape, dtype=np.bool_) if among is None else among
    if not chosen.any():
        return []
    bounds = np.unique(np.quantile(counts[chosen], (0.25, 0.5, 0.75), method="inverted_cdf"))
    group_of = np.searchsorted(bounds, counts)
    return [chosen & (group_of == group) for group in np.unique(group_of[chosen])]
