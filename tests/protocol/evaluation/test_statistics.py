"""Paired comparisons and Holm's correction (P24): by hand, against SciPy and plain loops, and by symmetry."""

from __future__ import annotations

from dataclasses import astuple, replace
from functools import partial
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm, ttest_1samp, ttest_rel
from scipy.stats import t as student

from protocol.errors import ProtocolError
from protocol.evaluation.statistics import LEAST_SEEDS, Comparison, comparison_of_differences, paired_comparison

pytestmark = pytest.mark.usefixtures("few_users")


def values_of(seed: int, n_seeds: int, n_users: int = 30, seed_spread: float = 0.1) -> np.ndarray:
    """Return per-user values of a recommender whose seeds differ by about ``seed_spread``."""
    rng = np.random.default_rng(seed)
    users, seeds = rng.normal(size=n_users), seed_spread * rng.normal(size=(n_seeds, 1))
    return users + seeds + 0.3 * rng.normal(size=(n_seeds, n_users))


def test_one_seed_by_hand() -> None:
    """Differences 1, 2, 6: mean 3, s = sqrt(7), se = sqrt(7 / 3) = 1.527525, t(2) at 97.5 % = 4.302653."""
    found = paired_comparison(np.array([[2.0, 2, 7]]), np.array([[1.0, 0, 1]]), deterministic=(True, True))
    assert found.difference == 3
    assert (found.low, found.high) == pytest.approx((3 - 4.302653 * 1.527525, 3 + 4.302653 * 1.527525), abs=1e-5)
    assert found.effect_size == pytest.approx(3 / 7**0.5)


def test_three_seeds_by_hand() -> None:
    """Rows 1 2 3, 3 4 8 and 2 3 4; means of users 2, 3, 5, of seeds 2, 5, 3, of all 10 / 3.

    MS_user = 3 * (16 + 1 + 25) / 9 / 2 = 7; MS_seed = 3 * (16 + 25 + 1) / 9 / 2 = 7; the rest are 1/3, 1/3, -2/3, -2/3,
    -2/3, 4/3 and 1/3, 1/3, -2/3, so MS_rest = (1 + 1 + 4 + 4 + 4 + 16 + 1 + 1 + 4) / 9 / 4 = 1. se^2 = (6 + 7) / 9, and
    t(2) at 97.5 %, 4.302653, is that of users and of seeds: the half-width is 4.302653 times the larger of
    sqrt(13 / 9) and sqrt(7 / 9).
    """
    found = comparison_of_differences(np.array([[1.0, 2, 3], [3, 4, 8], [2, 3, 4]]), about_algorithms=True)
    assert found.difference == pytest.approx(10 / 3)
    assert found.high - 10 / 3 == pytest.approx(4.302653 * (13 / 9) ** 0.5, rel=1e-6)
    assert found.p_value == pytest.approx(2 * student.sf(10 / 3 / (13 / 9) ** 0.5, 2), rel=1e-6)
    assert found.effect_size == pytest.approx(10 / 3 / (7 / 3) ** 0.5)


def test_five_seeds_by_hand() -> None:
    """Of se^2 seeds have a share of 1/2: MS_user = 3, MS_rest = 1, MS_seed = 2, so se^2 = 4 / (5 * 4000) = .0002.

    t(3999) at 97.5 % is 1.960547 and t(4) 2.776445. With f = 4 the factor is 1/2, so c^2 is the larger of 1.960547^2 =
    3.843744 and 1/4 * 3.843744 + 1/2 * 2.776445^2 = 4.815259.
    """
    found = comparison_of_differences(layout(5, 3.0, 2.0, 1.0) + 0.05, about_algorithms=True)
    assert found.difference == pytest.approx(0.05)
    assert found.high - 0.05 == pytest.approx((4.815259 * 0.0002) ** 0.5, rel=1e-5)
    users, seeds = (student.isf(found.p_value / 2, freedom) for freedom in (MANY_USERS - 1, 4))
    assert users**2 / 4 + seeds**2 / 2 == pytest.approx(0.05**2 / 0.0002, rel=1e-5)


