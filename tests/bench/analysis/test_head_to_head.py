"""Two rows against each other: by hand, slices against a loop, and the errors of bad input."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hand_made import TIMEOUT, record, task
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from bench.analysis.head_to_head import compare_rows
from bench.analysis.slices import FEWEST_USERS, quarters
from bench.tables.head_to_head import render, to_frame
from bench.writing.brief import MOST_LINES
from protocol.errors import ProtocolError
from protocol.evaluation import statistics
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.evaluation.statistics import paired_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def five_users_are_enough() -> Iterator[None]:
    """Compare rows of five users as if they were enough, so that a reader can redo the arithmetic."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "LEAST_USERS", 5)
        yield


HIT, MISS = 0, 50
ACTIVITY, POPULARITY = [5, 5, 6, 7, 8], [0, 1, 2, 3, 9]
COUNTS = (ACTIVITY, POPULARITY, [9, 3, 2, 1, 0])

GIVEN = task(parts=task()["parts"] | {"split": "imported"})
"""A task of given lists, which keep users whose held-out item is cold (P11)."""

ALS = record("als", [MISS, HIT, HIT, HIT, HIT], counts=COUNTS, deterministic=True, of=GIVEN)
EASE = record("ease:reg=5", [MISS, MISS, HIT, HIT, MISS], counts=COUNTS, deterministic=True, full=[9] * 5, of=GIVEN)
POST = record("post", [], failure=TIMEOUT, of=GIVEN)
ROWS = [ALS, EASE, POST]
"""NDCG@1 of als less ease: 0 1 0 0 1, mean .4, s = sqrt(.3), t = .4 / sqrt(.06) = 1.633."""


def test_all_users_by_hand() -> None:
    everyone = compare_rows(ROWS, "als", "ease:reg=5", k=1).slices[0]
    assert (everyone.kind, everyone.n_users, everyone.ours, everyone.theirs) == ("all", 5, 0.8, 0.4)
    found = everyone.comparison
    assert found.difference == pytest.approx(0.4)
    assert found.high - 0.4 == pytest.approx(2.776445 * 0.06**0.5, abs=1e-6)
    assert found.effect_size == pytest.approx(0.4 / 0.3**0.5)
    assert found.p_value == pytest.approx(ttest_rel([0, 1, 1, 1, 1], [0, 0, 1, 1, 0]).pvalue)
    assert (everyone.wins, everyone.ties, everyone.losses) == (2, 3, 0)


def test_slices_by_hand() -> None:
    """Activity 5 5 6 7 8 has the quartiles 5, 6 and 7. Of the warm items' 1 2 3 9 each is a quarter."""
    slices = compare_rows(ROWS, "als", "ease:reg=5", k=1).slices
    assert [(s.kind, s.low, s.high, s.n_users, s.comparison.difference) for s in slices[1:]] == [
        ("activity", 5, 5, 2, 0.5),
        ("activity", 6, 6, 1, 0.0),
        ("activity", 7, 7, 1, 0.0),
        ("activity", 8, 8, 1, 1.0),
        ("cold", 0, 0, 1, 0.0),
        ("popularity", 1, 1, 1, 1.0),
        ("popularity", 2, 2, 1, 0.0),
        ("popularity", 3, 3, 1, 0.0),
        ("popularity", 9, 9, 1, 1.0),
    ]
    assert all(math.isnan(s.comparison.high) for s in slices[1:]), "too few users for an interval"


def test_swapped_rows_differ_by_the_sign() -> None:
    one, other = (compare_rows(ROWS, *labels, k=1) for labels in (("als", "ease:reg=5"), ("ease:reg=5", "als")))
    for ours, theirs in zip(one.slices, other.slices, strict=True):
        assert ours.comparison.difference == -theirs.comparison.difference
        assert (ours.wins, ours.ties, ours.losses) == (theirs.losses, theirs.ties, theirs.wins)


