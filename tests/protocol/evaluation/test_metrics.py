"""Metrics (P15, P16, P23): hand-computed cases, brute force over orders and draws, and a foreign oracle."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from math import comb, log2

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from protocol.errors import ProtocolError
from protocol.evaluation.metrics import _hypergeometric, auc, expected_under_sampling, hit_rate, ndcg, reciprocal_rank
from protocol.evaluation.ranking import Ranks, rank_heldout


def one(n_better: int, n_tied: int, n_rivals: int) -> Ranks:
    return Ranks(np.array([n_better]), np.array([n_tied]), np.array([n_rivals]))


def test_rank_two_by_hand() -> None:
    ranks = one(1, 0, 100)
    assert hit_rate(ranks, 1) == 0
    assert hit_rate(ranks, 2) == 1
    assert ndcg(ranks, 10) == pytest.approx(1 / log2(3))
    assert reciprocal_rank(ranks) == 0.5
    assert auc(ranks) == pytest.approx(0.99)


def test_first_and_last_place() -> None:
    first, last = one(0, 0, 100), one(100, 0, 100)
    assert (hit_rate(first, 10), ndcg(first, 10), reciprocal_rank(first), auc(first)) == (1, 1, 1, 1)
    assert (hit_rate(last, 10), ndcg(last, 10), auc(last)) == (0, 0, 0)
    assert reciprocal_rank(last) == pytest.approx(1 / 101)


def test_a_constant_scorer_has_ten_of_a_hundred_and_one() -> None:
    """P15."""
    ranks = rank_heldout(np.zeros((5, 101)))
    assert hit_rate(ranks, 10).tolist() == [10 / 101] * 5
    assert ndcg(ranks, 10) == pytest.approx(sum(1 / log2(r + 1) for r in range(1, 11)) / 101, rel=1e-14)
    assert ndcg(ranks, 10).round(5).tolist() == [0.04499] * 5
    assert auc(ranks).tolist() == [0.5] * 5


def test_no_rival_at_all() -> None:
    ranks = one(0, 0, 0)
    assert (hit_rate(ranks, 10), ndcg(ranks, 10), reciprocal_rank(ranks), auc(ranks)) == (1, 1, 1, 1)


@pytest.mark.parametrize("metric", [hit_rate, ndcg])
def test_a_cutoff_below_one_is_an_error(metric) -> None:
    with pytest.raises(ProtocolError, match="k is 0"):
        metric(one(0, 0, 5), 0)


def place_in_every_order(n_better: int, n_tied: int) -> list[int]:
    """Return the held-out item's rank in each order of the tied items."""
    return [n_better + 1 + order.index("held-out") for order in permutations(["held-out", *range(n_tied)])]


@given(st.integers(0, 6), st.integers(0, 5), st.integers(0, 3), st.integers(1, 12))
def test_ties_are_the_mean_over_all_orders(n_better: int, n_tied: int, n_worse: int, k: int) -> None:
    """P15."""
    ranks = one(n_better, n_tied, n_better + n_tied + n_worse)
    places = place_in_every_order(n_better, n_tied)
    assert hit_rate(ranks, k) == pytest.approx(np.mean([place <= k for place in places]))
    assert ndcg(ranks, k) == pytest.approx(np.mean([(place <= k) / log2(place + 1) for place in places]))
    assert reciprocal_rank(ranks) == pytest.approx(np.mean([1 / place for place in places]))
    n_rivals = n_better + n_tied + n_worse
    beaten = [(n_rivals + 1 - place) / n_rivals if n_rivals else 1 for place in places]
    assert auc(ranks) == pytest.approx(np.mean(beaten))


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(1, 25))
def test_a_better_place_is_never_worth_less(n_better: int, n_tied: int, n_worse: int, k: int) -> None:
    n_rivals = n_better + n_tied + n_worse + 1
    ranks, one_more_better = one(n_better, n_tied, n_rivals), one(n_better + 1, n_tied, n_rivals)
    for value, other in (
        (hit_rate(ranks, k), hit_rate(one_more_better, k)),
        (ndcg(ranks, k), ndcg(one_more_better, k)),
        (reciprocal_rank(ranks), reciprocal_rank(one_more_better)),
        (auc(ranks), auc(one_more_better)),
    ):
        assert 0 <= other[0] <= value[0] <= 1
    assert hit_rate(ranks, k)[0] <= hit_rate(ranks, k + 1)[0]
    assert ndcg(ranks, k)[0] <= hit_rate(ranks, k)[0]


