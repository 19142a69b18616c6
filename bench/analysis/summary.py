"""From records to the values of a table: its rows, its tests, and whether its views agree."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from bench.analysis.rivals import rivals_by_view
from bench.analysis.rows import Row, are_of_several_machines, failed_rows, pooled_row
from bench.analysis.settings import Settings, in_settings
from bench.analysis.significance import Sample, Significance, run_tests
from bench.analysis.slices import slice_accuracies
from bench.analysis.suspicion import suspicions
from bench.analysis.timing_groups import TimingGroups
from bench.analysis.views import (
    NO_WARM_ITEM,
    Agreement,
    agreements,
    n_negatives,
    n_undrawable,
    values_by_cutoff,
    views_of,
)
from bench.names import VIEWS, value_name
from bench.records.compared import compared_users, n_compared
from bench.records.groups import Group, check_label, group_records
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS, check_metrics, primary_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from bench.analysis.rivals import Rivals
    from bench.analysis.significance import PairTest
    from bench.analysis.slices import SliceAccuracy
    from bench.names import View
    from bench.records.record import Record
    from bench.records.task import RecordedTask


@dataclass(frozen=True)
class Summary:
    """All values of a table.

    Parameters
    ----------
    task
        The task of the records.
    ks
        The cut-offs; the first one sorts and is tested.
    metrics
        The names of the metrics. NDCG sorts and is tested; where it is not among them, the first metric does.
    primary_view
        The view that sorts the rows and that tests are about: the one that is shown first.
    are_metrics_named
        Whether the user named the metrics; if not, they are the default ones.
    rows
        By the primary metric at the first cut-off, descending, in the primary view; then the rows that do not have this
        view, and failures last. The settings of one recommender are neighbours, also those that failed, where the best
        of them is.
    significance
        The tests of that mean; None with fewer than two rows that have it, with too few users, or if the baseline
        failed.
    failed_baseline
        The baseline, if it failed or does not have the primary view.
    agreements
        Whether the views give the rows the same order, by the primary metric at the first cut-off.
    suspicions
        By label: why a row is likely to know the held-out items (see `bench.analysis.suspicion`).
    environments
        The distinct environments of the records; external rows have none.
    threads, patiences
        The distinct numbers of threads, and of epochs without improvement after which selection stopped.
    rivals
        The rivals of each view that the records have.
    n_undrawable
        The number of users of the drawn views who have fewer untouched items than negatives are drawn; None if no
        record has full ranks.
    heldout_popularity
        Mean number of training interactions of the held-out items; None if no record has the counts.
    slices
        The primary mean of each row over slices of users, as far as the records have counts; None if they were not
        asked for. The rows have them in `Row.accuracy`, too, under `slice_name`.
    """

    task: RecordedTask
    ks: tuple[int, ...]
    metrics: tuple[str, ...]
    primary_view: View
    are_metrics_named: bool
    rows: tuple[Row, ...]
    significance: Significance | None
    failed_baseline: str | None
    agreements: tuple[Agreement, ...]
    suspicions: Mapping[str, str]
    environments: tuple[Mapping[str, Any], ...]
    threads: tuple[int, ...]
    patiences: tuple[int, ...]
    rivals: Mapping[View, Rivals]
    n_undrawable: int | None
    heldout_popularity: float | None
    slices: tuple[SliceAccuracy, ...] | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """All training seeds of the rows that were fitted here, ascending."""
        return tuple(sorted({seed for row in self.rows if not row.external for seed in row.seeds}))

    @property
    def primary_metric(self) -> str:
        """The metric that sorts the rows and that tests are about."""
        return primary_of(self.metrics)

    @property
    def primary_label(self) -> str:
        """The primary metric with its cut-off: ``NDCG@10``."""
        return METRICS[self.primary_metric].label(self.ks[0])

    @property
    def metrics_as_shown(self) -> tuple[str, ...]:
        """The metrics in the order of columns: the one that sorts the rows comes first."""
        return (self.primary_metric, *(metric for metric in self.metrics if metric != self.primary_metric))

    @property
    def primary(self) -> str:
        """The name, in `Row.accuracy`, of the mean that sorts the rows and that tests are about."""
        return value_name(self.primary_view, self.primary_metric, self.ks[0])

    @cached_property
    def settings(self) -> list[Settings]:
        """The rows by recommender (see `bench.analysis.settings`)."""
        return _settings_of(self.rows)

    @property
    def has_selection_seconds(self) -> bool:
        """Whether any row records the time of choosing on the validation task."""
        return any(row.selection_seconds is not None for row in self.rows)

    @property
    def reference_role(self) -> str:
        """What the reference of the tests is, in words: ``the baseline``, ``the best row``."""
        return self.role_in(self.significance)

    def role_in(self, tests: Significance | None) -> str:
        """Return what the reference of some tests of these rows is, in words."""
        is_baseline = tests is not None and tests.is_baseline
        if tests is not None and tests.reference in self.suspicions:
            return "the suspicious baseline" if is_baseline else "the best row, which is suspicious"
        if is_baseline:
            return "the baseline"
        return "the best row that is not suspicious" if self.suspicions else "the best row"

    @property
    def untuned(self) -> dict[str, str]:
        """By the label of a row with default parameters: the dataset that they were chosen on, where it is another one.

        Rows with the parameters of a file are not among them: where these were found has a note of its own.
        """
        chosen = {row.label: row.chosen_defaults for row in self.rows if not row.found_parameters}
        return {label: name for label, name in chosen.items() if name is not None and name != self.task.dataset}

    @property
    def has_several_machines(self) -> bool:
        """Whether rows come from different machines, so that their times cannot be compared."""
        return are_of_several_machines(self.rows)

    def setting_of(self, row: Row) -> str | None:
        """Return the parameters in which a row differs from others of its recommender; None where there are none."""
        return next(each.text_of(row.label) for each in self.settings if row.label in each.labels) or None

    @property
    def has_several_devices(self) -> bool:
        """Whether rows come from different devices, so that their times cannot be compared."""
        records = (record for row in self.rows for record in row.every_record if record.environment.is_known)
        return len({record.machine[-1] for record in records}) > 1

    @cached_property
    def timing(self) -> TimingGroups:
        """The conditions that the rows were timed under (see `bench.analysis.timing_groups`)."""
        return TimingGroups.of(record for row in self.rows for record in row.records)

    @property
    def incomparable_times(self) -> str:
        """What makes times incomparable: ``"several machines"``, ``"several devices"``; empty where nothing does."""
        return self.timing.are_of

    @property
    def timing_sentence(self) -> str:
        """What the letters of times mean, and which rows have them; empty where all times can be compared."""
        return self.timing.sentence([(row.label, row.records) for row in self.rows])

    def slice_name(self, each: SliceAccuracy) -> str:
        """Return the name of a slice's mean in `Row.accuracy`: ``NDCG@10 activity 12-30``, ``NDCG@10 cold``."""
        return f"{self.primary} {each.title}"

    def is_suspicious(self, row: Row) -> bool:
        """Whether a row is likely to know the held-out items."""
        return row.label in self.suspicions and not row.failed

    def is_marked(self, row: Row) -> bool:
        """Whether a row is not distinguishable from the reference."""
        test = self.test_of(row)
        return test is not None and not test.distinguishable

    def test_of(self, row: Row) -> PairTest | None:
        """Return the test of a row against the reference, if there is one."""
        if row.failed or self.significance is None:
            return None
        return self.significance.against_reference(row.label)