def test_three_seeds_are_a_test_of_users_and_one_of_seeds() -> None:
    """With f = 2 the factor is 0: the larger p-value of the two counts."""
    differences = values_of(0, 3, seed_spread=0.3) + 0.5
    users, seeds, rest = mean_squares_by_loops(differences.tolist())
    of_all = differences.mean() / ((users - rest + seeds) / differences.size) ** 0.5
    expected = max(2 * student.sf(abs(of_all), 29), ttest_1samp(differences.mean(axis=1), 0).pvalue)
    assert comparison_of_differences(differences, about_algorithms=True).p_value == pytest.approx(expected, rel=1e-6)


def test_seeds_that_do_not_differ_leave_the_users() -> None:
    """Rows 0 10 20, 1 12 17, 2 8 20: MS_user = 243, MS_seed = 0, MS_rest = 4: t(2) as for users alone."""
    found = comparison_of_differences(np.array([[0.0, 10, 20], [1, 12, 17], [2, 8, 20]]), about_algorithms=True)
    assert found.high - found.difference == pytest.approx(4.302653 * ((243 - 4) / 9) ** 0.5)
    assert found.p_value == pytest.approx(2 * student.sf(10 / ((243 - 4) / 9) ** 0.5, 2))


def test_users_that_differ_less_than_the_rest_leave_the_seeds() -> None:
    """Rows 1 2 6, 2 3 1 and 3 1 2 have the users' means 2, 2, 3; left is the t-test of the seeds' means 3, 2 and 2."""
    found = comparison_of_differences(np.array([[1.0, 2, 6], [2, 3, 1], [3, 1, 2]]), about_algorithms=True)
    assert found.p_value == pytest.approx(ttest_1samp([3, 2, 2], 0).pvalue)


@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from([0.9, 0.95]))
def test_scipys_paired_test_agrees_on_trained_models(seed: int, n_seeds: int, confidence: float) -> None:
    """P17: one seed, or several that are averaged."""
    ours, theirs = values_of(seed, n_seeds), values_of(seed + 1, n_seeds)
    found = comparison_of_differences(ours - theirs, about_algorithms=False, confidence=confidence)
    expected = ttest_rel(ours.mean(axis=0), theirs.mean(axis=0))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(confidence)))


def mean_squares_by_loops(differences: list[list[float]]) -> tuple[float, float, float]:
    """Return those of users, of seeds and of the rest, from the sums of squares of a two-way layout, cell by cell."""
    n_seeds, n_users = len(differences), len(differences[0])
    mean = sum(map(sum, differences)) / (n_seeds * n_users)
    of_seed = [sum(row) / n_users for row in differences]
    of_user = [sum(row[user] for row in differences) / n_seeds for user in range(n_users)]
    user_sum = seed_sum = rest_sum = 0.0
    for seed in range(n_seeds):
        for user in range(n_users):
            user_sum += (of_user[user] - mean) ** 2
            seed_sum += (of_seed[seed] - mean) ** 2
            rest_sum += (differences[seed][user] - of_seed[seed] - of_user[user] + mean) ** 2
    return user_sum / (n_users - 1), seed_sum / (n_seeds - 1), rest_sum / ((n_users - 1) * (n_seeds - 1))


@pytest.mark.parametrize("n_seeds", [*range(LEAST_SEEDS, 9), 20])
@pytest.mark.parametrize("shift", [0.0, 1e-9, 1e-3, 1.0, 1e6])
def test_pure_effects_of_seeds_are_a_t_test_over_seeds(n_seeds: int, shift: float) -> None:
    """Where users do not differ, the mean of the seeds' means is all there is."""
    effects = np.arange(n_seeds) - (n_seeds - 1) / 2 + shift
    found = comparison_of_differences(effects[:, None] + np.zeros((n_seeds, 50)), about_algorithms=True)
    expected = ttest_1samp(effects, 0.0)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-100)


