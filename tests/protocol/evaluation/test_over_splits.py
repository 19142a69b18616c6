"""Tests over repeated splits (P28): by hand, against a plain t-test, and how often they are wrong."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy import stats

from protocol.errors import ProtocolError
from protocol.evaluation.over_splits import comparison_over_splits, comparisons_over_splits
from protocol.evaluation.statistics import comparison_of_differences


def test_where_only_splits_vary_it_is_the_corrected_resampled_t_test() -> None:
    """P28, Nadeau & Bengio: t = mean / sqrt((1/n + overlap) s^2) with n - 1 degrees of freedom."""
    of_splits = np.array([0.010, 0.020, 0.045, 0.015, 0.020])
    differences = [np.full(50, value) for value in of_splits]
    found = comparison_over_splits(differences, 0.25, same_users=True)
    t = of_splits.mean() / math.sqrt((1 / 5 + 0.25) * of_splits.var(ddof=1))
    assert found.difference == pytest.approx(0.022)
    assert found.p_value == pytest.approx(2 * stats.t.sf(t, 4), rel=1e-6)
    half = stats.t.ppf(0.975, 4) * math.sqrt((1 / 5 + 0.25) * of_splits.var(ddof=1))
    assert (found.low, found.high) == (pytest.approx(0.022 - half), pytest.approx(0.022 + half))


def test_without_overlap_a_split_is_a_training_seed() -> None:
    """P24, P28."""
    values = np.random.default_rng(0).normal(0.1, 1, (4, 60))
    found = comparison_over_splits(list(values), 0.0, same_users=True)
    usual = comparison_of_differences(values, about_algorithms=True)
    assert all(one == pytest.approx(other) for one, other in zip(astuple(found), astuple(usual), strict=True))


def test_an_overlap_makes_the_interval_wider() -> None:
    values = list(np.random.default_rng(0).normal(0.1, 1, (4, 60)) + np.array([[0.3], [-0.3], [0.6], [0.1]]))
    one, other = (comparison_over_splits(values, overlap, same_users=True) for overlap in (0.0, 0.5))
    assert one.high - one.low < other.high - other.low
    assert one.p_value < other.p_value


def test_splits_of_other_users_count_users_as_if_they_were_the_same() -> None:
    """P28: three splits without any variation between them; more of them make the error over users no smaller."""
    values = np.tile([1.0, -0.5, 0.4, 0.1, 0.0], 6)
    for n_splits in (3, 6):
        found = comparison_over_splits([values] * n_splits, 0.1, same_users=False)
        expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
        assert found.p_value == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_splits_may_have_different_numbers_of_users() -> None:
    found = comparison_over_splits([np.full(n, 0.5) for n in (10, 20, 30)], 0.1, same_users=False)
    assert (found.difference, found.low, found.high) == (0.5, 0.5, 0.5)


def test_two_splits_are_not_tested_and_few_users_have_no_interval() -> None:
    with pytest.raises(ProtocolError, match="needs at least 3 of them, and there are 2"):
        comparison_over_splits([np.zeros(20)] * 2, 0.1, same_users=True)
    found = comparison_over_splits([np.full(9, 0.5)] * 3, 0.1, same_users=True)
    assert found.difference == 0.5
    assert math.isnan(found.p_value)


@pytest.mark.parametrize("same_users", [True, False])
def test_one_pass_over_pairs_is_what_each_pair_is_alone(same_users: bool) -> None:
    rng = np.random.default_rng(3)
    sizes = (30, 30, 30, 30) if same_users else (30, 20, 45, 12)
    values = [rng.normal(0.1, 1, (6, size)) for size in sizes]
    for each in values:
        each[0], each[1] = 0.0, 0.25
    together = comparisons_over_splits(values, 0.1, same_users=same_users)
    for place, found in enumerate(together):
        alone = comparison_over_splits([each[place] for each in values], 0.1, same_users=same_users)
        assert astuple(found)[:6] == pytest.approx(astuple(alone)[:6], rel=1e-9)


N_TABLES = 1500


def false_alarms(n_splits: int, share: float, overlap: float, *, same_users: bool, repeat: float = 1.0) -> float:
    """Return how often two recommenders that do not differ are told apart at 5 %.

    Parameters
    ----------
    share
        Of the variance of a split's mean that the split has, and not its users; the splits' part is correlated as much
        as the correction assumes: ``overlap / (1 + overlap)``.
    repeat
        How much of a user's value is the user's own, and so the same in each split.
    """
    rng = np.random.default_rng(1)
    n_users, correlation = 60, overlap / (1 + overlap)
    own = rng.normal(size=(1, N_TABLES, n_users)) * math.sqrt(repeat)
    rest = rng.normal(size=(n_splits, N_TABLES, n_users)) * math.sqrt(1 - repeat)
    shared, single = rng.normal(size=(1, N_TABLES, 1)), rng.normal(size=(n_splits, N_TABLES, 1))
    of_split = shared * math.sqrt(correlation) + single * math.sqrt(1 - correlation)
    users = (own + rest) * math.sqrt((1 - share) * n_users)
    values = (users + math.sqrt(share) * math.sqrt(n_users) * of_split) / n_users
    found = comparisons_over_splits(list(values), overlap, same_users=same_users)
    return float(np.mean([each.p_value <= 0.05 for each in found]))


@pytest.mark.parametrize(
    ("n_splits", "share", "overlap"), [(3, 0.3, 0.01), (5, 0.7, 0.25), (5, 1, 0.25)], ids=lambda value: str(value)
)
def test_recommenders_that_do_not_differ_are_told_apart_as_often_as_claimed(
    n_splits: int, share: float, overlap: float
) -> None:
    """P28: at 5 %; of 1,500 tables the rate has a standard deviation of .6 %."""
    assert false_alarms(n_splits, share, overlap, same_users=True, repeat=0.5) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("repeat", [0.0, 1.0])
def test_splits_of_other_users_give_no_more_false_alarms_than_claimed(repeat: float) -> None:
    """P28: whether the users of the splits are the same, or have nothing to do with each other."""
    assert false_alarms(3, 0.3, 0.1, same_users=False, repeat=repeat) <= 0.06
