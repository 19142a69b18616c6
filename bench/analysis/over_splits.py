"""From the records of repeated splits to the values of a table: means, variation between splits, tests (P28)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.agreement import kendall_tau
from bench.analysis.significance import BLOCK_VALUES, PairTest, Significance, holm_tests
from bench.analysis.summary import summarise
from bench.analysis.timing_groups import TimingGroups
from bench.analysis.views import user_values
from bench.records.compared import compared_users
from bench.records.groups import check_label, group_records
from bench.records.splits import records_by_split
from protocol.blocks import equal_blocks
from protocol.evaluation.over_splits import LEAST_SPLITS, comparisons_over_splits
from protocol.evaluation.statistics import enough_users
from protocol.tasks.split_rule import TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.names import View
    from bench.records.record import Record
    from bench.records.splits import SplitRecords
    from protocol.evaluation.statistics import Comparison

    Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RowOverSplits:
    """One recommender over all splits.

    Parameters
    ----------
    label
        As in the table of each split.
    rows
        Its row in each split that has one, by the split's name; a failure is a row, too.
    n_splits
        The number of splits of the table.
    """

    label: str
    rows: Mapping[str, Row]
    n_splits: int

    def values(self, name: str) -> dict[str, float]:
        """Return the mean over users in each split that has it, by the split's name; see `Row.accuracy`."""
        return {split: row.accuracy[name].mean for split, row in self.rows.items() if name in row.accuracy}

    def mean(self, name: str) -> float | None:
        """Return the mean over splits of the means over users; None where a split lacks it."""
        values = self.values(name)
        return float(np.mean(list(values.values()))) if len(values) == self.n_splits else None

    def deviation(self, name: str) -> float | None:
        """Return the standard deviation between the splits; None where a split lacks the mean."""
        values = self.values(name)
        return float(np.std(list(values.values()), ddof=1)) if len(values) == self.n_splits else None

    @property
    def fit_seconds(self) -> float | None:
        """The mean time of fitting over splits; None where one is not known."""
        seconds = [row.fit_seconds for row in self.rows.values()]
        known = [each for each in seconds if each is not None]
        return float(np.mean(known)) if len(known) == self.n_splits else None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of all splits, without failures."""
        return tuple(record for row in self.rows.values() for record in row.records)

    @property
    def external(self) -> bool:
        """Whether another program wrote its scores."""
        return any(row.external for row in self.rows.values())


@dataclass(frozen=True)
class SplitAgreement:
    """How well two splits agree on the order of rows.

    Parameters
    ----------
    splits
        Their names.
    kendall_tau
        Kendall's tau-b by the primary mean; NaN if all rows are equal in a split.
    """

    splits: tuple[str, str]
    kendall_tau: float


@dataclass(frozen=True)
class SplitsSummary:
    """All values of a table over repeated splits.

    Parameters
    ----------
    summaries
        The values of each split's own table, by the split's name.
    rows
        By the mean over splits of the primary mean, descending; then the rows that lack a split.
    significance
        The tests over splits of the rows that have every split; None if there are too few splits, users or rows.
    suspicious
        The labels of rows that are suspicious in at least one split.
    agreements
        Of each two splits, over the rows that have every split; nothing with fewer than two rows.
    failed_baseline
        The baseline, if it lacks a split.
    """

    summaries: Mapping[str, Summary]
    rows: tuple[RowOverSplits, ...]
    significance: Significance | None
    suspicious: frozenset[str]
    agreements: tuple[SplitAgreement, ...]
    failed_baseline: str | None = None

    @property
    def first(self) -> Summary:
        """The values of the first split: cut-offs, metrics and views are those of all."""
        return next(iter(self.summaries.values()))

    @property
    def complete(self) -> tuple[RowOverSplits, ...]:
        """The rows that have the primary mean in every split."""
        return tuple(row for row in self.rows if row.mean(self.first.primary) is not None)

    @cached_property
    def timing(self) -> TimingGroups:
        """The conditions that the rows of all splits were timed under (see `bench.analysis.timing_groups`)."""
        return TimingGroups.of(record for row in self.rows for record in row.records)

    @property
    def timing_sentence(self) -> str:
        """What the letters of times mean, and which rows have them; empty where all times can be compared."""
        return self.timing.sentence([(row.label, row.records) for row in self.rows])

    def places(self, row: RowOverSplits) -> tuple[int, ...]:
        """Return a row's place in each split, from 1, among the rows that have every split; the best of equal ones."""
        name = self.first.primary
        return tuple(
            1 + sum(other.values(name)[split] > row.values(name)[split] for other in self.complete)
            for split in self.summaries
        )

    @property
    def moved(self) -> dict[str, tuple[int, int]]:
        """The best and the worst place of each row that has every split and changes its place, by its label."""
        places = {row.label: self.places(row) for row in self.complete}
        return {label: (min(found), max(found)) for label, found in places.items() if len(set(found)) > 1}

    @property
    def leaders(self) -> list[str]:
        """The rows that are first in at least one split, in the order of the table."""
        return [row.label for row in self.complete if 1 in self.places(row)]

    def test_of(self, row: RowOverSplits) -> PairTest | None:
        """Return the test of a row against the reference, if there is one."""
        return None if self.significance is None else self.significance.against_reference(row.label)


