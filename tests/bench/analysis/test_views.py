"""Three views of one fit, and whether they put rows into the same order."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hand_made import FACTS, record, task
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from bench.analysis.head_to_head import compare_rows
from bench.analysis.views import Agreement, agreements, user_values
from bench.tables.claims import MOST_PAIRS, _tau_text
from bench.tables.head_to_head import render as render_pair
from bench.tables.results import render
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS

ALL = tuple(METRICS)

SEEDS = [
    record("bpr", [0, 0, 20], full=[0, 9, 300], seed=0),
    record("bpr", [5, 0, 20], full=[50, 9, 300], seed=1),
]


def test_each_view_is_the_metric_of_its_ranks() -> None:
    """P16."""
    sampled, expected, full = (user_values(SEEDS, view, 10, ALL) for view in ("sampled", "expected", "full"))
    assert list(sampled) == list(expected) == list(full) == list(METRICS)
    for seed, one in enumerate(SEEDS):
        draws = Draws(one.full_ranks, FACTS["n_negatives"])
        for name, metric in METRICS.items():
            assert sampled[name][seed].tolist() == metric.values(one.ranks, 10).tolist()
            assert full[name][seed].tolist() == metric.values(one.full_ranks, 10).tolist()
            assert expected[name][seed].tolist() == metric.expected(draws, 10).tolist()
    assert expected["AUC"].tolist() == full["AUC"].tolist()


def test_only_the_metrics_asked_for_are_computed() -> None:
    assert list(user_values(SEEDS, "full", 10, ("AUC", "HR"))) == ["AUC", "HR"]


def test_a_view_that_one_seed_lacks_is_not_to_be_had() -> None:
    without = record("bpr", [0, 0, 20], seed=2)
    assert user_values([*SEEDS, without], "full", 10, ALL) == {}
    assert user_values([*SEEDS, without], "expected", 10, ALL) == {}
    assert user_values([*SEEDS, without], "sampled", 10, ALL)["HR"].shape == (3, 3)


def test_users_with_fewer_untouched_items_than_are_drawn_leave_no_expectation() -> None:
    """P16: 99 untouched items, and draws of 100."""
    short = record("bpr", [0, 0], full=[0, 9], n_untouched=99)
    assert user_values([short], "expected", 10, ALL) == {}
    assert user_values([short], "full", 10, ALL) != {}
    assert user_values([record("bpr", [0], full=[0], n_untouched=100)], "expected", 10, ALL) != {}
    text = " ".join(render([short], views=("sampled", "expected", "full")).split())
    assert "expected is undefined, because 2 users have fewer than 100 untouched items." in text
    assert "bpr 1.0000 ±.000 1.0000 ±.000 - .6445" in text


def test_a_note_says_that_the_expectation_is_not_over_the_given_lists() -> None:
    """P11, P16."""
    imported = task(parts=task()["parts"] | {"split": "imported"})
    sentence = "with the bias of sampling (not the mean over the given lists)."
    assert sentence in " ".join(render([record("ease", [0, 1], full=[0, 1], of=imported)]).split())
    assert sentence not in " ".join(render([record("ease", [0, 1], full=[0, 1])]).split())


def ranked(**places: tuple[int, int]) -> list:
    """Return a record per recommender: every user has so many better among the candidates, and among all items."""
    return [record(label, [sampled] * 12, full=[full] * 12) for label, (sampled, full) in places.items()]


TURNED = ranked(a=(0, 1), b=(1, 0), c=(2, 3), d=(3, 2))
"""Candidates say a b c d, all items b a d c: of six pairs two are swapped, so tau is (4 - 2) / 6."""


def test_kendalls_tau_and_the_pairs_that_swap_by_hand() -> None:
    means = {"a": (4, 3), "b": (3, 4), "c": (2, 1), "d": (1, 2)}
    (found,) = agreements({label: {"sampled": one, "full": other} for label, (one, other) in means.items()})
    assert found == Agreement(("sampled", "full"), pytest.approx(1 / 3), (("a", "b"), ("c", "d")))


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=2, max_size=8))
def test_scipy_and_a_loop_agree(rows: list[tuple[int, int, int]]) -> None:
    views = ("sampled", "expected", "full")
    means = {f"row{number}": dict(zip(views, row, strict=True)) for number, row in enumerate(rows)}
    found = agreements(means)
    assert [agreement.views for agreement in found] == list(itertools.combinations(views, 2))
    for one in found:
        first, second = ([row[view] for row in means.values()] for view in one.views)
        assert one.kendall_tau == pytest.approx(kendalltau(first, second).statistic, nan_ok=True)
        assert set(one.swapped) == {
            (a, b)
            for a in means
            for b in means
            if means[a][one.views[0]] > means[b][one.views[0]] and means[a][one.views[1]] < means[b][one.views[1]]
        }


def test_only_rows_that_have_both_views_count() -> None:
    means = {"a": {"sampled": 2.0, "full": 1.0}, "b": {"sampled": 1.0, "full": 2.0}, "c": {"sampled": 3.0}}
    (found,) = agreements(means)
    assert found.swapped == (("a", "b"),)
    assert agreements({"a": means["a"], "c": means["c"]}) == ()


def test_the_table_warns_and_names_the_pairs() -> None:
    """P23."""
    text = " ".join(render(TURNED).split())
    assert (
        "Warning the order of the rows depends on the view. Kendall's tau of NDCG@10: "
        ".33 between sampled and expected (swapped: a and b, c and d); "
        ".33 between sampled and full (swapped: the same pairs); 1 between expected and full. "
        "2 of these 2 pairs are distinguishable by sampled NDCG@10." in text
    )
    found = {tuple(entry["views"]): entry for entry in json.loads(render(TURNED, "json"))["views"]}
    assert found["sampled", "full"]["kendall_tau"] == pytest.approx(1 / 3)
    assert found["sampled", "full"]["swapped"] == [["a", "b"], ["c", "d"]]
    assert found["expected", "full"]["swapped"] == []
    for form in ("github", "latex", "html-fragment"):
        assert "between sampled and expected (swapped: a and b, c and d)" in render(TURNED, form)


@pytest.mark.parametrize(
    ("tau", "shown"),
    [(0.0, "0"), (-0.001, "0"), (0.5, ".50"), (-1 / 3, "-.33"), (1.0, "1"), (-1 + 1e-16, "-1"), (0.999, ".99"),
     (-0.999, "-.99"), (nan, "undefined")],
)  # fmt: skip
def test_kendalls_tau_in_words(tau: float, shown: str) -> None:
    """Of many rows with one pair swapped, tau rounds to 1, and is not."""
    assert _tau_text(tau) == shown


def test_a_tau_of_zero_is_shown() -> None:
    """Candidates say a b c d, all items c b a d or so: three of six pairs are swapped."""
    text = " ".join(render(ranked(a=(0, 2), b=(1, 1), c=(2, 0), d=(3, 3))).split())
    assert "0 between sampled and full (swapped: " in text


def test_the_table_says_when_there_is_nothing_to_warn_of() -> None:
    text = " ".join(render(ranked(a=(0, 0), b=(1, 1))).split())
    assert "Order sampled, expected and full NDCG@10 give the rows the same order." in text
    assert "Warning" not in text
    assert "Order" not in render([record("a", [0, 1]), record("b", [1, 2])])


def test_one_swapped_pair_and_whether_it_is_distinguishable() -> None:
    noisy = [record("a", [0, 0, 0, 9] * 3, full=[5] * 12), record("b", [1, 1, 0, 0] * 3, full=[4] * 12)]
    assert "The pair is not distinguishable by sampled NDCG@10." in " ".join(render(noisy).split())
    clear = ranked(a=(0, 1), b=(1, 0))
    assert "The pair is distinguishable by sampled NDCG@10." in " ".join(render(clear).split())
    assert "The pair" not in render(clear, baseline="a")


def test_a_view_that_has_all_rows_equal_has_no_tau() -> None:
    (found,) = agreements({"a": {"sampled": 1.0, "full": 2.0}, "b": {"sampled": 1.0, "full": 1.0}})
    assert found.kendall_tau == pytest.approx(nan, nan_ok=True)
    assert found.swapped == ()
    three = ranked(a=(0, 1), b=(0, 1))
    assert json.loads(render(three, "json"))["views"][0]["kendall_tau"] is None


def test_no_more_pairs_are_named_than_can_be_read() -> None:
    """Six rows reversed are 15 pairs."""
    places = {chr(ord("a") + number): (number, 5 - number) for number in range(6)}
    text = " ".join(render(ranked(**places)).split())
    assert MOST_PAIRS == 12
    assert "-1 between sampled and expected (swapped: a and b," in text
    assert "-1 between sampled and full (swapped: the same pairs)" in text
    assert "and 3 more" not in text
    assert "3 more, all in --format json)" in text
    assert len(json.loads(render(ranked(**places), "json"))["views"][1]["swapped"]) == 15


def test_views_are_stacked_seed_by_seed() -> None:
    assert user_values(SEEDS, "full", 10, ALL)["NDCG"].shape == (2, 3)
    assert np.all(user_values(SEEDS, "full", 10, ALL)["HR"][:, 2] == 0)


@pytest.mark.parametrize("wrong", [nan, inf])
def test_a_value_that_is_not_finite_is_an_error_before_it_is_shown(
    wrong: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P16."""
    broken = replace(METRICS["NDCG"], values=lambda ranks, _: np.where(ranks.n_better > 9, wrong, 1.0))
    monkeypatch.setitem(METRICS, "NDCG", broken)
    expected = r"NDCG@10 of bpr is not finite for 2 of 4 users, expected a number from 0 to 1"
    rows = [record("bpr", [0, 20, 30, 0]), record("als", [0] * 4)]
    with pytest.raises(ProtocolError, match=expected):
        render(rows)
    with pytest.raises(ProtocolError, match=expected):
        compare_rows(rows, "bpr", "als")


