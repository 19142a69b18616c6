"""The bootstraps of mean ranks: cases whose outcome is known, and one against SciPy's bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import bootstrap, rankdata

from bench.studies import resampling
from bench.studies.ranking import ranks_of
from bench.studies.resampling import Span, spans_over_datasets, spans_over_users

if TYPE_CHECKING:
    import pytest

NAN = float("nan")


def test_rows_that_every_user_orders_alike_have_no_width() -> None:
    users = np.linspace(0.1, 0.5, 20)
    first, second = spans_over_users([np.array([users + 0.1, users]), np.array([users + 0.2, users])])
    assert first == Span(1, 1)
    assert second == Span(2, 2)


def test_two_rows_that_differ_by_one_user() -> None:
    """A sample without this user, (19/20)^20 = 36 % of them, has the rows tied: both ends are seen."""
    values = np.zeros((2, 20))
    values[0, 3] = 1.0
    assert spans_over_users([values]) == [Span(1, 1.5), Span(1.5, 2)]


def test_users_are_drawn_apart_on_each_dataset() -> None:
    """With the same draws on both, the sum of the two ranks of a row would always be 3."""
    values = np.zeros((2, 20))
    values[0, :10] = values[1, 10:] = 1.0
    assert spans_over_users([values, values[::-1]]) == [Span(1, 2), Span(1, 2)]


def test_a_row_without_figures_on_a_dataset_is_over_the_others() -> None:
    users = np.linspace(0.1, 0.5, 20)
    found = spans_over_users([np.array([users, users - 0.1]), np.array([np.full(20, NAN), users])])
    assert found == [Span(1, 1), Span(1.5, 1.5)]


def test_too_few_users_on_one_dataset_give_none() -> None:
    assert spans_over_users([np.ones((2, 20)), np.ones((2, 9))]) == [None, None]


def test_the_bootstrap_over_users_against_another_program() -> None:
    values = np.random.default_rng(3).normal(size=(4, 60)) + np.array([[0.2], [0.1], [0.05], [0]])

    def rank_of_first(*rows: np.ndarray, axis: int) -> np.ndarray:
        return rankdata(-np.array([row.mean(axis=axis) for row in rows]), axis=0)[0]

    theirs = bootstrap(
        tuple(values), rank_of_first, paired=True, method="percentile", n_resamples=4000, rng=np.random.default_rng(1)
    )
    ours = spans_over_users([values])[0]
    assert ours == Span(*map(float, theirs.confidence_interval))


def test_memory_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=(3, 50))
    whole = spans_over_users([values])
    monkeypatch.setattr(resampling, "_MOST_AT_ONCE", 50 * 7)
    assert spans_over_users([values]) == whole


def test_over_datasets_by_hand() -> None:
    """Three datasets: all three draws are the one of rank 3 in 1 of 27 samples, 3.7 %, which is beyond 2.5 %."""
    ranks = np.array([[1.0, 2, 3], [1, 2, 3], [3, 2, 1]])
    assert spans_over_datasets(ranks) == [Span(1, 3), Span(2, 2), Span(1, 3)]


def test_over_datasets_a_row_needs_three() -> None:
    ranks = np.array([[1.0, 2], [1, 2], [1, NAN]])
    assert spans_over_datasets(ranks) == [Span(1, 1), None]
    assert spans_over_datasets(ranks_of(np.array([[0.1, 0.2], [0.1, 0.2]]))) == [None, None]
