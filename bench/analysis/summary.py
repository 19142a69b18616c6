"""From records to the values of a table: one row per recommender, pooled over its training seeds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from bench.analysis.beyond_accuracy import beyond_accuracy_values
from bench.analysis.significance import Sample, Significance, run_tests
from bench.analysis.views import Agreement, agreements, n_negatives, n_undrawable, user_values, views_of
from bench.names import EXTERNAL, VIEWS, value_name
from bench.records.groups import Group, check_label, group_records
from protocol.evaluation.intervals import Interval, mean_interval
from protocol.evaluation.metrics import METRICS, check_metrics, primary_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from bench.analysis.significance import PairTest
    from bench.names import View
    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record
    from bench.records.task import RecordedTask


@dataclass(frozen=True)
class Row:
    """One recommender with one set of hyper-parameters, or its failure.

    Parameters
    ----------
    label
        Name and parameters as given; unique within a summary.
    seeds
        The training seeds that the row pools, ascending.
    accuracy
        ``"HR@10"``, ``"expected NDCG@10"``, ``"full HR@10"``, ...: mean over users of the per-user values (averaged
        over training seeds first), with the interval over users. Empty for a failure; no ``expected`` and ``full``
        ones where the recommender does not rank the whole catalogue.
    beyond_accuracy
        ``"coverage@10"``, ``"gini@10"``, ...: see `bench.analysis.beyond_accuracy`.
    fit_seconds, score_us_per_user
        Means over seeds; None where they are not known.
    selection_seconds
        What choosing on the validation task took: all of the tuning that found the parameters, and the mean over seeds
        of choosing the epochs; None where nothing was chosen, or it is not known.
    is_tuned
        Whether its parameters are known to come from a search.
    peak_mib
        The highest over seeds.
    best_epochs
        Per seed, where the number of epochs was chosen on the validation task.
    failure_kind, failure
        In a word, and in a line.
    records
        Those that the row pools, one for each seed.
    """

    label: str
    recommender: RecordedRecommender
    seeds: tuple[int, ...]
    accuracy: Mapping[str, Interval] = field(default_factory=dict)
    beyond_accuracy: Mapping[str, float] = field(default_factory=dict)
    fit_seconds: float | None = None
    score_us_per_user: float | None = None
    peak_mib: float | None = None
    selection_seconds: float | None = None
    is_tuned: bool = False
    best_epochs: tuple[int, ...] = ()
    failure_kind: str | None = None
    failure: str | None = None
    records: tuple[Record, ...] = field(default=(), repr=False, compare=False)

    @property
    def failed(self) -> bool:
        """Whether the row is a failure."""
        return self.failure_kind is not None

    @property
    def external(self) -> bool:
        """Whether the row comes from another program's scores (see `bench.exchange.external`)."""
        return self.recommender.origin == EXTERNAL