COLD_COUNTS = ([5] * 4, [0, 0, 1, 2], [2, 1])
"""The held-out items of the first two users have no training interaction."""


def test_drawn_views_are_over_users_whose_held_out_item_is_trained_on() -> None:
    """P7: the first two users, of whom one is a hit, do not count; the full view has all."""
    one = record("bpr", [0, 50, 0, 50], full=[0, 500, 0, 500], counts=COLD_COUNTS)
    assert user_values([one], "sampled", 10, ("HR",))["HR"].tolist() == [[1, 0]]
    assert user_values([one], "expected", 10, ("HR",))["HR"].shape == (1, 2)
    assert user_values([one], "full", 10, ("HR",))["HR"].tolist() == [[1, 0, 1, 0]]


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.data())
def test_what_users_of_cold_items_get_changes_nothing(places: list[int], data: st.DataObject) -> None:
    others = [*data.draw(st.lists(st.integers(0, 100), min_size=2, max_size=2)), *places[2:]]
    one, other = (record("bpr", each, full=each, counts=COLD_COUNTS) for each in (places, others))
    for view in ("sampled", "expected"):
        found, same = (user_values([each], view, 10, ALL) for each in (one, other))
        assert all(np.array_equal(found[name], same[name]) for name in ALL)


def test_the_table_and_the_comparison_say_who_is_left_out() -> None:
    rows = [record(name, [0, 9, n, 50], full=[0, 9, n, 50], counts=COLD_COUNTS) for n, name in enumerate("ab")]
    text = " ".join(render(rows).split())
    said = "2 users whose held-out item has no training interaction are left out of the drawn views (P7)"
    assert text.startswith("ml-100k: 2 users, one held-out item each against 100 drawn negatives")
    assert said in text
    assert " ".join(render(rows, views=("full",)).split()).startswith("ml-100k: 4 users, one held-out")
    assert said in " ".join(render_pair(compare_rows(rows, "a", "b")).split())
    assert [one.n_users for one in compare_rows(rows, "a", "b").slices if one.kind in ("all", "cold")] == [2]
    in_full = compare_rows(rows, "a", "b", view="full")
    assert [one.n_users for one in in_full.slices if one.kind in ("all", "cold")] == [4, 2]
    assert said not in " ".join(render_pair(in_full).split())


def test_without_any_warm_held_out_item_there_is_the_full_view_alone() -> None:
    counts = ([5] * 4, [0] * 4, [2, 1])
    rows = [record(name, [0, 9, 9, 50], full=[0, 9, 9, 50], counts=counts) for name in "ab"]
    assert user_values(rows, "sampled", 10, ALL) == {}
    with pytest.raises(ProtocolError, match=r"no held-out item has a training interaction.*--view full"):
        render(rows)
    with pytest.raises(ProtocolError, match=r"no held-out item has a training interaction.*--view full"):
        compare_rows(rows, "a", "b")
    (shown, _) = json.loads(render(rows, "json", views=("full", "sampled")))["rows"]
    assert shown["NDCG@10"] is None
    assert shown["full_NDCG@10"] > 0
    assert compare_rows(rows, "a", "b", view="full").slices[0].n_users == 4
