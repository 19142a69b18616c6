"""Which recommenders are distinguishable over datasets: Friedman's test, and Nemenyi's critical difference.

Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.significance import ALPHA
from bench.studies.ranking import DIGITS, ranks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Values = npt.NDArray[np.float64]

LEAST_DATASETS, LEAST_ROWS = 2, 3
"""The fewest datasets and rows for Friedman's test."""

N_SHUFFLES = 9_999


@dataclass(frozen=True)
class OverDatasets:
    """The tests over datasets of the rows that have a figure for each of them.

    Parameters
    ----------
    labels
        The rows, by mean rank; their ranks are among themselves.
    mean_ranks
        In the order of the labels.
    statistic
        Friedman's, corrected for ties.
    p_value
        The chance of such a statistic, or a larger one, if the rows were exchangeable on each dataset: by shuffling the
        ranks of each dataset `N_SHUFFLES` times. The chi-squared distribution, which is usual, is not exact enough for
        few datasets: with 3 rows on 4 datasets a test at 5 % gives 6.6 % false alarms.
    critical_difference
        Two rows are distinguishable if their mean ranks differ by so much or more (Nemenyi).
    """

    labels: tuple[str, ...]
    mean_ranks: tuple[float, ...]
    n_datasets: int
    statistic: float
    p_value: float
    critical_difference: float

    @property
    def can_distinguish(self) -> bool:
        """Whether any two rows could be distinguishable, however large their differences."""
        return self.critical_difference <= len(self.labels) - 1

    def distinguishable(self, ours: str, theirs: str) -> bool:
        """Return whether two of the rows are distinguishable."""
        ranks = dict(zip(self.labels, self.mean_ranks, strict=True))
        return self._apart(ranks[ours], ranks[theirs])

    def is_marked(self, label: str) -> bool:
        """Return whether a row is not distinguishable from the one with the best mean rank, and is not that row."""
        return label in self.labels[1:] and not self.distinguishable(label, self.labels[0])

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The largest groups of two rows or more of which no two are distinguishable: the bars of a CD diagram."""
        found: list[tuple[str, ...]] = []
        end = 0
        for first, rank in enumerate(self.mean_ranks):
            last = max(place for place, other in enumerate(self.mean_ranks) if not self._apart(other, rank))
            if last > max(first, end):
                found.append(self.labels[first : last + 1])
            end = max(end, last)
        return tuple(found)

    def _apart(self, one: float, other: float) -> bool:
        return bool(round(abs(one - other), DIGITS) >= round(self.critical_difference, DIGITS))


def tests_over_datasets(labels: Sequence[str], means: Values) -> OverDatasets | None:
    """Return the tests over datasets; None with fewer than `LEAST_DATASETS` datasets or `LEAST_ROWS` rows.

    Parameters
    ----------
    labels
        Of the rows.
    means
        float64, ``(n_datasets, n_rows)``, all known.
    """
    n_datasets, n_rows = means.shape
    if n_datasets < LEAST_DATASETS or n_rows < LEAST_ROWS:
        return None
    ranks = ranks_of(means)
    of_rows = ranks.mean(axis=0)
    order = np.lexsort((np.array(labels), np.round(of_rows, DIGITS)))
    return OverDatasets(
        labels=tuple(labels[place] for place in order),
        mean_ranks=tuple(float(of_rows[place]) for place in order),
        n_datasets=n_datasets,
        statistic=friedman_statistic(ranks),
        p_value=shuffled_p_value(ranks),
        critical_difference=critical_difference(n_rows, n_datasets),
    )


def friedman_statistic(ranks: Values) -> float:
    """Return Friedman's statistic, corrected for ties; 0 if all rows are tied on each dataset.

    Parameters
    ----------
    ranks
        float64, ``(n_datasets, n_rows)``.
    """
    from scipy.stats import friedmanchisquare

    if _within(ranks) == 0:
        return 0.0
    return float(friedmanchisquare(*ranks.T).statistic)


def shuffled_p_value(ranks: Values) -> float:
    """Return the share of shuffles, the ranks themselves among them, whose mean ranks are as far apart or farther."""
    stream = np.random.default_rng(0)
    middle, n_datasets = ranks.mean(), len(ranks)
    # Shuffling leaves ties and the number of datasets: Friedman's statistic is then proportional to this sum.
    found = np.sum((ranks.mean(axis=0) - middle) ** 2)
    total = np.zeros((N_SHUFFLES, ranks.shape[1]))
    for of_dataset in ranks:
        total += stream.permuted(np.tile(of_dataset, (N_SHUFFLES, 1)), axis=1)
    shuffled = np.sum((total / n_datasets - middle) ** 2, axis=1)
    return float((1 + np.count_nonzero(np.round(shuffled - found, 9) >= 0)) / (1 + N_SHUFFLES))


def critical_difference(n_rows: int, n_datasets: int) -> float:
    """Return Nemenyi's critical difference of mean ranks at 5 %: ``q * sqrt(k (k + 1) / (6 N))``.

    ``q`` is the quantile of the studentized range of ``k`` rows, divided by the root of 2 (Demsar 2006, table 5).
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - ALPHA, n_rows, np.inf)) / 2**0.5
    return float(quantile * (n_rows * (n_rows + 1) / (6 * n_datasets)) ** 0.5)


def _within(ranks: Values) -> float:
    """Return how much the ranks vary within datasets."""
    return float(np.sum((ranks - ranks.mean(axis=1, keepdims=True)) ** 2))
