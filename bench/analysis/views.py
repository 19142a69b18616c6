"""Three views of one fit (P16), or the full ranking alone (P25), and whether views order recommenders alike (P23)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.agreement import kendall_tau
from bench.names import VIEWS, View, check_known, value_name
from bench.records.compared import compared_users
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    import numpy.typing as npt

    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from protocol.evaluation.ranking import Ranks

    Values = npt.NDArray[np.float64]
    T = TypeVar("T")


NO_WARM_ITEM = "no held-out item has a training interaction, and the view leaves out users whose item has none (P7)"
"""Why a view with drawn negatives is over no user."""


def views_of(task: RecordedTask) -> tuple[View, ...]:
    """Return the views of a task; the first one sorts the rows and is tested."""
    return VIEWS if task.facts.n_negatives else ("full",)


def shown_views(task: RecordedTask, wanted: Sequence[View]) -> tuple[View, ...]:
    """Return the wanted views that a task has; if it has none of them, its first view.

    Raises
    ------
    ProtocolError
        If a view is unknown.
    """
    for view in wanted:
        check_known("view", view, VIEWS)
    there = views_of(task)
    return tuple(view for view in wanted if view in there) or there[:1]


def user_values(records: Sequence[Record], view: View, k: int, metrics: Sequence[str]) -> dict[str, Values]:
    """Return each metric of every user at one cut-off (see `values_by_cutoff`)."""
    return values_by_cutoff(records, view, (k,), metrics)[k]


def values_by_cutoff(
    records: Sequence[Record], view: View, ks: Sequence[int], metrics: Sequence[str]
) -> dict[int, dict[str, Values]]:
    """Return each metric of every user by the cut-off; float64, ``(n_records, n_users)`` each.

    Nothing is returned where the task has no such view, where a record lacks the full ranking that the view needs, and
    for ``"expected"`` where a user has fewer untouched items than negatives are drawn, since no such draw exists. A
    metric without an exact expectation is left out of ``"expected"``. A view with drawn negatives is over the users
    whose held-out item has a training interaction (P7); there is no such view if there are none.

    Raises
    ------
    ProtocolError
        If a value is not finite.
    """
    there = views_of(records[0].task)
    nothing: dict[int, dict[str, Values]] = {k: {} for k in ks}
    if view not in there:
        return nothing
    stored = [record.ranks if view == there[0] else record.full_ranks for record in records]
    users = compared_users(records[0], view)
    ranks = [each.of(users) for each in stored if each is not None]
    if not ranks or len(ranks) < len(stored) or not users.any():
        return nothing
    n_drawn = n_negatives(records[0])
    if view != "expected":
        found = {k: {name: _stacked(METRICS[name].values, ranks, k) for name in metrics} for k in ks}
    elif n_undrawable(ranks[0], n_drawn):
        return nothing
    else:
        draws = [Draws(each, n_drawn, max(ks)) for each in ranks]
        known = {name: expected for name in metrics if (expected := METRICS[name].expected) is not None}
        found = {k: {name: _stacked(expected, draws, k) for name, expected in known.items()} for k in ks}
    for k, of_metrics in found.items():
        for name, values in of_metrics.items():
            _check_finite(values, f"{value_name(view, name, k)} of {records[0].recommender.label}")
    return found


def _stacked(metric: Callable[[T, int], Values], each: Sequence[T], k: int) -> Values:
    return np.stack([metric(one, k) for one in each])


def _check_finite(values: Values, what: str) -> None:
    """Refuse values that are not finite.

    Raises
    ------
    ProtocolError
        Counting them.
    """
    n_wrong = int(np.count_nonzero(~np.isfinite(values).all(axis=0)))
    if n_wrong:
        raise ProtocolError(
            f"{what} is not finite for {n_wrong} of {values.shape[1]} users, expected a number from 0 to 1; this is a "
            "fault of the metric, not of your data: show other metrics (--metric) or another view (--view), and please "
            "report it"
        )


def n_negatives(record: Record) -> int:
    """Return how many negatives were drawn for, or given to, each user."""
    return record.task.facts.n_negatives


def n_undrawable(full_ranks: Ranks, n_drawn: int) -> int:
    """Count users with fewer untouched items than negatives to draw."""
    return int(np.count_nonzero(full_ranks.n_rivals < n_drawn))


@dataclass(frozen=True)
class Agreement:
    """How well two views agree on the order of rows.

    Parameters
    ----------
    views
        The two views.
    kendall_tau
        Kendall's tau-b: 1, the same order, to -1, the reverse; NaN if all rows are equal in a view.
    swapped
        The pairs of labels that the first view has in this order, and the second view in the reverse order.
    """

    views: tuple[View, View]
    kendall_tau: float
    swapped: tuple[tuple[str, str], ...]


def agreements(means: Mapping[str, Mapping[View, float]]) -> tuple[Agreement, ...]:
    """Return how well each two views agree, over the rows that have both; nothing with fewer than two rows.

    Parameters
    ----------
    means
        By label: the row's mean in each view that it has.
    """
    found = []
    for views in itertools.combinations(VIEWS, 2):
        both = {label: (of[views[0]], of[views[1]]) for label, of in means.items() if of.keys() >= set(views)}
        if len(both) > 1:
            found.append(_agreement(views, both))
    return tuple(found)


def _agreement(views: tuple[View, View], means: Mapping[str, tuple[float, float]]) -> Agreement:
    first, second = zip(*means.values(), strict=True)
    swapped = []
    for one, other in itertools.combinations(sorted(means, key=lambda label: -means[label][0]), 2):
        if means[one][0] > means[other][0] and means[one][1] < means[other][1]:
            swapped.append((one, other))
    return Agreement(views, kendall_tau(first, second), tuple(swapped))
