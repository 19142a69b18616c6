"""Friedman's and Nemenyi's tests: the worked example of Demsar (JMLR 2006), other programs, and false alarms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from bench.studies.over_datasets import (
    OverDatasets,
    critical_difference,
    friedman_statistic,
    shuffled_p_value,
)
from bench.studies.over_datasets import (
    tests_over_datasets as over_datasets,
)
from bench.studies.ranking import ranks_of

LABELS = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)
"""Demsar's table 6: AUC of four classifiers on 14 datasets."""


def test_the_example_of_demsar() -> None:
    """He has the mean ranks 3.143, 2.000, 2.893, 1.964, and with four classifiers the critical difference 1.25."""
    found = over_datasets(LABELS, DEMSAR)
    assert found is not None
    assert dict(zip(found.labels, found.mean_ranks, strict=True)) == pytest.approx(
        {"C4.5": 3.143, "C4.5+m": 2.0, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}, abs=5e-4
    )
    assert found.labels == ("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5")
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert found.p_value == pytest.approx(0.0171, abs=0.006), "the chi-squared distribution gives .0171"
    assert found.groups == (found.labels,), "no two are distinguishable by Nemenyi, as he says"
    assert [found.is_marked(label) for label in found.labels] == [False, True, True, True]


def test_friedman_against_another_program() -> None:
    ranks = ranks_of(DEMSAR)
    assert friedman_statistic(ranks) == pytest.approx(friedmanchisquare(*DEMSAR.T).statistic)


def test_friedman_by_hand() -> None:
    """Two datasets of one order: 12 N / (k (k + 1)) (sum of squares of mean ranks - k (k + 1)^2 / 4) = 2 (14 - 12)."""
    assert friedman_statistic(np.array([[1.0, 2, 3], [1, 2, 3]])) == pytest.approx(4)
    assert friedman_statistic(np.full((3, 4), 2.5)) == 0, "all tied"
    assert shuffled_p_value(np.full((3, 4), 2.5)) == 1


def test_the_p_value_against_all_shuffles() -> None:
    """Of the 6^3 shuffles of three datasets; the share of those as far apart or farther."""
    ranks = np.array([[1.0, 2, 3], [1, 3, 2], [1, 2, 3]])
    orders = list(itertools.permutations(range(3)))
    sums = [
        np.sum(np.array([line[list(order)] for line, order in zip(ranks, chosen, strict=True)]).sum(axis=0) ** 2)
        for chosen in itertools.product(orders, repeat=3)
    ]
    exact = np.mean(np.array(sums) >= np.sum(ranks.sum(axis=0) ** 2))
    assert shuffled_p_value(ranks) == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 9999) ** 0.5)


@pytest.mark.parametrize(
    ("n_rows", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (8, 3.031), (10, 3.164)]
)
def test_critical_differences_against_the_printed_table(n_rows: int, q: float) -> None:
    """Demsar's table 5(a)."""
    assert critical_difference(n_rows, 7) == pytest.approx(q * (n_rows * (n_rows + 1) / 42) ** 0.5, rel=4e-4)


def test_groups_are_the_bars_of_a_diagram() -> None:
    found = OverDatasets(("a", "b", "c", "d", "e"), (1.0, 1.5, 2.4, 3.6, 5.0), 9, 0.0, 1.0, 1.5)
    assert found.groups == (("a", "b", "c"), ("c", "d"), ("d", "e"))
    assert not found.distinguishable("d", "e")
    assert found.distinguishable("a", "d")
    assert [label for label in found.labels if found.is_marked(label)] == ["b", "c"]
    assert OverDatasets(("a", "b", "c"), (1.0, 2.0, 3.0), 9, 0.0, 1.0, 0.9).groups == ()


def test_few_datasets_cannot_tell_any_two_apart() -> None:
    found = over_datasets(("a", "b", "c"), np.array([[3.0, 2, 1], [3, 2, 1]]))
    assert found is not None
    assert not found.can_distinguish
    assert found.groups == (("a", "b", "c"),)
    assert over_datasets(("a", "b", "c"), np.array([[3.0, 2, 1]])) is None
    assert over_datasets(("a", "b"), np.array([[3.0, 2], [3, 2]])) is None


@pytest.mark.parametrize(("n_rows", "n_datasets"), [(3, 20), (11, 10)])
def test_exchangeable_rows_give_false_alarms_as_promised(n_rows: int, n_datasets: int) -> None:
    """The standard error of 1,000 repetitions is .7 %; `results/simulation/` has more cases and repetitions."""
    stream, wrong = np.random.default_rng(0), 0
    threshold = critical_difference(n_rows, n_datasets)
    for _ in range(1000):
        of_rows = ranks_of(stream.normal(size=(n_datasets, n_rows))).mean(axis=0)
        wrong += of_rows.max() - of_rows.min() >= threshold - 1e-12
    assert 0.02 <= wrong / 1000 <= 0.07
