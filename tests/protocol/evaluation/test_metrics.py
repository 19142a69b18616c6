"""Metrics (P15): hand-computed cases, brute force over the orders of tied items, and another program."""

from __future__ import annotations

from itertools import permutations
from math import log2

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ProtocolError
from protocol.evaluation.metrics import (
    METRICS,
    ONE_HELD_OUT,
    auc,
    check_metric,
    check_metrics,
    hit_rate,
    ndcg,
    primary_of,
)
from protocol.evaluation.ranking import Ranks, rank_heldout

reciprocal_rank = METRICS["MRR"].values


def one(n_better: int, n_tied: int, n_rivals: int) -> Ranks:
    return Ranks(np.array([n_better]), np.array([n_tied]), np.array([n_rivals]))


def test_rank_two_by_hand() -> None:
    ranks = one(1, 0, 100)
    assert hit_rate(ranks, 1) == 0
    assert hit_rate(ranks, 2) == 1
    assert ndcg(ranks, 10) == pytest.approx(1 / log2(3))
    assert reciprocal_rank(ranks, 2) == 0.5
    assert reciprocal_rank(ranks, 1) == 0
    assert auc(ranks) == pytest.approx(0.99)


def test_first_and_last_place() -> None:
    first, last = one(0, 0, 100), one(100, 0, 100)
    assert (hit_rate(first, 10), ndcg(first, 10), reciprocal_rank(first, 10), auc(first)) == (1, 1, 1, 1)
    assert (hit_rate(last, 10), ndcg(last, 10), reciprocal_rank(last, 100), auc(last)) == (0, 0, 0, 0)
    assert reciprocal_rank(last, 101) == pytest.approx(1 / 101)


def test_a_constant_scorer_has_ten_of_a_hundred_and_one() -> None:
    """P15."""
    ranks = rank_heldout(np.zeros((5, 101)))
    assert hit_rate(ranks, 10).tolist() == [10 / 101] * 5
    assert ndcg(ranks, 10) == pytest.approx(sum(1 / log2(r + 1) for r in range(1, 11)) / 101, rel=1e-14)
    assert ndcg(ranks, 10).round(5).tolist() == [0.04499] * 5
    assert reciprocal_rank(ranks, 10) == pytest.approx(sum(1 / r for r in range(1, 11)) / 101, rel=1e-14)
    assert auc(ranks).tolist() == [0.5] * 5


def test_no_rival_at_all() -> None:
    ranks = one(0, 0, 0)
    assert (hit_rate(ranks, 10), ndcg(ranks, 10), reciprocal_rank(ranks, 10), auc(ranks)) == (1, 1, 1, 1)


@pytest.mark.parametrize("metric", [hit_rate, ndcg, reciprocal_rank])
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
    assert reciprocal_rank(ranks, k) == pytest.approx(np.mean([(place <= k) / place for place in places]))
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
        (reciprocal_rank(ranks, k), reciprocal_rank(one_more_better, k)),
        (auc(ranks), auc(one_more_better)),
    ):
        assert 0 <= other[0] <= value[0] <= 1
    assert hit_rate(ranks, k)[0] <= hit_rate(ranks, k + 1)[0]
    assert reciprocal_rank(ranks, k)[0] - 1e-12 <= ndcg(ranks, k)[0] <= hit_rate(ranks, k)[0]


@given(st.lists(st.lists(st.integers(-5, 5), min_size=8, max_size=8), min_size=1, max_size=20), st.integers(1, 9))
def test_more_than_one_user_is_one_user_at_a_time(scores: list[list[int]], k: int) -> None:
    together = rank_heldout(np.array(scores, dtype=np.float64))
    alone = [rank_heldout(np.array([row], dtype=np.float64)) for row in scores]
    for metric in (hit_rate, ndcg, reciprocal_rank):
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
    assert reciprocal_rank(ranks, 12)[0] == pytest.approx(theirs["recip_rank"], abs=1e-6)


def test_values_beyond_the_cutoff_are_nothing_and_of_auc_there_is_no_cutoff() -> None:
    ranks = one(3, 0, 100)
    assert [METRICS[name].values(ranks, 3).item() for name in METRICS] == [0, 0, 0, pytest.approx(0.97)]
    assert [METRICS[name].values(ranks, 4).item() for name in METRICS] == [
        1, pytest.approx(1 / log2(5)), pytest.approx(0.25), pytest.approx(0.97),
    ]  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
@given(data=st.data())
def test_values_of_a_place_without_ties_are_the_definition(name: str, data: st.DataObject) -> None:
    n_rivals = data.draw(st.integers(0, 30))
    n_better, k = data.draw(st.integers(0, n_rivals)), data.draw(st.integers(1, 40))
    metric = METRICS[name]
    assert metric.values(one(n_better, 0, n_rivals), k)[0] == pytest.approx(metric.gain(n_better + 1, n_rivals, k))


def test_labels_have_the_cutoff_where_there_is_one() -> None:
    assert [metric.label(5) for metric in METRICS.values()] == ["HR@5", "NDCG@5", "MRR@5", "AUC"]


@pytest.mark.parametrize("name", ["Recall", "MAP", "recall", "map", "Recall@10", "MAP@5"])
def test_recall_and_map_are_refused_with_their_names_here(name: str) -> None:
    assert ONE_HELD_OUT == "with one held-out item per user, Recall@k is HR@k and MAP@k is MRR@k"
    with pytest.raises(ProtocolError, match=f"^no metric is called '{name}': {ONE_HELD_OUT}$"):
        check_metric(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hits", "unknown metric 'hits'; there are HR, NDCG, MRR, AUC"),
        ("", "unknown metric ''; there are HR, NDCG, MRR, AUC"),
        ("HR@5", "unknown metric 'HR@5'; there are HR, NDCG, MRR, AUC; the cut-off is an option of its own, k"),
    ],
)
def test_an_unknown_metric_is_an_error_that_says_what_there_is(name: str, message: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        check_metrics(["HR", name])
    assert str(caught.value) == message


def test_a_list_of_metrics_keeps_its_order_and_each_name_once() -> None:
    assert check_metrics(None) == ("HR", "NDCG")
    assert check_metrics(("AUC", "HR", "AUC")) == ("AUC", "HR")
    assert check_metrics("MRR") == ("MRR",)
    with pytest.raises(ProtocolError, match="no metric is named; name one or more of HR, NDCG, MRR, AUC"):
        check_metrics([])


def test_ndcg_sorts_where_it_is_shown_and_else_the_first_metric() -> None:
    assert primary_of(("HR", "NDCG")) == primary_of(("NDCG", "MRR")) == "NDCG"
    assert primary_of(("MRR", "HR")) == "MRR"