@given(st.lists(st.lists(st.integers(-5, 5), min_size=8, max_size=8), min_size=1, max_size=20), st.integers(1, 9))
def test_more_than_one_user_is_one_user_at_a_time(scores: list[list[int]], k: int) -> None:
    together = rank_heldout(np.array(scores, dtype=np.float64))
    alone = [rank_heldout(np.array([row], dtype=np.float64)) for row in scores]
    for metric in (hit_rate, ndcg):
        assert metric(together, k).tolist() == [metric(ranks, k)[0] for ranks in alone]


@given(st.permutations(range(12)))
def test_pytrec_eval_agrees_where_nothing_is_tied(order: list[int]) -> None:
    scores = np.array([order], dtype=np.float64)
    ranks = rank_heldout(scores)
    run = {"user": {f"item{i:02}": float(score) for i, score in enumerate(order)}}
    judged = pytrec_eval.RelevanceEvaluator({"user": {"item00": 1}}, {"ndcg_cut_10", "recip_rank", "success_10"})
    theirs = judged.evaluate(run)["user"]
    assert hit_rate(ranks, 10)[0] == theirs["success_10"]
    assert ndcg(ranks, 10)[0] == pytest.approx(theirs["ndcg_cut_10"], abs=1e-6)
    assert reciprocal_rank(ranks)[0] == pytest.approx(theirs["recip_rank"], abs=1e-6)


def mean_over_all_draws(n_better: int, n_tied: int, n_rivals: int, n_drawn: int, k: int) -> tuple[float, float]:
    """Draw every set of rivals there is, and take the mean of the metrics over them."""
    worse = n_rivals - n_better - n_tied
    scores = [1.0] * n_better + [0.0] * n_tied + [-1.0] * worse
    draws = [rank_heldout(np.array([[0.0, *drawn]])) for drawn in combinations(scores, n_drawn)]
    return float(np.mean([hit_rate(r, k) for r in draws])), float(np.mean([ndcg(r, k) for r in draws]))


@settings(deadline=None)
@given(st.data())
def test_the_expectation_is_the_mean_over_all_draws(data: st.DataObject) -> None:
    """P16."""
    n_rivals = data.draw(st.integers(0, 7))
    n_better = data.draw(st.integers(0, n_rivals))
    n_tied = data.draw(st.integers(0, n_rivals - n_better))
    n_drawn = data.draw(st.integers(0, n_rivals))
    k = data.draw(st.integers(1, 9))
    hit, gain = expected_under_sampling(one(n_better, n_tied, n_rivals), n_drawn, k)
    expected_hit, expected_gain = mean_over_all_draws(n_better, n_tied, n_rivals, n_drawn, k)
    assert hit[0] == pytest.approx(expected_hit, abs=1e-12)
    assert gain[0] == pytest.approx(expected_gain, abs=1e-12)


def test_the_expectation_worked_by_hand() -> None:
    """N=4, g=1, t=1, m=2: P_0 = 1/3, P_1 = 7/12, so P_2 = 1/12."""
    ranks = one(1, 1, 4)
    assert expected_under_sampling(ranks, 2, 1)[0] == pytest.approx(1 / 3)
    hit, gain = expected_under_sampling(ranks, 2, 2)
    assert hit == pytest.approx(11 / 12)
    assert gain == pytest.approx(1 / 3 + 7 / 12 / log2(3))