def test_quarters_by_hand() -> None:
    masks = quarters(np.array([1, 1, 1, 2, 3, 9, 9, 9]))
    assert [np.flatnonzero(mask).tolist() for mask in masks] == [[0, 1, 2], [3], [4, 5, 6, 7]]
    assert [mask.all() for mask in quarters(np.array([4, 4, 4]))] == [True]
    assert quarters(np.array([4, 4]), np.array([False, False])) == []


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.data())
def test_a_loop_over_users_makes_the_same_quarters(counts: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts)))
    ordered = sorted(count for count, among in zip(counts, chosen, strict=True) if among)
    bounds = [ordered[math.ceil(share * len(ordered)) - 1] for share in (0.25, 0.5, 0.75) if ordered]
    groups: dict[int, list[int]] = {}
    for user, (count, among) in enumerate(zip(counts, chosen, strict=True)):
        if among:
            groups.setdefault(len({bound for bound in bounds if bound < count}), []).append(user)
    masks = quarters(np.array(counts), np.array(chosen))
    assert [np.flatnonzero(mask).tolist() for mask in masks] == [groups[place] for place in sorted(groups)]


N_USERS = 60


@st.composite
def two_rows(draw: st.DrawFn) -> list:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    items = rng.integers(0, 9, 30)
    items[0] = 9
    counts = rng.integers(2, 30, N_USERS), rng.integers(0, draw(st.sampled_from([1, 3, 9])) + 1, N_USERS), items
    n_seeds = draw(st.integers(1, 3))
    return [
        record(label, rng.integers(0, 20, N_USERS), seed=seed, counts=counts, of=GIVEN)
        for label in ("a", "b")
        for seed in range(n_seeds)
    ]


@given(two_rows(), st.sampled_from(["NDCG", "HR"]), st.integers(1, 12))
def test_slices_are_what_a_loop_over_their_users_gives(rows: list, metric: str, k: int) -> None:
    found = compare_rows(rows, "a", "b", metric, k=k)
    values = {
        label: np.array(
            [
                {"NDCG": ndcg, "HR": hit_rate}[metric](row.ranks, k)
                for row in rows
                if row.document["recommender"]["label"] == label
            ]
        )
        for label in ("a", "b")
    }
    counts = rows[0].counts
    for one in found.slices:
        of = {"all": None, "activity": counts.users, "popularity": counts.heldout, "cold": counts.heldout}[one.kind]
        users = [user for user in range(N_USERS) if of is None or one.low <= of[user] <= one.high]
        assert one.n_users == len(users)
        differences = [values["a"][:, user].mean() - values["b"][:, user].mean() for user in users]
        assert one.comparison.difference == pytest.approx(sum(differences) / len(users), abs=1e-12)
        assert one.ours == pytest.approx(values["a"][:, users].mean())
        assert one.wins == sum(difference > 1e-9 for difference in differences)
        assert one.losses == sum(difference < -1e-9 for difference in differences)
        assert one.wins + one.ties + one.losses == len(users)
        if len(users) >= FEWEST_USERS:
            expected = paired_comparison(values["a"][:, users], values["b"][:, users])
            assert (one.comparison.low, one.comparison.high) == pytest.approx((expected.low, expected.high))
    kinds = [one.kind for one in found.slices]
    assert kinds.count("cold") == int((counts.heldout == 0).any())
    for kind in ("activity", "popularity"):
        of_kind = [one for one in found.slices if one.kind == kind]
        assert all(one.high < other.low for one, other in itertools.pairwise(of_kind))
        assert 1 <= len(of_kind) <= 4
    assert sum(one.n_users for one in found.slices if one.kind == "activity") == N_USERS
    assert sum(one.n_users for one in found.slices if one.kind in ("popularity", "cold")) == N_USERS


def test_a_tie_is_one_whatever_the_order_of_seeds() -> None:
    """Means of the same three values in another order differ in the last bit."""
    places = [1, 2, 4]
    rows = [record("a", [place], seed=seed) for seed, place in enumerate(places)]
    rows += [record("b", [place], seed=seed) for seed, place in enumerate([2, 4, 1])]
    everyone = compare_rows(rows, "a", "b").slices[0]
    assert (everyone.wins, everyone.ties, everyone.losses) == (0, 1, 0)


