"""One dataset of a study: its rows, their figures by one metric, and the tests among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.analysis.rows import failed_rows, pooled_row
from bench.analysis.significance import Sample, run_tests
from bench.analysis.suspicion import suspicions
from bench.analysis.views import user_values
from bench.names import value_name
from bench.records.groups import group_records
from bench.records.lists import with_lists
from bench.studies.row_names import names_over_datasets, without_found_parameters
from protocol.evaluation.statistics import LEAST_USERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from bench.analysis.rows import Row
    from bench.analysis.significance import Significance
    from bench.names import View
    from bench.records.groups import Group
    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record
    from bench.records.task import RecordedTask

    Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DatasetRecords:
    """The records of one dataset of a study.

    Parameters
    ----------
    name
        What the study calls the dataset.
    records
        Of one task, at least one. They need no lists of best items (see `bench.records.lists`).
    folder
        Where they are.
    """

    name: str
    records: tuple[Record, ...]
    folder: Path

    @property
    def task(self) -> RecordedTask:
        """The task of the records."""
        return self.records[0].task

    def records_with_lists(self) -> tuple[Record, ...]:
        """Return the records with their lists of best items; see `bench.records.lists.with_lists`."""
        return with_lists(self.records, self.folder)


@dataclass(frozen=True)
class Figure:
    """The figure that a study compares: a metric at a cut-off in a view."""

    metric: str
    k: int
    view: View

    @property
    def name(self) -> str:
        """What it is called: ``NDCG@10``, ``full HR@5``."""
        return value_name(self.view, self.metric, self.k)


@dataclass(frozen=True, eq=False)
class Column:
    """The rows of one dataset, by their names over datasets.

    Parameters
    ----------
    name, task
        Of the dataset.
    rows
        Those with the figure: `bench.analysis.rows.Row.accuracy` has it alone.
    user_values
        By row, the figure of each user, averaged over seeds; float64, ``(n_users,)``, the same users in each.
    gaps
        Why other rows have no figure: ``"timeout: stopped after 60 s"``.
    partly
        Why rows with a figure lack training seeds, each in a line.
    significance
        The tests among the rows, under the names of the study; None with fewer than two rows, too few users, or where
        the baseline has no figure.
    suspicious
        The rows that are likely to know the held-out items.
    recommenders
        Of all rows, also of those without the figure; without the parameters that a search found for this dataset.
    """

    name: str
    task: RecordedTask
    rows: Mapping[str, Row]
    user_values: Mapping[str, Values]
    gaps: Mapping[str, str] = field(default_factory=dict)
    partly: Mapping[str, str] = field(default_factory=dict)
    significance: Significance | None = None
    suspicious: frozenset[str] = frozenset()
    recommenders: Mapping[str, RecordedRecommender] = field(default_factory=dict)

    def mean(self, label: str, figure: Figure) -> float:
        """Return the figure of a row; NaN where it has none."""
        return self.rows[label].accuracy[figure.name].mean if label in self.rows else float("nan")

    def is_marked(self, label: str) -> bool:
        """Return whether a row is not distinguishable from the best one of the dataset, or from the baseline."""
        test = self.significance.against_reference(label) if self.significance else None
        return test is not None and not test.distinguishable

    @property
    def has_too_few_users(self) -> bool:
        """Whether there are too few users for a test."""
        return any(values.size < LEAST_USERS for values in self.user_values.values())


def columns_of(datasets: Sequence[DatasetRecords], figure: Figure, baseline: str | None) -> list[Column]:
    """Return the columns of a study.

    Raises
    ------
    ProtocolError
        If records of a dataset are of different tasks, or a value is not finite.
    """
    grouped = [group_records(dataset.records) for dataset in datasets]
    names = names_over_datasets(grouped)
    return [
        _column(dataset, groups, names_in, figure, baseline)
        for dataset, groups, names_in in zip(datasets, grouped, names, strict=True)
    ]


def _column(
    dataset: DatasetRecords, groups: Sequence[Group], names: Mapping[str, str], figure: Figure, baseline: str | None
) -> Column:
    fitted = [group for group in groups if group.fitted]
    values = {
        group.label: found[figure.metric]
        for group in fitted
        if figure.metric in (found := user_values(group.fitted, figure.view, figure.k, (figure.metric,)))
    }
    measured = [group for group in fitted if group.label in values]
    suspicious = suspicions(fitted)
    measured.sort(
        key=lambda group: (group.label in suspicious, -float(values[group.label].mean(axis=0).mean()), group.label)
    )
    samples = [Sample(names[group.label], values[group.label], group.deterministic) for group in measured]
    is_testable = baseline is None or baseline in [sample.label for sample in samples]
    return Column(
        name=dataset.name,
        task=dataset.task,
        rows={names[group.label]: pooled_row(group, {figure.name: values[group.label]}, ks=()) for group in measured},
        user_values={names[group.label]: values[group.label].mean(axis=0) for group in measured},
        gaps={names[group.label]: _gap(group, figure) for group in groups if group.label not in values},
        partly={names[group.label]: _failures(group) for group in measured if group.failed},
        significance=run_tests(samples, figure.name, baseline) if is_testable else None,
        suspicious=frozenset(names[label] for label in suspicious),
        recommenders={names[group.label]: without_found_parameters(group) for group in groups},
    )


def _gap(group: Group, figure: Figure) -> str:
    return _failures(group) if group.failed else f"it has no {figure.name}"


def _failures(group: Group) -> str:
    """Return how jobs of a group failed, each kind and message once."""
    return "; ".join(f"{row.failure_kind}: {row.failure}" for row in failed_rows(group))