@dataclass(frozen=True)
class Summary:
    """All that a table shows, as numbers.

    Parameters
    ----------
    task
        Of the records.
    ks
        The cut-offs; the first one sorts and is tested.
    metrics
        The names of the metrics. NDCG sorts and is tested; where it is not among them, the first metric does.
    are_metrics_named
        Whether somebody named the metrics; if not, they are the default ones.
    rows
        By the primary metric at the first cut-off, descending, in the view that the task is measured by; failures last.
    significance
        Which rows can be told apart by that; None with fewer than two rows, or without the baseline.
    failed_baseline
        The baseline, if it failed.
    agreements
        Whether the views order the rows alike, by the primary metric at the first cut-off.
    environments
        The distinct ones of the records; none of what was not fitted here.
    threads, patiences
        The distinct numbers of threads, and of epochs without improvement after which selection stopped.
    n_fewer_rivals
        How many users have fewer rivals among the candidates than others.
    n_undrawable
        How many users have fewer untouched items than negatives are drawn; None where no record says.
    heldout_popularity
        Mean number of training interactions of the held-out items; None where no record says.
    """

    task: RecordedTask
    ks: tuple[int, ...]
    metrics: tuple[str, ...]
    are_metrics_named: bool
    rows: tuple[Row, ...]
    significance: Significance | None
    failed_baseline: str | None
    agreements: tuple[Agreement, ...]
    environments: tuple[Mapping[str, Any], ...]
    threads: tuple[int, ...]
    patiences: tuple[int, ...]
    n_fewer_rivals: int
    n_undrawable: int | None
    heldout_popularity: float | None

    @property
    def seeds(self) -> tuple[int, ...]:
        """All training seeds of what was fitted here, ascending."""
        return tuple(sorted({seed for row in self.rows if not row.external for seed in row.seeds}))

    @property
    def primary_view(self) -> View:
        """The view that sorts the rows and that tests are about."""
        return views_of(self.task)[0]

    @property
    def primary_metric(self) -> str:
        """The metric that sorts the rows and that tests are about."""
        return primary_of(self.metrics)

    @property
    def primary_label(self) -> str:
        """The primary metric with its cut-off: ``NDCG@10``."""
        return METRICS[self.primary_metric].label(self.ks[0])

    @property
    def primary(self) -> str:
        """The name, in `Row.accuracy`, of the mean that sorts the rows and that tests are about."""
        return value_name(self.primary_view, self.primary_metric, self.ks[0])

    @property
    def tells_selection(self) -> bool:
        """Whether it is known of any row what choosing on the validation task took."""
        return any(row.selection_seconds is not None for row in self.rows)

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
) -> Summary:
    """Return the values of a table; a pure function of the records, whatever their order.

    Parameters
    ----------
    baseline
        The label of the row that all others are tested against, if it was named beforehand (see `run_tests`).
    metrics
        Names of `protocol.evaluation.metrics.METRICS`; by default those that tables show by default.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, a metric is unknown, or no row is called like the
        baseline.
    """
    shown = check_metrics(metrics)
    groups = group_records(records)
    members = [record for group in groups for record in (*group.fitted, *group.failed)]
    task = _pooled_task(members)
    primary_metric = primary_of(shown)
    primary = value_name(views_of(task)[0], primary_metric, ks[0])
    fitted = [(group, _accuracy_values(group, ks, shown)) for group in groups if group.fitted]
    fitted.sort(key=lambda pair: (-_mean_of(pair[1], primary), pair[0].label))
    if baseline is not None:
        check_label(baseline, [group.label for group in groups])
    baseline_failed = baseline is not None and baseline not in [group.label for group, _ in fitted]
    samples = [Sample(group.label, values[primary], group.deterministic) for group, values in fitted]
    failures = sorted((row for group in groups for row in _failures(group)), key=lambda row: (row.label, row.seeds))
    return Summary(
        task=task,
        ks=tuple(dict.fromkeys(ks)),
        metrics=shown,
        are_metrics_named=metrics is not None,
        rows=(*(_pooled(group, values, ks) for group, values in fitted), *failures),
        significance=None if baseline_failed else run_tests(samples, primary, baseline),
        failed_baseline=baseline if baseline_failed else None,
        agreements=agreements({group.label: _means_by_view(values, primary_metric, ks[0]) for group, values in fitted}),
        environments=_distinct([record.document["environment"] for record in members if record.environment.is_known]),
        threads=tuple(sorted({record.threads for record in members if record.threads is not None})),
        patiences=tuple(sorted({record.patience for record in members if record.patience is not None})),
        **_facts([record for group, _ in fitted for record in group.fitted]),
    )