@given(st.integers(0, 10**6), st.integers(LEAST_SEEDS, 8), st.integers(2, 12), st.sampled_from([0.0, 0.1, 2.0]))
def test_a_loop_over_the_two_way_layout_agrees(seed: int, n_seeds: int, n_users: int, spread: float) -> None:
    differences = values_of(seed, n_seeds, n_users, spread)
    found = comparison_of_differences(differences, about_algorithms=True)
    users, seeds, rest = mean_squares_by_loops(differences.tolist())
    total = max(users - rest, 0) + seeds
    factor = (n_seeds - 3) / (n_seeds - 1)

    def critical(p: float) -> float:
        of_users, of_seeds = (student.isf(p / 2, n - 1) ** 2 for n in (n_users, n_seeds))
        parts = max(total * of_users, factor * (total - seeds) * of_users + seeds * of_seeds)
        return (parts / (n_seeds * n_users)) ** 0.5

    assert found.high - found.low == pytest.approx(2 * critical(0.05))
    assert critical(found.p_value) == pytest.approx(abs(differences.mean()), abs=1e-9)


MANY_USERS = 4_000


def layout(n_seeds: int, users: float, seeds: float, rest: float) -> np.ndarray:
    """Return differences with the mean 0 and just these mean squares."""
    of_users, alternating = np.repeat([1.0, -1], MANY_USERS // 2), np.tile([1.0, -1], MANY_USERS // 2)
    of_seeds = np.arange(n_seeds) - (n_seeds - 1) / 2
    of_seeds *= ((n_seeds - 1) / np.sum(of_seeds**2)) ** 0.5
    factor = (MANY_USERS - 1) / MANY_USERS
    parts = (
        (users * factor / n_seeds) ** 0.5 * of_users,
        (seeds / MANY_USERS) ** 0.5 * of_seeds[:, None],
        (rest * factor) ** 0.5 * of_seeds[:, None] * alternating,
    )
    return sum(parts, np.zeros((n_seeds, MANY_USERS)))


def usual_half_width(n_seeds: int, users: float, seeds: float, rest: float) -> float:
    """Return what Student's t gives with Satterthwaite's degrees of freedom, cut off at the users alone."""
    if seeds <= rest:
        return float(student.isf(0.025, MANY_USERS - 1) * (users / n_seeds / MANY_USERS) ** 0.5)
    total = users + seeds - rest
    freedom = total**2 / (seeds**2 / (n_seeds - 1) + (users**2 + rest**2) / MANY_USERS)
    return float(student.isf(0.025, freedom) * (total / n_seeds / MANY_USERS) ** 0.5)


def half_width(n_seeds: int, users: float, seeds: float, rest: float, p: float = 0.05) -> float:
    found = comparison_of_differences(layout(n_seeds, users, seeds, rest), about_algorithms=True, confidence=1 - p)
    return found.high - found.difference


def false_alarms(width, n_seeds: int, rest: float) -> np.ndarray:
    """Return how often 0 lies outside of intervals around normal means, for seed effects from none to nearly all.

    MS_user is 1. MS_seed is what it should be times a chi-square over its degrees of freedom; over that it is
    integrated.
    """
    chances = (np.arange(1_000) + 0.5) / 1_000
    found = np.exp(np.linspace(-14, 12, 250))
    widths = np.log([width(n_seeds, 1.0, seeds, rest) for seeds in found])
    alarms = []
    for effect in (0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.1, 1.8, 3, 5, 8, 16, 50, 300):
        seeds = (rest + effect) * chi2.ppf(chances, n_seeds - 1) / (n_seeds - 1)
        spread = ((1 + effect) / n_seeds / MANY_USERS) ** 0.5
        alarms.append(np.mean(2 * norm.sf(np.exp(np.interp(np.log(seeds), np.log(found), widths)) / spread)))
    return np.array(alarms)


@pytest.mark.parametrize("rest", [0.02, 0.25, 0.75, 0.9, 1.0])
@pytest.mark.parametrize("n_seeds", range(LEAST_SEEDS, 9))
def test_false_alarms_by_integration(n_seeds: int, rest: float) -> None:
    """P24, whatever share of the variance seeds have."""
    alarms = false_alarms(half_width, n_seeds, rest)
    least, most = (0.046, 0.052) if n_seeds == LEAST_SEEDS else (0.049, 0.054)
    assert least < alarms.min() < alarms.max() < most


@pytest.mark.parametrize("p", [0.01, 0.001])
@pytest.mark.parametrize("n_seeds", [3, 5, 8, 20])
def test_false_alarms_at_lower_levels_by_integration(n_seeds: int, p: float) -> None:
    """Holm's correction holds p-values against such levels: they must not be too small, and be of use."""
    alarms = false_alarms(partial(half_width, p=p), n_seeds, 0.02)
    assert 0.15 * p < alarms.min() < alarms.max() < 1.1 * p


def test_the_usual_degrees_of_freedom_give_more_false_alarms() -> None:
    """So the docstring says why it is not them that are taken."""
    usual = false_alarms(usual_half_width, 3, 0.25)
    assert (usual.min(), usual.max()) == pytest.approx((0.039, 0.077), abs=0.001)


several = st.tuples(st.integers(0, 10**6), st.sampled_from([1, 3, 4]), st.booleans(), st.sampled_from([0.0, 0.1, 2.0]))


def figures(comparison: Comparison) -> tuple[float, ...]:
    """Return the figures alone."""
    return astuple(replace(comparison, error=None))[:-1]


def approx(comparison: Comparison):
    """Return what equals every figure up to rounding."""
    return pytest.approx(figures(comparison), rel=1e-6, abs=1e-9)


@given(several)
def test_swapped_recommenders_differ_by_the_sign(case: tuple[int, int, bool, float]) -> None:
    seed, n_seeds, fixed, spread = case
    ours, theirs = values_of(seed, n_seeds, seed_spread=spread), values_of(seed + 1, n_seeds, seed_spread=spread)
    one = paired_comparison(ours, theirs, deterministic=(fixed, fixed))
    other = paired_comparison(theirs, ours, deterministic=(fixed, fixed))
    assert (other.difference, other.low, other.high, other.effect_size) == (
        -one.difference,
        -one.high,
        -one.low,
        -one.effect_size,
    )
    assert other.p_value == one.p_value


@given(several, st.floats(-5, 5))
def test_what_both_have_more_changes_nothing(case: tuple[int, int, bool, float], more: float) -> None:
    seed, n_seeds, fixed, spread = case
    ours, theirs = values_of(seed, n_seeds, seed_spread=spread), values_of(seed + 1, n_seeds, seed_spread=spread)
    usual = paired_comparison(ours, theirs, deterministic=(fixed, fixed))
    assert figures(paired_comparison(ours + more, theirs + more, deterministic=(fixed, fixed))) == approx(usual)


@given(several, st.randoms())
def test_the_order_of_users_and_of_pairs_of_seeds_changes_nothing(case: tuple[int, int, bool, float], random) -> None:
    seed, n_seeds, fixed, spread = case
    differences = values_of(seed, n_seeds, seed_spread=spread)
    users, seeds = list(range(differences.shape[1])), list(range(n_seeds))
    random.shuffle(users)
    random.shuffle(seeds)
    usual = comparison_of_differences(differences, about_algorithms=fixed)
    assert figures(comparison_of_differences(differences[np.ix_(seeds, users)], about_algorithms=fixed)) == approx(
        usual
    )


@given(several, st.floats(0.1, 10))
def test_another_unit_changes_the_unit_alone(case: tuple[int, int, bool, float], scale: float) -> None:
    seed, n_seeds, fixed, spread = case
    differences = values_of(seed, n_seeds, seed_spread=spread)
    usual = comparison_of_differences(differences, about_algorithms=fixed)
    scaled = comparison_of_differences(differences * scale, about_algorithms=fixed)
    unit = np.array([scale, scale, scale, 1, 1, 1])
    assert figures(scaled) == pytest.approx(tuple(np.array(figures(usual)) * unit), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("n_seeds", "deterministic", "about_algorithms"),
    [
        ((1, 1), (True, True), True),
        ((1, 1), (True, False), False),
        ((1, 1), (False, False), False),
        ((3, 1), (False, True), True),
        ((1, 3), (True, False), True),
        ((3, 1), (False, False), False),
        ((2, 2), (False, False), False),
        ((2, 1), (False, True), False),
        ((1, 2), (True, False), False),
        ((3, 3), (False, False), True),
    ],
)
def test_fewer_than_three_seeds_of_a_random_recommender_claim_nothing_of_it(
    n_seeds, deterministic, about_algorithms
) -> None:
    """P17, P20."""
    ours, theirs = values_of(1, n_seeds[0]), values_of(2, n_seeds[1])
    found = paired_comparison(ours, theirs, deterministic=deterministic)
    assert found.about_algorithms is about_algorithms
    assert found == comparison_of_differences(ours - theirs, about_algorithms=about_algorithms)


def test_a_deterministic_recommender_is_compared_with_every_seed() -> None:
    ours, theirs = values_of(1, 3), values_of(2, 1)
    broadcast = paired_comparison(ours, np.repeat(theirs, 3, axis=0))
    assert paired_comparison(ours, theirs, deterministic=(False, True)) == broadcast


def test_retraining_makes_a_claim_harder() -> None:
    """3 seeds that move all users by 0.1: the models are told apart, the algorithms are not."""
    differences = np.array([[0.0], [0.1], [0.2]]) + 0.01 * np.random.default_rng(0).normal(size=(3, 1_000))
    assert comparison_of_differences(differences, about_algorithms=False).p_value < 1e-100
    assert comparison_of_differences(differences, about_algorithms=True).p_value > 0.2


def test_recommenders_that_never_differ_and_that_always_do() -> None:
    same = comparison_of_differences(np.zeros((3, 5)), about_algorithms=True)
    assert (same.difference, same.low, same.high, same.p_value, same.effect_size) == (0, 0, 0, 1, 0)
    always = comparison_of_differences(np.full((1, 4), -0.5), about_algorithms=False)
    assert (always.low, always.high, always.effect_size) == (-0.5, -0.5, -np.inf)
    assert always.p_value == 2 / 2**4, "the chance that four signs are equal"


def counted_false_alarms(n_users: int, share: float) -> float:
    """Return the chance that a test at 5 % finds a difference between equals, of hit rates: every draw is counted.

    Parameters
    ----------
    share
        The chance that a user's difference is 1, and that it is -1.
    """
    found = 0.0
    for n_up in range(n_users + 1):
        for n_down in range(n_users + 1 - n_up):
            differences = np.array([[1.0] * n_up + [-1.0] * n_down + [0.0] * (n_users - n_up - n_down)])
            t = ttest_1samp(differences[0], 0).pvalue if n_up * n_down or 0 < n_up + n_down < n_users else 0.0
            p_value = 1.0 if n_up == n_down == 0 else t
            ways = comb(n_users, n_up) * comb(n_users - n_up, n_down)
            found += (p_value <= 0.05) * ways * share ** (n_up + n_down) * (1 - 2 * share) ** (n_users - n_up - n_down)
    return found


@pytest.mark.parametrize(("n_users", "most"), [(2, 0.5), (3, 0.25), (4, 0.125), (7, 0.125)])
def test_with_few_users_false_alarms_are_frequent(n_users: int, most: float) -> None:
    """P24: so there is no test with fewer than ten."""
    assert counted_false_alarms(n_users, 0.5) == pytest.approx(most)


@pytest.mark.parametrize("n_users", [10, 11, 15])
def test_from_ten_users_on_false_alarms_are_nearly_as_rare_as_said(n_users: int) -> None:
    assert max(counted_false_alarms(n_users, share) for share in (0.05, 0.15, 0.25, 0.35, 0.45, 0.5)) <= 0.066


def test_one_user_allows_no_claim() -> None:
    found = comparison_of_differences(np.array([[0.5], [0.7], [0.6]]), about_algorithms=True)
    assert found.difference == pytest.approx(0.6)
    assert np.isnan([found.low, found.high, found.p_value, found.effect_size]).all()


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ((2, 5), (3, 5), "2 training seeds cannot be paired with 3; run both with the same --seeds"),
        ((2, 5), (2, 4), r"shapes \(2, 5\) and \(2, 4\), expected \(n_seeds, n_eval\)"),
        ((5,), (5,), r"shapes \(5,\) and \(5,\)"),
    ],
)
def test_what_cannot_be_paired_is_refused(ours, theirs, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        paired_comparison(np.zeros(ours), np.zeros(theirs))


def test_a_claim_about_algorithms_is_refused_with_two_seeds() -> None:
    with pytest.raises(ProtocolError, match="about algorithms needs at least 3 training seeds, and there are 2"):
        comparison_of_differences(np.zeros((2, 5)), about_algorithms=True)