def summarise(
    records: Iterable[Record],
    ks: Sequence[int] = (10,),
    baseline: str | None = None,
    metrics: Sequence[str] | None = None,
    view: View | None = None,
    *,
    slices: bool = False,
) -> Summary:
    """Return the values of a table: a pure function of the records, in any order.

    Parameters
    ----------
    baseline
        The label of the row that all others are tested against, if it was named beforehand (see `run_tests`).
    metrics
        Names of `protocol.evaluation.metrics.METRICS`; by default those that tables show by default.
    view
        The view that sorts the rows and that tests are about; by default the first view of the task, by which it is
        measured or, where no row has it, the next one.
    slices
        Whether to compute the primary mean over slices of users, too.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, a metric is unknown, no row has the name of the baseline,
        no row has the view, or a value is not finite.
    """
    shown = check_metrics(metrics)
    groups = group_records(records)
    members = [record for group in groups for record in (*group.fitted, *group.failed)]
    task = _pooled_task(members)
    primary_metric = primary_of(shown)
    fitted = [(group, _accuracy_values(group, ks, shown)) for group in groups if group.fitted]
    primary_view = view or _first_view(task, primary_metric, ks[0], [values for _, values in fitted])
    primary = value_name(primary_view, primary_metric, ks[0])
    fitted.sort(key=lambda pair: (-_mean_of(pair[1], primary), pair[0].label))
    measured = [(group, values[primary]) for group, values in fitted if primary in values]
    if fitted and not measured:
        raise ProtocolError(_no_view(task, primary_view, primary))
    if baseline is not None:
        check_label(baseline, [group.label for group in groups])
    baseline_failed = baseline is not None and baseline not in [group.label for group, _ in measured]
    suspicious = suspicions([group for group, _ in fitted])
    # The best row that is not suspicious is the reference of the tests.
    measured.sort(key=lambda pair: pair[0].label in suspicious)
    samples = [Sample(group.label, values, group.deterministic) for group, values in measured]
    failures = sorted((row for group in groups for row in failed_rows(group)), key=lambda row: (row.label, row.seeds))
    summary = Summary(
        task=task,
        ks=tuple(dict.fromkeys(ks)),
        metrics=shown,
        primary_view=primary_view,
        are_metrics_named=metrics is not None,
        rows=_neighbours([*(pooled_row(group, values, ks) for group, values in fitted), *failures]),
        significance=None if baseline_failed else run_tests(samples, primary, baseline),
        failed_baseline=baseline if baseline_failed else None,
        agreements=agreements({group.label: _means_by_view(values, primary_metric, ks[0]) for group, values in fitted}),
        suspicions=suspicious,
        environments=_distinct([record.document["environment"] for record in members if record.environment.is_known]),
        threads=tuple(sorted({record.threads for record in members if record.threads is not None})),
        patiences=tuple(sorted({record.patience for record in members if record.patience is not None})),
        **_facts([record for group, _ in fitted for record in group.fitted]),
    )
    return _with_slices(summary, [group for group, _ in fitted]) if slices else summary