def test_other_views_and_metrics() -> None:
    rows = [record("a", [0, 0], full=[0, 9]), record("b", [0, 0], full=[9, 9])]
    assert compare_rows(rows, "a", "b", "HR", "full", 1).slices[0].comparison.difference == 0.5
    assert compare_rows(rows, "a", "b", "HR", "full", 1).figure == "full HR@1"
    assert compare_rows(rows, "a", "b", view="expected").figure == "expected NDCG@10"
    with pytest.raises(ProtocolError, match=r"als has no full view: its records hold no full ranking.*--view sampled"):
        compare_rows(ROWS, "als", "ease:reg=5", view="full")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("asl", "ease:reg=5"), r"no row is called 'asl' \(did you mean 'als'\?\); there are als, ease:reg=5, post"),
        (("als", "ease"), r"no row is called 'ease'.*there are als, ease:reg=5, post"),
        (("als", "als"), "als is compared with itself; name two rows of als, ease:reg=5, post"),
        (("als", "post"), r"post has no values to compare: it failed \(stopped after 60 s"),
    ],
)
def test_an_error_about_a_row_names_the_rows(labels: tuple[str, str], expected: str) -> None:
    with pytest.raises(ProtocolError, match=expected):
        compare_rows(ROWS, *labels)


def test_an_error_about_a_word_names_the_known_words() -> None:
    with pytest.raises(ProtocolError, match="unknown metric 'hits'; there are HR, NDCG, MRR, AUC"):
        compare_rows(ROWS, "als", "ease:reg=5", "hits")
    with pytest.raises(ProtocolError, match="unknown view 'half'"):
        compare_rows(ROWS, "als", "ease:reg=5", view="half")
    with pytest.raises(ProtocolError, match="unknown table format 'pdf'"):
        render(compare_rows(ROWS, "als", "ease:reg=5"), "pdf")


def test_different_tasks_are_refused() -> None:
    """P18."""
    other = record("other", [0] * 5, of=task(digest="b" * 64, parts=task()["parts"] | {"protocol_seed": "1"}))
    with pytest.raises(ProtocolError, match=r"protocol seed \(0 against 1\)"):
        compare_rows([ALS, other], "als", "other")


def test_terminal() -> None:
    lines = render(compare_rows(ROWS, "als", "ease:reg=5", k=1)).splitlines()
    assert (
        lines[0] == "ml-100k: als (A) against ease:reg=5 (B), by NDCG@1, each held-out item against 100 given negatives"
    )
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:]]
    assert table[0] == ["NDCG@1", "users", "A", "B", "A - B", "effect", "A", "ties", "B"]
    assert table[3] == ["all users", "5", ".8000", ".4000", "+.4000 ±.680", "+.73", "2", "3", "0"]
    assert table[4] == ["user's activity 5", "2", ".5000", ".0000", "+.5000", "-", "1", "1", "0"]
    assert table[8] == ["held-out item cold", "1", ".0000", ".0000", ".0000", "-", "0", "1", "0"]
    assert table[9][0] == "item's popularity 1"
    assert max(map(len, lines)) <= 100


def sentences(rows: list, *labels: str) -> str:
    return " ".join(render(compare_rows(rows, *labels, k=1)).split())


def test_captions_say_what_is_claimed() -> None:
    text = sentences(ROWS, "als", "ease:reg=5")
    assert "Test over all users, p = .178 by a paired t-test on per-user values." in text
    assert "a pair picked from a table needs the table's correction" in text
    assert "Claim about the algorithms: both are deterministic." in text
    assert "Slices are explored, not tested: of 20 such intervals, about one excludes 0 by chance." in text
    assert f"Slices of fewer than {FEWEST_USERS} users have no interval." in text
    assert "Cohen's d_z" in text
    assert "Task " + "a" * 64 in text


