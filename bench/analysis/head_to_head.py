"""Two rows of a table against each other: over all users, and over slices of them.

The slices are by the activity of the user in train, by the popularity of the held-out item in train, and by whether
that item is cold. They are for exploring: one pair named beforehand is one test, but its many slices are not tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.rivals import rivals_by_view
from bench.analysis.significance import Sample, paired
from bench.analysis.slices import span_text, user_slices
from bench.analysis.timing_groups import TimingGroups
from bench.analysis.views import NO_WARM_ITEM, user_values, views_of
from bench.names import VIEWS, View, check_known, value_name
from bench.records.compared import compared_counts, n_compared
from bench.records.groups import check_label, group_records
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS, PRIMARY, check_metric
from protocol.evaluation.statistics import Comparison, paired_comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from bench.analysis.rivals import Rivals
    from bench.analysis.slices import Mask
    from bench.records.groups import Group
    from bench.records.record import Record
    from bench.records.task import RecordedTask


SAME = 1e-12
"""Means over seeds that differ by less are a tie: the order of a sum changes its last digits."""


@dataclass(frozen=True)
class Slice:
    """Some users, and the accuracy of the two rows for them.

    Parameters
    ----------
    kind
        ``"all"``, ``"activity"`` (training interactions of the user), ``"popularity"`` (of the held-out item) or
        ``"cold"`` (held-out items without training interactions).
    low, high
        The lowest and the highest count in the slice; None for all users.
    ours, theirs
        Means over users of the means over the training seeds compared.
    comparison
        Ours minus theirs; without an interval if there are too few users.
    wins, ties, losses
        The number of users for whom ours is better, the same and worse; each user's values are averaged over seeds.
    """

    kind: str
    low: int | None
    high: int | None
    n_users: int
    ours: float
    theirs: float
    comparison: Comparison
    wins: int
    ties: int
    losses: int

    @property
    def name(self) -> str:
        """The name of the slice: ``user's activity 12-30``."""
        if self.kind == "all":
            return "all users"
        if self.kind == "cold":
            return "held-out item cold"
        span = span_text(self.low, self.high)
        return f"user's activity {span}" if self.kind == "activity" else f"item's popularity {span}"


@dataclass(frozen=True)
class HeadToHead:
    """Two rows compared by one metric.

    Parameters
    ----------
    task
        The task of the records.
    ours, theirs
        Labels of the rows.
    metric
        The name of the metric.
    figure
        The name of the mean: ``"NDCG@10"``, ``"full HR@5"``, ...
    view
        ``"sampled"``, ``"expected"`` or ``"full"``.
    k
        The cut-off.
    rivals
        The rivals of each view that the records have.
    seeds
        The training seeds compared, for each row.
    all_seeds
        All training seeds of each row, over which a table's mean is.
    too_few_seeds
        Those of the two rows that are random and have fewer training seeds than a claim about algorithms needs.
    slices
        All users first.
    timing
        Why the times of the two rows cannot be compared; empty where they can.
    """

    task: RecordedTask
    ours: str
    theirs: str
    metric: str
    figure: str
    view: View
    k: int
    rivals: Mapping[View, Rivals]
    seeds: tuple[tuple[int, ...], tuple[int, ...]]
    all_seeds: tuple[tuple[int, ...], tuple[int, ...]]
    too_few_seeds: tuple[str, ...]
    slices: tuple[Slice, ...]
    timing: str = ""


def compare_rows(
    records: Iterable[Record],
    ours: str,
    theirs: str,
    metric: str = PRIMARY,
    view: View | None = None,
    k: int = 10,
) -> HeadToHead:
    """Compare two rows, named as in the table.

    Parameters
    ----------
    view
        By default the first view of the task.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, a row is unknown or failed, both rows are the same, or a
        row does not have the view.
    """
    check_metric(metric)
    if view is not None:
        check_known("view", view, VIEWS)
    groups = {group.label: group for group in group_records(records)}
    for label in (ours, theirs):
        check_label(label, list(groups))
    if ours == theirs:
        raise ProtocolError(f"{ours} is compared with itself; name two rows of {', '.join(groups)}")
    for label in (ours, theirs):
        _check_fitted(groups[label])
    first = groups[ours].fitted[0]
    view = view or views_of(first.task)[0]
    one, other = (_sample(groups[label], metric, view, k) for label in (ours, theirs))
    values = paired(one, other)
    deterministic = one.deterministic, other.deterministic
    return HeadToHead(
        task=first.task,
        ours=ours,
        theirs=theirs,
        metric=metric,
        figure=value_name(view, metric, k),
        view=view,
        k=k,
        rivals=rivals_by_view([*groups[ours].fitted, *groups[theirs].fitted]),
        seeds=(groups[ours].seeds[: len(values[0])], groups[theirs].seeds[: len(values[1])]),
        all_seeds=(groups[ours].seeds, groups[theirs].seeds),
        too_few_seeds=tuple(sample.label for sample in (one, other) if sample.has_too_few_seeds),
        slices=tuple(
            _slice(kind, counts, mask, values, deterministic)
            for kind, counts, mask in user_slices(compared_counts(first, view), values[0].shape[1])
        ),
        timing=_timing(groups[ours], groups[theirs]),
    )


def _timing(one: Group, other: Group) -> str:
    timing = TimingGroups.of((*one.fitted, *other.fitted))
    return timing.sentence([(group.label, group.fitted) for group in (one, other)])


def _check_fitted(group: Group) -> None:
    """Refuse a row that failed.

    Raises
    ------
    ProtocolError
        With the reason of the failure.
    """
    if not group.fitted:
        reasons = [record.failure.message for record in group.failed if record.failure]
        raise ProtocolError(f"{group.label} has no values to compare: it failed ({reasons[0]})")


def _sample(group: Group, metric: str, view: View, k: int) -> Sample:
    """Return a row's values.

    Raises
    ------
    ProtocolError
        If it does not have the view.
    """
    found = user_values(group.fitted, view, k, (metric,))
    if metric not in found:
        task = group.fitted[0].task
        there = [each for each in views_of(task) if n_compared(task, each)]
        reason = _why_missing(metric, view, task)
        raise ProtocolError(f"{group.label} has no {view} view: {reason}; compare by --view {there[0]}")
    return Sample(group.label, found[metric], group.deterministic)


def _why_missing(metric: str, view: View, task: RecordedTask) -> str:
    if view not in views_of(task):
        return "its task draws no negatives"
    if not n_compared(task, view):
        return NO_WARM_ITEM
    if view == "expected" and METRICS[metric].expected is None:
        return f"no exact expectation of {metric} over draws is known"
    return "its records hold no full ranking, or users have fewer untouched items than negatives are drawn"


def _slice(
    kind: str,
    counts: npt.NDArray[np.int64] | None,
    mask: Mask,
    values: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    deterministic: tuple[bool, bool],
) -> Slice:
    ours, theirs = (of_row[:, mask] for of_row in values)
    differences = ours.mean(axis=0) - theirs.mean(axis=0)
    n_users = int(np.count_nonzero(mask))
    return Slice(
        kind=kind,
        low=None if counts is None else int(counts[mask].min()),
        high=None if counts is None else int(counts[mask].max()),
        n_users=n_users,
        ours=float(ours.mean()),
        theirs=float(theirs.mean()),
        comparison=paired_comparison(ours, theirs, deterministic=deterministic),
        wins=int(np.count_nonzero(differences > SAME)),
        ties=int(np.count_nonzero(np.abs(differences) <= SAME)),
        losses=int(np.count_nonzero(differences < -SAME)),
    )
