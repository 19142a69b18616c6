"""Recommenders over datasets: ranks, win rates, relative scores and tests; a pure function of records.

Figures of different tasks are never pooled: only ranks and shares of the best figure are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.settings import in_settings
from bench.analysis.timing_groups import TimingGroups
from bench.studies.columns import columns_of
from bench.studies.over_datasets import tests_over_datasets
from bench.studies.ranking import DIGITS, mean_ranks, ranks_of, relative_scores, win_rates
from bench.studies.resampling import spans_over_datasets, spans_over_users
from bench.writing.text import NOTHING
from protocol.errors import ProtocolError
from recommenders.registry.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from bench.analysis.settings import Settings
    from bench.records.recommender import RecordedRecommender
    from bench.studies.columns import Column, DatasetRecords, Figure
    from bench.studies.over_datasets import OverDatasets
    from bench.studies.resampling import Span

    Values = npt.NDArray[np.float64]

FAILED, LOST = "failed", "no data"

NO_ROW = "there is no record of it"
"""Why a row has no figure on a dataset whose folder does not know it."""


@dataclass(frozen=True)
class Score:
    """One row on one dataset.

    Parameters
    ----------
    mean
        The figure.
    rank
        Among all rows of the dataset.
    relative
        The figure as a share of the best one of the dataset that is not suspicious; None where that is 0.
    is_best
        Whether it is the best of the dataset, and not suspicious.
    is_marked
        Whether it is not distinguishable from the best of the dataset, or from the baseline.
    is_suspicious
        Whether the row is likely to know the held-out items of the dataset.
    """

    mean: float
    rank: float
    relative: float | None
    is_best: bool
    is_marked: bool
    is_suspicious: bool


@dataclass(frozen=True)
class StudyRow:
    """One recommender over all datasets.

    Parameters
    ----------
    scores
        By the name of the dataset; those that it has a figure for.
    mean_rank
        Over these datasets.
    over_users, over_datasets
        The intervals of the mean rank (see `bench.studies.resampling`).
    win_rate
        See `bench.studies.ranking.win_rates`; None for a row that meets no other.
    relative
        The mean of the relative scores; None where there are none.
    """

    label: str
    scores: Mapping[str, Score]
    mean_rank: float
    over_users: Span | None
    over_datasets: Span | None
    win_rate: float | None
    relative: float | None


@dataclass(frozen=True, eq=False)
class StudyComparison:
    """All values of a table over datasets.

    Parameters
    ----------
    figure
        What is compared.
    baseline
        The row that the others are tested against within each dataset, if it was named beforehand.
    columns
        The datasets that have records, in the order of the study.
    lost
        Why other datasets of the study have none, by name.
    rows
        By mean rank. Rows without any figure are in the gaps of the columns alone.
    tests
        Over datasets, of the rows that have a figure for each; None where there are too few.
    """

    figure: Figure
    baseline: str | None
    columns: tuple[Column, ...]
    lost: Mapping[str, str]
    rows: tuple[StudyRow, ...]
    tests: OverDatasets | None

    @property
    def labels(self) -> tuple[str, ...]:
        """All rows by mean rank, those without any figure last; settings of one recommender are neighbours."""
        return tuple(label for each in self.settings for label in each.labels)

    @cached_property
    def settings(self) -> list[Settings]:
        """All rows by recommender, each recommender where its best row is (see `bench.analysis.settings`)."""
        with_figures = [row.label for row in self.rows]
        labels = dict.fromkeys((*with_figures, *(label for column in self.columns for label in column.gaps)))
        return in_settings([(label, self.recommender_of(label)) for label in labels])

    def recommender_of(self, label: str) -> RecordedRecommender:
        """Return the recommender of a row, of the first dataset that knows it."""
        return next(column.recommenders[label] for column in self.columns if label in column.recommenders)

    @cached_property
    def timing(self) -> TimingGroups:
        """The conditions that the rows of all datasets were timed under (see `bench.analysis.timing_groups`)."""
        rows = (row for column in self.columns for row in column.rows.values())
        return TimingGroups.of(record for row in rows for record in row.records)

    @property
    def timing_sentence(self) -> str:
        """What the letters of times mean, and who has them; empty where all times can be compared."""
        return self.timing.sentence(
            (f"{label} on {column.name}", row.records) for column in self.columns for label, row in column.rows.items()
        )

    @property
    def best_rank(self) -> float:
        """The best mean rank."""
        return min(round(row.mean_rank, DIGITS) for row in self.rows)

    def missing_text(self, label: str, dataset: str) -> str:
        """Return what a cell without a figure says: ``failed``, ``no data``, or nothing without a record."""
        if dataset in self.lost:
            return LOST
        column = next(column for column in self.columns if column.name == dataset)
        return FAILED if label in column.gaps else NOTHING

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The rows that lack a figure on a dataset of `columns`: the tests over datasets are without them."""
        return tuple(row.label for row in self.rows if len(row.scores) < len(self.columns))

    @property
    def gaps(self) -> list[tuple[str, str, str]]:
        """Each missing figure of the datasets that have records: row, dataset, and why."""
        return [
            (label, column.name, column.gaps.get(label, NO_ROW))
            for label in self.labels
            for column in self.columns
            if label not in column.rows
        ]