def test_claims_about_random_rows() -> None:
    once = [record("a", [HIT, MISS, HIT] * 2), record("b", [HIT, HIT, MISS] * 2, deterministic=True)]
    assert (
        "Claim about these trained models only. Not deterministic and with fewer than 3 training seeds: a. "
        "--seeds 0-2 or more would include the variation between trainings; five seeds are better."
        in sentences(once, "a", "b")
    )
    twice = [*once, record("a", [MISS, HIT, HIT] * 2, seed=1)]
    assert "Claim about these trained models only, averaged over their seeds. Not determ" in sentences(twice, "a", "b")
    assert not compare_rows(twice, "a", "b").slices[0].comparison.about_algorithms
    thrice = [*twice, record("a", [HIT, HIT, HIT] * 2, seed=2)]
    assert "about the algorithms: it includes the variation between trainings, over 3 seeds. Seeds A: " in sentences(
        thrice, "a", "b"
    )


@pytest.mark.parametrize(
    ("places", "shown"),
    [([HIT] * 30, "p < .0001"), ([HIT], r"p is undefined \(1 user is evaluated, and a test needs 10")],
)
def test_extreme_p_values(places: list[int], shown: str) -> None:
    rows = [record("a", places), record("b", [MISS] * len(places))]
    assert re.search(shown, sentences(rows, "a", "b"))


def test_without_counts_there_are_no_slices() -> None:
    rows = [record("a", [HIT, MISS]), record("b", [MISS, MISS])]
    assert [one.kind for one in compare_rows(rows, "a", "b").slices] == ["all"]


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_every_format(form: Any) -> None:
    text = render(compare_rows(ROWS, "als", "ease:reg=5", k=1), form)
    assert text.endswith("\n")
    assert "0.4" in text or ".4000" in text


def test_csv_json_and_frame_carry_every_figure() -> None:
    found = compare_rows(ROWS, "als", "ease:reg=5", k=1)
    everyone, young, *_ = csv.DictReader(io.StringIO(render(found, "csv")))
    assert float(everyone["difference_high"]) == found.slices[0].comparison.high
    assert float(everyone["p"]) == found.slices[0].comparison.p_value
    assert (young["slice"], young["from"], young["to"], young["users"]) == ("activity", "5", "5", "2")
    assert (young["difference_low"], young["p"]) == ("", "")
    document = json.loads(render(found, "json"))
    assert (document["A"], document["B"], document["figure"]) == ("als", "ease:reg=5", "NDCG@1")
    assert document["slices"][0]["wins"] == 2
    frame = to_frame(found)
    assert frame.loc["all", "difference"] == pytest.approx(0.4)
    assert frame.attrs["task"] == "a" * 64
    assert frame.attrs["title"].startswith("ml-100k: als (A)")


def brief(records: list[Any], width: int = 100) -> list[str]:
    return render(compare_rows(records, "als", "ease:reg=5", k=1), width=width, brief=True).splitlines()


def test_a_terminal_has_few_lines_below_a_comparison() -> None:
    """NDCG@1: A is better for two of five users, and p is .178 (t = 1.633 with 4 degrees of freedom)."""
    lines = brief(ROWS)
    place = next(number for number, line in enumerate(lines) if line.startswith("Result"))
    assert len(lines[place:]) <= MOST_LINES
    text = " ".join(" ".join(lines[place:]).split())
    assert 'A - B by NDCG@1: +.4000 ±.680 (p = .178, not told apart, which is not "equal").' in text
    assert "A is better for 2 users, B for 0." in text
    assert text.endswith("in --notes: 6 notes")
    assert max(map(len, brief(ROWS, 60))) <= 60


def test_the_few_lines_warn_of_few_seeds_and_few_users(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [record("als", [HIT] * 3 + [MISS] * 2, of=GIVEN), EASE]
    assert "fewer than 3 seeds of als (--seeds 0-4): the test is of these models alone." in " ".join(brief(drawn))
    monkeypatch.setattr(statistics, "LEAST_USERS", 6)
    text = " ".join(brief(ROWS))
    assert "(untested)" in text
    assert "no test: it needs" in text