def expectation_in_fractions(n_better: int, n_tied: int, n_rivals: int, n_drawn: int, k: int) -> tuple[float, float]:
    """Count the draws in exact integers, after the first form in the docstring."""
    chances = []
    for x in range(k):
        favourable = [comb(n_better + j, x) * comb(n_rivals - n_better - j, n_drawn - x) for j in range(n_tied + 1)]
        chances.append(Fraction(sum(favourable), (n_tied + 1) * comb(n_rivals, n_drawn)))
    return float(sum(chances)), sum(float(chance) / log2(x + 2) for x, chance in enumerate(chances))


@pytest.mark.parametrize(
    ("n_better", "n_tied", "n_rivals"),
    [(3, 0, 1_500), (37, 1, 1_500), (200, 12, 3_700), (500, 0, 60_000), (5_000, 1, 60_000), (59_000, 40, 60_000)],
)
def test_the_expectation_in_catalogues_of_the_usual_sizes(n_better: int, n_tied: int, n_rivals: int) -> None:
    """P16."""
    hit, gain = expected_under_sampling(one(n_better, n_tied, n_rivals), 100, 10)
    assert (hit[0], gain[0]) == pytest.approx(
        expectation_in_fractions(n_better, n_tied, n_rivals, 100, 10), rel=1e-9, abs=1e-15
    )


@given(st.integers(1, 300), st.integers(0, 20), st.integers(1, 22), st.data())
def test_scipys_hypergeometric_distribution_agrees(n_all: int, n_drawn: int, n_x: int, data: st.DataObject) -> None:
    n_drawn = min(n_drawn, n_all)
    n_x = min(n_x, n_drawn + 1)
    marked = data.draw(st.lists(st.integers(0, n_all), min_size=1, max_size=5))
    found = _hypergeometric(n_x, np.full(len(marked), n_all), np.array(marked), n_drawn)
    expected = hypergeom.pmf(np.arange(n_x), n_all, np.array(marked)[:, None], n_drawn)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_sampling_can_turn_an_order_round() -> None:
    """P23: of 1,000 rivals A has none better for half of its users and all for the others, B has 30 for every one.

    Ranked against all, A's HR@10 is 1/2 and B's is 0. Of 100 drawn rivals about 3 are better for B: mostly a hit.
    """
    rivals = np.array([1_000, 1_000])
    a, b = (Ranks(np.array(better), np.zeros(2), rivals) for better in ([0, 1_000], [30, 30]))
    assert (hit_rate(a, 10).mean(), hit_rate(b, 10).mean()) == (0.5, 0)
    assert expected_under_sampling(a, 100, 10)[0].mean() == pytest.approx(0.5)
    assert expected_under_sampling(b, 100, 10)[0].mean() > 0.99


def test_the_expectation_of_many_users_in_one_call() -> None:
    ranks = Ranks(np.array([0, 40, 3, 40]), np.array([0, 5, 0, 5]), np.array([1500, 1400, 1500, 1400]))
    hit, gain = expected_under_sampling(ranks, 100, 10)
    for user in range(4):
        alone = Ranks(ranks.n_better[[user]], ranks.n_tied[[user]], ranks.n_rivals[[user]])
        alone_hit, alone_gain = expected_under_sampling(alone, 100, 10)
        assert (hit[user], gain[user]) == pytest.approx((alone_hit[0], alone_gain[0]), rel=1e-12)


def test_the_expectation_of_a_constant_is_chance() -> None:
    hit, gain = expected_under_sampling(one(0, 1500, 1500), 100, 10)
    assert hit[0] == pytest.approx(10 / 101, rel=1e-9)
    assert gain[0] == pytest.approx(0.04499, abs=5e-6)


def test_more_draws_than_rivals_are_undefined() -> None:
    with pytest.raises(ProtocolError, match="1 of 1 users have fewer than 5 rivals"):
        expected_under_sampling(one(0, 0, 4), 5, 10)