def summarise_splits(
    records: Iterable[Record],
    ks: Sequence[int] = (10,),
    baseline: str | None = None,
    metrics: Sequence[str] | None = None,
    view: View | None = None,
) -> SplitsSummary:
    """Return the values of a table over repeated splits: a pure function of the records, in any order.

    Parameters
    ----------
    ks, baseline, metrics, view
        See `bench.analysis.summary.summarise`.

    Raises
    ------
    ProtocolError
        If the records are no repeated splits, no split has a row like the baseline, or as `summarise` does.
    """
    splits = records_by_split(records)
    summaries = {split.name: summarise(split.records, ks, None, metrics, view) for split in splits}
    labels = list(dict.fromkeys(row.label for summary in summaries.values() for row in summary.rows))
    if baseline is not None:
        check_label(baseline, labels)
    found = [RowOverSplits(label, _rows_of(label, summaries), len(splits)) for label in labels]
    primary = next(iter(summaries.values())).primary
    rows = sorted(found, key=lambda row: (-_or_last(row.mean(primary)), row.label))
    suspicious = frozenset(label for summary in summaries.values() for label in summary.suspicions)
    whole = SplitsSummary(summaries, tuple(rows), None, suspicious, ())
    lacks = baseline is not None and baseline not in [row.label for row in whole.complete]
    return replace(
        whole,
        significance=None if lacks else _tests(whole, splits, baseline),
        agreements=tuple(_agreements(whole.complete, primary)),
        failed_baseline=baseline if lacks else None,
    )


def _rows_of(label: str, summaries: Mapping[str, Summary]) -> dict[str, Row]:
    """Return a recommender's row of each split, a failure only where no seed came to its end."""
    return {
        name: next(row for row in summary.rows if row.label == label)
        for name, summary in summaries.items()
        if any(row.label == label for row in summary.rows)
    }


def _or_last(mean: float | None) -> float:
    return -math.inf if mean is None else mean


def _agreements(rows: Sequence[RowOverSplits], primary: str) -> Iterable[SplitAgreement]:
    """Yield how well each two splits agree on the order of rows."""
    if len(rows) < 2:
        return
    for one, other in itertools.combinations(rows[0].values(primary), 2):
        first, second = ([row.values(primary)[split] for row in rows] for split in (one, other))
        yield SplitAgreement((one, other), kendall_tau(first, second))


def _tests(whole: SplitsSummary, splits: Sequence[SplitRecords], baseline: str | None) -> Significance | None:
    """Test the rows that have every split; None where there are too few rows, splits or users."""
    rows = sorted(whole.complete, key=lambda row: row.label in whole.suspicious)
    labels = [row.label for row in rows]
    if len(rows) < 2 or len(splits) < LEAST_SPLITS:
        return None
    values = {split.name: _values_in(split, labels, whole.first) for split in splits}
    shared = _same_users(splits)
    if shared:
        values = _of_users_in_all(values)
    if not all(enough_users(int(np.count_nonzero(_known(of_rows)))) for of_rows in values.values()):
        return None
    overlap = float(
        np.mean([split.task.facts.n_evaluated for split in splits])
        / np.mean([split.task.facts.n_train for split in splits])
    )

    def compare(pairs: Sequence[tuple[str, str]]) -> list[tuple[Comparison, int]]:
        n_values = sum(split.task.facts.n_evaluated for split in splits)
        found: list[Comparison] = []
        for block in equal_blocks(len(pairs), n_values, BLOCK_VALUES):
            differences = [_differences(of_rows, pairs[block]) for of_rows in values.values()]
            found += comparisons_over_splits(differences, overlap, same_users=shared)
        return [(each, len(splits)) for each in found]

    return holm_tests(labels, compare, whole.first.primary, baseline)


def _differences(of_rows: Mapping[str, Values], pairs: Sequence[tuple[str, str]]) -> Values:
    """Return the differences of pairs of rows of a split, ``(n_pairs, n_users)``, for the users who have a value."""
    known = _known(of_rows)
    return np.stack([(of_rows[ours] - of_rows[theirs])[known] for ours, theirs in pairs])


def _same_users(splits: Sequence[SplitRecords]) -> bool:
    """Return whether all splits evaluate the same users in the same order: cut points do not."""
    return all(split.rule.kind != TIME for split in splits) and len({s.task.facts.n_evaluated for s in splits}) == 1


def _values_in(split: SplitRecords, labels: Sequence[str], summary: Summary) -> dict[str, Values]:
    """Return each row's primary value of every evaluated user, ``(n_eval,)``: means over seeds; NaN where left out."""
    found = {}
    view, metric, k = summary.primary_view, summary.primary_metric, summary.ks[0]
    for group in group_records(split.records):
        if group.label in labels and group.fitted:
            compared = compared_users(group.fitted[0], view)
            values = np.full(compared.size, np.nan)
            values[compared] = user_values(group.fitted, view, k, [metric])[metric].mean(axis=0)
            found[group.label] = values
    return found


def _known(of_rows: Mapping[str, Values]) -> npt.NDArray[np.bool_]:
    """Return which users have a value, ``(n_eval,)``: the same for all rows of a split."""
    known: npt.NDArray[np.bool_] = ~np.isnan(next(iter(of_rows.values())))
    return known


def _of_users_in_all(values: Mapping[str, Mapping[str, Values]]) -> dict[str, dict[str, Values]]:
    """Return the values of the users who have one in every split."""
    everywhere = np.all([_known(of_rows) for of_rows in values.values()], axis=0)
    return {split: {label: each[everywhere] for label, each in of_rows.items()} for split, of_rows in values.items()}