def compare_over_datasets(
    datasets: Sequence[DatasetRecords],
    figure: Figure,
    *,
    baseline: str | None = None,
    lost: Mapping[str, str] | None = None,
) -> StudyComparison:
    """Return all values of a table over datasets.

    Parameters
    ----------
    datasets
        At least one.
    figure
        That each of them has (see `bench.studies.collecting.figure_of`).
    baseline
        The name of a row over datasets.
    lost
        Why other datasets of the study have no records, by name.

    Raises
    ------
    ProtocolError
        If no row has the figure, or no row is called like the baseline.
    """
    columns = columns_of(datasets, figure, baseline)
    labels = sorted({label for column in columns for label in column.rows})
    _check_rows(columns, labels, figure, baseline)
    means = np.array([[column.mean(label, figure) for label in labels] for column in columns])
    ranks, relative = ranks_of(means), relative_scores(means, _best(columns, labels, means))
    spans = zip(spans_over_users(_user_values(columns, labels)), spans_over_datasets(ranks), strict=True)
    of_rows = zip(labels, mean_ranks(means), win_rates(means), spans, strict=True)
    rows = [
        StudyRow(
            label=label,
            scores={
                column.name: _score(column, label, means[place], ranks[place], relative[place], number)
                for place, column in enumerate(columns)
                if label in column.rows
            },
            mean_rank=float(rank),
            over_users=over_users,
            over_datasets=over_datasets,
            win_rate=_known(win_rate),
            relative=_known(_mean(relative[:, number])),
        )
        for number, (label, rank, win_rate, (over_users, over_datasets)) in enumerate(of_rows)
    ]
    complete = ~np.isnan(means).any(axis=0)
    return StudyComparison(
        figure=figure,
        baseline=baseline,
        columns=tuple(columns),
        lost=dict(lost or {}),
        rows=tuple(sorted(rows, key=lambda row: (round(row.mean_rank, DIGITS), row.label))),
        tests=tests_over_datasets(
            [label for label, whole in zip(labels, complete, strict=True) if whole], means[:, complete]
        ),
    )


def _check_rows(columns: Sequence[Column], labels: Sequence[str], figure: Figure, baseline: str | None) -> None:
    known = dict.fromkeys((*labels, *(label for column in columns for label in column.gaps)))
    if baseline is not None and baseline not in known:
        raise ProtocolError(f"no row is called {baseline!r}{did_you_mean(baseline, known)}; there are {listed(known)}")
    if not labels:
        names = ", ".join(column.name for column in columns)
        raise ProtocolError(f"no row has {figure.name} on {names}: all jobs failed; look at the table of each dataset")


def _user_values(columns: Sequence[Column], labels: Sequence[str]) -> list[Values]:
    """Return the figures of rows and users, ``(n_rows, n_users)``, of each dataset with any; NaN for a row without."""
    found = []
    for column in columns:
        if not column.rows:
            continue
        n_users = next(values.size for values in column.user_values.values())
        nothing = np.full(n_users, np.nan)
        found.append(np.array([column.user_values.get(label, nothing) for label in labels]))
    return found


def _best(columns: Sequence[Column], labels: Sequence[str], means: Values) -> Values:
    """Return the best figure of each dataset, of a row that is not suspicious where there is one."""
    best = []
    for column, of_dataset in zip(columns, means, strict=True):
        honest = np.array([label not in column.suspicious for label in labels]) & ~np.isnan(of_dataset)
        counted = of_dataset[honest] if honest.any() else of_dataset[~np.isnan(of_dataset)]
        best.append(float(counted.max()) if counted.size else float("nan"))
    return np.array(best)


def _score(column: Column, label: str, means: Values, ranks: Values, relative: Values, number: int) -> Score:
    is_suspicious = label in column.suspicious
    return Score(
        mean=float(means[number]),
        rank=float(ranks[number]),
        relative=_known(relative[number]),
        is_best=bool(relative[number] == 1) and not is_suspicious,
        is_marked=column.is_marked(label),
        is_suspicious=is_suspicious,
    )


def _mean(values: Values) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