def _accuracy_values(group: Group, ks: Sequence[int], metrics: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
    """Return each metric of every user and seed, ``(n_seeds, n_eval)`` each, by name, view and cut-off."""
    return {
        value_name(view, metric, k): values
        for view in VIEWS
        for k in ks
        for metric, values in user_values(group.fitted, view, k, metrics).items()
    }


def _mean_of(values: Mapping[str, npt.NDArray[np.float64]], name: str) -> float:
    """Return the mean over users of the means over seeds."""
    return float(np.mean(np.mean(values[name], axis=0)))


def _means_by_view(values: Mapping[str, npt.NDArray[np.float64]], metric: str, k: int) -> dict[View, float]:
    names = {view: value_name(view, metric, k) for view in VIEWS}
    return {view: _mean_of(values, name) for view, name in names.items() if name in values}


def _facts(records: Sequence[Record]) -> dict[str, Any]:
    """Return facts of the task that take a record with ranks."""
    ranks = next((record.ranks for record in records if record.ranks is not None), None)
    full_ranks = next((record.full_ranks for record in records if record.full_ranks is not None), None)
    counts = next((record.counts for record in records if record.counts is not None), None)
    # Where no negatives are drawn, no user has fewer than another.
    n_rivals = np.zeros(0) if ranks is None else np.minimum(ranks.n_rivals, n_negatives(records[0]))
    return {
        "n_fewer_rivals": int(np.count_nonzero(n_rivals < n_rivals.max(initial=0))),
        "n_undrawable": None if full_ranks is None else n_undrawable(full_ranks, n_negatives(records[0])),
        "heldout_popularity": None if counts is None else float(np.mean(counts.heldout)),
    }


def _pooled_task(records: Sequence[Record]) -> RecordedTask:
    """Return the records' task; a note that only some of them carry (the digest leaves notes out) is kept."""
    task, notes = records[0].task, [note for record in records for note in record.task.facts.notes]
    return structs.replace(task, facts=structs.replace(task.facts, notes=list(dict.fromkeys(notes))))


def _distinct(values: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple({json.dumps(value, sort_keys=True): value for value in values}.values())


def _pooled(group: Group, values: Mapping[str, npt.NDArray[np.float64]], ks: Sequence[int]) -> Row:
    """Return the row of what came to its end."""
    return Row(
        label=group.label,
        recommender=group.recommender,
        seeds=group.seeds,
        accuracy={name: mean_interval(np.mean(of_seeds, axis=0)) for name, of_seeds in values.items()},
        beyond_accuracy={name: value for k in ks for name, value in beyond_accuracy_values(group.fitted, k).items()},
        fit_seconds=_mean(record.time.fit_seconds for record in group.fitted),
        score_us_per_user=_mean(record.time.score_us_per_user for record in group.fitted),
        peak_mib=max((record.memory.peak_mib for record in group.fitted if record.memory), default=None),
        selection_seconds=_selection_seconds(group.fitted),
        is_tuned=any(record.tuning_seconds is not None for record in group.fitted),
        best_epochs=tuple(record.selection.best_epoch for record in group.fitted if record.selection),
        records=tuple(group.fitted),
    )


def _selection_seconds(records: Sequence[Record]) -> float | None:
    """Return what choosing took: tuning was done once for all seeds, choosing the epochs once for each."""
    tuning = [record.tuning_seconds for record in records if record.tuning_seconds is not None]
    epochs = [record.selection.seconds for record in records if record.selection]
    parts = ([max(tuning)] if tuning else []) + ([float(np.mean(epochs))] if epochs else [])
    return sum(parts) if parts else None


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean; None where a value is unknown."""
    found = list(values)
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if len(known) == len(found) else None


def _failures(group: Group) -> list[Row]:
    """Return one row for each way in which training seeds failed, in the order of seeds."""
    seeds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in group.failed:
        if record.failure is not None:
            seeds[record.failure.kind, record.failure.message].append(record.seed)
    return [
        Row(group.label, group.recommender, tuple(found), failure_kind=kind, failure=message)
        for (kind, message), found in seeds.items()
    ]


def groups_of(records: Iterable[Record], summary: Summary) -> list[Group]:
    """Return the groups of records in the order of the table."""
    order = {row.label: place for place, row in reversed(list(enumerate(summary.rows)))}
    return sorted(group_records(records), key=lambda group: order[group.label])
