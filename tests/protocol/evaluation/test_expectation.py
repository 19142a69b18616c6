"""Expected values over all draws of negatives (P16, P23): by hand, by brute force, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws, _hypergeometric
from protocol.evaluation.metrics import METRICS, hit_rate
from protocol.evaluation.ranking import Ranks, rank_heldout


def one(n_better: int, n_tied: int, n_rivals: int) -> Ranks:
    return Ranks(np.array([n_better]), np.array([n_tied]), np.array([n_rivals]))


def expected(ranks: Ranks, n_drawn: int, k: int) -> dict[str, np.ndarray]:
    """Return each metric of each user over all draws."""
    draws = Draws(ranks, n_drawn)
    return {name: metric.expected(draws, k) for name, metric in METRICS.items()}


def mean_over_all_draws(n_better: int, n_tied: int, n_rivals: int, n_drawn: int, k: int) -> dict[str, float]:
    """Draw every set of rivals there is, and take the mean of the metrics over them."""
    worse = n_rivals - n_better - n_tied
    scores = [1.0] * n_better + [0.0] * n_tied + [-1.0] * worse
    draws = [rank_heldout(np.array([[0.0, *drawn]])) for drawn in combinations(scores, n_drawn)]
    return {name: float(np.mean([metric.values(draw, k) for draw in draws])) for name, metric in METRICS.items()}


@settings(deadline=None)
@given(st.data())
def test_the_expectation_is_the_mean_over_all_draws(data: st.DataObject) -> None:
    """P16."""
    n_rivals = data.draw(st.integers(1, 7))
    n_better = data.draw(st.integers(0, n_rivals))
    n_tied = data.draw(st.integers(0, n_rivals - n_better))
    n_drawn = data.draw(st.integers(1, n_rivals))
    k = data.draw(st.integers(1, 9))
    found = expected(one(n_better, n_tied, n_rivals), n_drawn, k)
    for name, value in mean_over_all_draws(n_better, n_tied, n_rivals, n_drawn, k).items():
        assert found[name][0] == pytest.approx(value, abs=1e-12), name


def test_without_any_draw_the_held_out_item_is_first() -> None:
    assert [expected(one(0, 0, 0), 0, 3)[name].item() for name in METRICS] == [1, 1, 1, 1]


def test_the_expectation_worked_by_hand() -> None:
    """N=4, g=1, t=1, m=2: P_0 = 1/3, P_1 = 7/12, so P_2 = 1/12; of 4 rivals 2 are worse and 1 is tied."""
    ranks = one(1, 1, 4)
    assert expected(ranks, 2, 1)["HR"] == pytest.approx(1 / 3)
    found = expected(ranks, 2, 2)
    assert found["HR"] == pytest.approx(11 / 12)
    assert found["NDCG"] == pytest.approx(1 / 3 + 7 / 12 / log2(3))
    assert found["MRR"] == pytest.approx(1 / 3 + 7 / 24)
    assert expected(ranks, 2, 3)["MRR"] == pytest.approx(1 / 3 + 7 / 24 + 1 / 36)
    assert found["AUC"] == pytest.approx(2.5 / 4)


def expectation_in_fractions(n_better: int, n_tied: int, n_rivals: int, n_drawn: int, k: int) -> dict[str, float]:
    """Count the draws in exact integers, after the first form in the docstring."""
    chances = []
    for x in range(n_drawn + 1):
        favourable = [comb(n_better + j, x) * comb(n_rivals - n_better - j, n_drawn - x) for j in range(n_tied + 1)]
        chances.append(Fraction(sum(favourable), (n_tied + 1) * comb(n_rivals, n_drawn)))
    return {
        "HR": float(sum(chances[:k])),
        "NDCG": sum(float(chance) / log2(x + 2) for x, chance in enumerate(chances[:k])),
        "MRR": float(sum(chance / (x + 1) for x, chance in enumerate(chances[:k]))),
        "AUC": float(sum(chance * Fraction(n_drawn - x, n_drawn) for x, chance in enumerate(chances))),
    }


@pytest.mark.parametrize(
    ("n_better", "n_tied", "n_rivals"),
    [(3, 0, 1_500), (37, 1, 1_500), (200, 12, 3_700), (500, 0, 60_000), (5_000, 1, 60_000), (59_000, 40, 60_000)],
)
def test_the_expectation_in_catalogues_of_the_usual_sizes(n_better: int, n_tied: int, n_rivals: int) -> None:
    """P16."""
    found = expected(one(n_better, n_tied, n_rivals), 100, 10)
    for name, value in expectation_in_fractions(n_better, n_tied, n_rivals, 100, 10).items():
        assert found[name][0] == pytest.approx(value, rel=1e-9, abs=1e-15), name


@given(st.integers(1, 300), st.integers(0, 20), st.integers(1, 22), st.data())
def test_scipys_hypergeometric_distribution_agrees(n_all: int, n_drawn: int, n_x: int, data: st.DataObject) -> None:
    n_drawn = min(n_drawn, n_all)
    n_x = min(n_x, n_drawn + 1)
    marked = data.draw(st.lists(st.integers(0, n_all), min_size=1, max_size=5))
    found = _hypergeometric(n_x, np.full(len(marked), n_all), np.array(marked), n_drawn)
    expected = hypergeom.pmf(np.arange(n_x), n_all, np.array(marked)[:, None], n_drawn)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def chance(n_all: int, n_marked: int, n_drawn: int, x: int) -> Fraction:
    return Fraction(comb(n_marked, x) * comb(n_all - n_marked, n_drawn - x), comb(n_all, n_drawn))


@pytest.mark.parametrize(
    ("n_all", "n_marked", "n_drawn", "places"),
    [
        (1682, 600, 1000, range(200, 460, 20)),
        (1682, 1681, 1000, (999, 1000)),
        (20_000, 3000, 10_000, range(0, 1001, 97)),
        (20_000, 150, 10_000, range(0, 151, 13)),
        (12_000, 11_000, 10_000, (8999, 9000, 9166, 10_000)),
    ],
)
def test_many_drawn_items_are_exact_too(n_all: int, n_marked: int, n_drawn: int, places: range) -> None:
    """Either of the two products alone leaves the range of floats there."""
    (found,) = _hypergeometric(max(places) + 1, np.array([n_all]), np.array([n_marked]), n_drawn)
    assert np.isfinite(found).all()
    for x in places:
        # Below the smallest float there is nothing to compare but 0.
        assert found[x] == pytest.approx(float(chance(n_all, n_marked, n_drawn, x)), rel=1e-12, abs=1e-300), x


def test_ties_among_many_drawn_items_are_exact_too() -> None:
    """The mean, over 0 to 3 tied items in front, of the chance that fewer than 200 drawn items come first."""
    n_better, n_tied, n_rivals, n_drawn, k = 300, 3, 1600, 1000, 200
    exact = sum(chance(n_rivals, n_better + j, n_drawn, x) for j in range(n_tied + 1) for x in range(k)) / Fraction(
        n_tied + 1
    )
    assert expected(one(n_better, n_tied, n_rivals), n_drawn, k)["HR"][0] == pytest.approx(float(exact), rel=1e-9)


def test_sampling_can_turn_an_order_round() -> None:
    """P23: of 1,000 rivals A has none better for half of its users and all for the others, B has 30 for every one.

    Ranked against all, A's HR@10 is 1/2 and B's is 0. Of 100 drawn rivals about 3 are better for B: mostly a hit.
    """
    rivals = np.array([1_000, 1_000])
    a, b = (Ranks(np.array(better), np.zeros(2), rivals) for better in ([0, 1_000], [30, 30]))
    assert (hit_rate(a, 10).mean(), hit_rate(b, 10).mean()) == (0.5, 0)
    assert expected(a, 100, 10)["HR"].mean() == pytest.approx(0.5)
    assert expected(b, 100, 10)["HR"].mean() > 0.99


def test_the_expectation_of_many_users_in_one_call() -> None:
    ranks = Ranks(np.array([0, 40, 3, 40]), np.array([0, 5, 0, 5]), np.array([1500, 1400, 1500, 1400]))
    found = expected(ranks, 100, 10)
    for user in range(4):
        alone = Ranks(ranks.n_better[[user]], ranks.n_tied[[user]], ranks.n_rivals[[user]])
        for name, values in expected(alone, 100, 10).items():
            assert found[name][user] == pytest.approx(values[0], rel=1e-12)


def test_one_object_of_draws_serves_several_cutoffs() -> None:
    draws, ranks = Draws(one(40, 5, 1400), 100), one(40, 5, 1400)
    for k in (10, 5, 10):
        assert METRICS["NDCG"].expected(draws, k) == expected(ranks, 100, k)["NDCG"]
    ahead = Draws(ranks, 100, most_places=200)
    for k in (5, 10, 101, 200):
        assert METRICS["NDCG"].expected(ahead, k) == METRICS["NDCG"].expected(Draws(ranks, 100), k), "to the last bit"


def test_the_expectation_of_a_constant_is_chance() -> None:
    found = expected(one(0, 1500, 1500), 100, 10)
    assert found["HR"][0] == pytest.approx(10 / 101, rel=1e-9)
    assert found["NDCG"][0] == pytest.approx(0.04499, abs=5e-6)
    assert found["MRR"][0] == pytest.approx(sum(1 / rank for rank in range(1, 11)) / 101, rel=1e-9)
    assert found["AUC"][0] == 0.5


def test_more_draws_than_rivals_are_undefined() -> None:
    with pytest.raises(ProtocolError, match="1 of 1 users have fewer than 5 rivals"):
        Draws(one(0, 0, 4), 5)