def _with_slices(summary: Summary, groups: Sequence[Group]) -> Summary:
    """Return the summary with the primary mean over slices of users, as far as the records have counts."""
    every = slice_accuracies(groups, summary.primary_metric, summary.primary_view, summary.ks[0])
    found = tuple(each for each in every if each.kind != "all")

    def sliced(row: Row) -> Row:
        own = {} if row.failed else {summary.slice_name(one): one.interval for one in found if one.label == row.label}
        return replace(row, accuracy={**row.accuracy, **own})

    return replace(summary, rows=tuple(map(sliced, summary.rows)), slices=found)


def _settings_of(rows: Sequence[Row]) -> list[Settings]:
    """Return the rows by recommender (see `bench.analysis.settings`)."""
    return in_settings(list({row.label: (row.label, row.recommender) for row in rows}.values()))


def _neighbours(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with the settings of one recommender together, where the first of them is."""
    settings = [each for each in _settings_of(rows) if each.varied]
    first = {label: each.labels[0] for each in settings for label in each.labels}
    place = {row.label: number for number, row in reversed(list(enumerate(rows)))}
    return tuple(sorted(rows, key=lambda row: _place_of(row, first, place, len(rows))))


def _place_of(row: Row, first: Mapping[str, str], place: Mapping[str, int], last: int) -> int:
    if row.label in first:
        return place[first[row.label]]
    return last if row.failed else place[row.label]


def _accuracy_values(group: Group, ks: Sequence[int], metrics: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
    """Return each metric of every user and seed, ``(n_seeds, n_users)`` each, by name, view and cut-off."""
    return {
        value_name(view, metric, k): values
        for view in VIEWS
        for k, of_metrics in values_by_cutoff(group.fitted, view, ks, metrics).items()
        for metric, values in of_metrics.items()
    }


def _mean_of(values: Mapping[str, npt.NDArray[np.float64]], name: str) -> float:
    """Return the mean over users of the means over seeds; minus infinity for a row without it, which comes last."""
    return float(np.mean(np.mean(values[name], axis=0))) if name in values else -math.inf


def _first_view(task: RecordedTask, metric: str, k: int, values: Sequence[Mapping[str, Any]]) -> View:
    """Return the first view of a task in which a row has the metric; its first view where there is none."""
    views = views_of(task)
    return next((view for view in views if any(value_name(view, metric, k) in of_row for of_row in values)), views[0])


def _no_view(task: RecordedTask, view: View, name: str) -> str:
    other = next(each for each in views_of(task) if n_compared(task, each))
    why = "" if n_compared(task, view) else f" ({NO_WARM_ITEM})"
    return (
        f"no row has {name}{why}, so the {view} view can neither sort the rows nor be tested; show another view first "
        f"(--view {other})"
    )


def _means_by_view(values: Mapping[str, npt.NDArray[np.float64]], metric: str, k: int) -> dict[View, float]:
    names = {view: value_name(view, metric, k) for view in VIEWS}
    return {view: _mean_of(values, name) for view, name in names.items() if name in values}


def _facts(records: Sequence[Record]) -> dict[str, Any]:
    """Return the facts of the task that only a record with ranks has."""
    full_ranks = next(
        (each.full_ranks.of(compared_users(each, "expected")) for each in records if each.full_ranks is not None), None
    )
    counts = next((record.counts for record in records if record.counts is not None), None)
    return {
        "rivals": rivals_by_view(records),
        "n_undrawable": None if full_ranks is None else n_undrawable(full_ranks, n_negatives(records[0])),
        "heldout_popularity": None if counts is None else float(np.mean(counts.heldout)),
    }


def _pooled_task(records: Sequence[Record]) -> RecordedTask:
    """Return the task of the records, with the notes of all of them: the digest does not cover notes."""
    task, notes = records[0].task, [note for record in records for note in record.task.facts.notes]
    return structs.replace(task, facts=structs.replace(task.facts, notes=list(dict.fromkeys(notes))))


def _distinct(values: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple({json.dumps(value, sort_keys=True): value for value in values}.values())


def groups_of(records: Iterable[Record], summary: Summary) -> list[Group]:
    """Return the groups of records in the order of the table."""
    order = {row.label: place for place, row in reversed(list(enumerate(summary.rows)))}
    return sorted(group_records(records), key=lambda group: order[group.label])
