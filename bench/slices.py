"""How accurate each row is for some users: by how active they are, and how popular their held-out item is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.comparison import FEWEST_USERS, span_text, user_slices
from bench.views import user_values
from protocol.statistics import Interval, mean_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.groups import Group
    from bench.names import Metric, View


@dataclass(frozen=True)
class SliceAccuracy:
    """One row's mean over the users of one slice.

    Parameters
    ----------
    kind
        As of `bench.comparison.Slice`.
    span
        The counts in the slice: ``"12-30"``, ``"cold"``, and ``"all"`` for all users.
    interval
        Over users, of values averaged over training seeds (P17); without ends where the users are too few.
    """

    label: str
    kind: str
    span: str
    n_users: int
    interval: Interval


def slice_accuracies(groups: Sequence[Group], metric: Metric, view: View, k: int) -> list[SliceAccuracy]:
    """Return one figure by row and slice, in the order of the groups; those without the view have none."""
    found = []
    for group in groups:
        values = user_values(group.fitted, view, k).get(metric) if group.fitted else None
        if values is None:
            continue
        means = np.mean(values, axis=0)
        for kind, counts, mask in user_slices(group.fitted[0].counts, means.size):
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
