"""Which rows the table marks: by hand, against SciPy, over seeds, and in all six formats."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hand_made import TIMEOUT, record
from scipy.stats import ttest_rel

from bench.analysis.significance import Sample, compare_samples, paired, run_tests
from bench.analysis.summary import summarise
from bench.tables.claims import UNEQUAL_SEEDS
from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from protocol.errors import ProtocolError
from protocol.evaluation.statistics import Comparison, holm, paired_comparison

pytestmark = pytest.mark.usefixtures("few_users")

HIT, MISS = 0, 50

BEST = record("best", [HIT] * 5, deterministic=True)
NEAR = record("near", [HIT, HIT, HIT, HIT, MISS], deterministic=True)
FAR = record("far", [MISS, MISS, MISS, MISS, HIT], deterministic=True)
ROWS = [FAR, NEAR, BEST]
"""NDCG@1 is 1 for a hit and 0 for a miss.

far - best:  -1 -1 -1 -1  0, mean -.8, s = sqrt(.2), t = -.8 / sqrt(.2 / 5) = -4,   p = .0161
near - best:  0  0  0  0 -1, mean -.2, s = sqrt(.2), t = -.2 / sqrt(.2 / 5) = -1,   p = .3739
far - near:  -1 -1 -1 -1  1, mean -.6, s = sqrt(.8), t = -.6 / sqrt(.8 / 5) = -1.5, p = .2080
Holm: 3 * .0161 = .0484; 2 * .2080 = .4160; the largest is no smaller than that.
"""


def test_marks_by_hand() -> None:
    """P24."""
    summary = summarise(ROWS, (1,))
    found = summary.significance
    assert (found.metric, found.reference, found.is_baseline) == ("NDCG@1", "best", False)
    tests = {(pair.ours, pair.theirs): pair for pair in found.pairs}
    assert {pair: test.comparison.difference for pair, test in tests.items()} == pytest.approx(
        {("near", "best"): -0.2, ("far", "best"): -0.8, ("far", "near"): -0.6}
    )
    assert tests["far", "best"].p_holm == pytest.approx(0.0484, abs=5e-5)
    assert tests["far", "near"].p_holm == tests["near", "best"].p_holm == pytest.approx(0.4160, abs=5e-5)
    assert [(row.label, summary.is_marked(row)) for row in summary.rows] == [
        ("best", False), ("near", True), ("far", False),
    ]  # fmt: skip


def test_against_a_baseline_by_hand() -> None:
    """Two tests only: p = .3739 and .2080, so Holm makes .4160 of both; no row is distinguishable from near."""
    summary = summarise(ROWS, (1,), "near")
    found = summary.significance
    assert (found.reference, found.is_baseline) == ("near", True)
    assert [(pair.ours, pair.theirs) for pair in found.pairs] == [("best", "near"), ("far", "near")]
    assert [pair.p_holm for pair in found.pairs] == pytest.approx([0.4160, 0.4160], abs=5e-5)
    assert [summary.is_marked(row) for row in summary.rows] == [True, False, True]


def test_scipys_paired_test_agrees() -> None:
    values = np.random.default_rng(0).random((4, 30))
    rows = [Sample(str(number), row[None], deterministic=True) for number, row in enumerate(values)]
    found = run_tests(rows, "NDCG@10")
    expected = [ttest_rel(values[int(pair.ours)], values[int(pair.theirs)]).pvalue for pair in found.pairs]
    assert len(expected) == 6
    assert [pair.comparison.p_value for pair in found.pairs] == pytest.approx(expected)
    assert [pair.p_holm for pair in found.pairs] == pytest.approx(holm(expected))


def marked_labels(text: str) -> dict[str, bool]:
    return {label: bool(re.search(rf"{label}( |</a>)?{MARK}", text)) for label in ("best", "near", "far")}


@pytest.mark.parametrize("form", ["terminal", "github", "html-fragment"])
def test_the_mark_follows_the_label(form: Any) -> None:
    assert marked_labels(render(ROWS, form, (1,))) == {"best": False, "near": True, "far": False}


def test_the_mark_in_latex() -> None:
    text = render(ROWS, "latex", (1,))
    assert r"near \dag{} & " in text
    assert "best & " in text
    assert "far & " in text


def test_the_mark_in_csv_json_and_frames() -> None:
    table = {row["recommender"]: row for row in csv.DictReader(io.StringIO(render(ROWS, "csv", (1,))))}
    assert {label: row["distinguishable"] for label, row in table.items()} == {
        "best": "", "near": "False", "far": "True",
    }  # fmt: skip
    assert table["far"]["compared_with"] == "best"
    assert float(table["far"]["p_holm"]) == pytest.approx(0.0484, abs=5e-5)
    assert float(table["far"]["difference"]) == pytest.approx(-0.8)
    assert float(table["far"]["difference_low"]) == pytest.approx(-0.8 - 2.776445 * 0.2, abs=1e-6)
    assert float(table["far"]["effect_size"]) == pytest.approx(-0.8 / 0.2**0.5)
    assert table["far"]["claim"] == "algorithms"
    document = json.loads(render(ROWS, "json", (1,)))
    assert [row["distinguishable"] for row in document["rows"]] == [None, False, True]
    assert document["tests"]["alpha"] == 0.05
    assert len(document["tests"]["pairs"]) == 3
    assert to_frame(ROWS, (1,))["distinguishable"].tolist() == [None, False, True]


def sentences(records: Any, **options: Any) -> str:
    return " ".join(render(records, ks=(1,), **options).split())


def test_the_caption_says_what_the_mark_claims() -> None:
    text = sentences(ROWS)
    assert (
        f"{MARK} marks rows not distinguishable from the best row, best, by sampled NDCG@1: paired t-tests on per-user "
        "values, Holm's correction over all 3 pairs, at 5 %. Not distinguishable does not mean equal: this sample of "
        "users cannot tell the rows apart. The tests are about the algorithms: training again changes nothing." in text
    )
    assert "Compare rows by the tests, not by whether their intervals overlap." in text
    assert (
        f"{MARK} marks rows not distinguishable from the baseline, near, by sampled NDCG@1: paired t-tests on per-user "
        "values, Holm's correction over its 2 pairs, at 5 %." in sentences(ROWS, baseline="near")
    )


def test_where_nothing_is_marked_the_caption_says_so() -> None:
    text = sentences([BEST, FAR])
    assert "every row is distinguishable from the best row, best, by sampled NDCG@1" in text
    assert "Holm's correction over the one pair" in text
    assert MARK not in text
    assert "does not mean equal" not in text


def test_one_row_alone_is_not_tested() -> None:
    assert summarise([BEST]).significance is None
    assert "Tests" not in render([BEST])
    assert json.loads(render([BEST], "json"))["tests"] is None


def random(label: str, seeds: int, hits: int = 3) -> list:
    """Return records of a random recommender; each seed hits other users."""
    places = [HIT] * hits + [MISS] * (5 - hits)
    return [record(label, places[seed:] + places[:seed], seed=seed) for seed in range(seeds)]


def test_one_seed_of_a_random_algorithm_makes_no_claim_about_it() -> None:
    """P24."""
    text = sentences([*random("als", 1), *random("bpr", 1, 2)])
    assert (
        "Not deterministic and with fewer than 3 training seeds: als and bpr. Tests with these rows are about these "
        "trained models only (--seeds 0-2 or more would include the variation between trainings; five seeds are "
        "better)." in text
    )
    assert "about the algorithms" not in text
    assert json.loads(render(random("als", 1) + random("bpr", 1), "json"))["tests"]["pairs"][0]["claim"] == (
        "trained models"
    )


def test_claims_of_both_kinds_are_separated() -> None:
    text = sentences([*ROWS, *random("als", 1)])
    assert "with fewer than 3 training seeds: als. Tests with this row are about these trained models only" in text
    assert "The other tests are about the algorithms: training again changes nothing." in text
    pairs = summarise([*ROWS, *random("als", 1)]).significance.pairs
    assert {pair.comparison.about_algorithms for pair in pairs if "als" in (pair.ours, pair.theirs)} == {False}
    assert {pair.comparison.about_algorithms for pair in pairs if "als" not in (pair.ours, pair.theirs)} == {True}


def test_several_seeds_include_the_variation_between_trainings() -> None:
    text = sentences([*random("als", 3), NEAR])
    assert "The tests are about the algorithms: they include the variation between trainings." in text
    assert "Not deterministic" not in text
    (pair,) = summarise([*random("als", 3), NEAR]).significance.pairs
    assert pair.n_seeds == 3
    assert pair.comparison.about_algorithms


@pytest.mark.parametrize("other", [[NEAR], random("bpr", 2), random("bpr", 3)])
def test_two_seeds_are_too_few_and_averaged(other: list) -> None:
    """P24: with any other row."""
    (pair,) = summarise([*random("als", 2), *other], (1,)).significance.pairs
    assert pair.n_seeds == 2
    assert not pair.comparison.about_algorithms
    text = sentences([*random("als", 2), *other])
    assert "fewer than 3 training seeds: als" in text
    assert "about these trained models only, averaged over their seeds (--seeds 0-2 or more would include" in text
    assert "about the algorithms" not in text


def test_what_has_three_seeds_is_claimed_beside_what_has_two() -> None:
    found = summarise([*random("als", 3), *random("bpr", 2), NEAR], (1,)).significance
    assert found.too_few_seeds == ("bpr",)
    claims = {frozenset((pair.ours, pair.theirs)): pair.comparison.about_algorithms for pair in found.pairs}
    assert [pair for pair, about in claims.items() if about] == [{"als", "near"}]


def test_rows_with_different_numbers_of_seeds_are_paired_over_those_both_have() -> None:
    three, two, one = (Sample(str(n), np.arange(5.0 * n).reshape(n, 5), deterministic=False) for n in (3, 2, 1))
    ours, theirs = paired(three, two)
    assert (ours.tolist(), theirs.tolist()) == (three.values[:2].tolist(), two.values.tolist())
    assert [values.shape for values in paired(one, three)] == [(1, 5), (3, 5)]
    text = sentences([*random("als", 3), *random("bpr", 2)])
    assert (
        "The means in the table are over all seeds of a row, the tests over fewer where rows have different numbers of "
        f"seeds (bpr 2 and als 3). {UNEQUAL_SEEDS}" in text
    )
    assert UNEQUAL_SEEDS not in sentences([*random("als", 3), *random("bpr", 3)])


def test_a_deterministic_row_counts_one_seed_even_if_it_was_fitted_often() -> None:
    """Its two records, of runs with other first seeds, cost the random row none of its three."""
    twice = [record("near", [HIT, HIT, HIT, MISS, MISS], seed=seed, deterministic=True) for seed in (0, 3)]
    (pair,) = summarise([*random("als", 3), *twice]).significance.pairs
    assert pair.n_seeds == 3
    text = sentences([*random("als", 3), *twice])
    assert UNEQUAL_SEEDS not in text
    assert "training again changes nothing" in sentences([*twice, record("best", [HIT] * 5, deterministic=True)])


def test_an_unknown_baseline_lists_the_rows() -> None:
    with pytest.raises(
        ProtocolError, match=r"no row is called 'naer' \(did you mean 'near'\?\); there are best, far, n"
    ):
        render(ROWS, baseline="naer")


def test_a_baseline_that_failed_tests_nothing() -> None:
    text = sentences([*ROWS, record("als", [], failure=TIMEOUT)], baseline="als")
    assert "Tests none: the baseline, als, failed." in text
    assert MARK not in text


def test_failures_are_not_tested() -> None:
    summary = summarise([*ROWS, record("als", [], failure=TIMEOUT)], (1,))
    assert len(summary.significance.pairs) == 3
    assert summary.test_of(summary.rows[-1]) is None
    assert (
        json.loads(render([*ROWS, record("als", [], failure=TIMEOUT)], "json"))["rows"][-1]["distinguishable"] is None
    )


def test_equal_rows_are_marked_and_certain_differences_are_not() -> None:
    """Where all users differ alike there is no spread; the p-value is that of equal signs, 2 / 2^12."""
    rows = [record("a", [HIT] * 12, deterministic=True), record("b", [HIT] * 12, deterministic=True)]
    assert [summarise(rows, (1,)).is_marked(row) for row in summarise(rows, (1,)).rows] == [False, True]
    rows = [rows[0], record("b", [MISS] * 12, deterministic=True)]
    assert not any(summarise(rows, (1,)).is_marked(row) for row in summarise(rows, (1,)).rows)
    pair = json.loads(render(rows, "json", (1,)))["tests"]["pairs"][0]
    assert (pair["effect_size"], pair["p"]) == (None, 2**-11)


def _numbers(comparison: Comparison) -> list[float]:
    """Return all that a comparison holds, with its error."""
    *own, error = astuple(comparison)
    return [*own, *error]


def test_all_pairs_in_one_pass_are_what_each_pair_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows with one, two and four seeds, random and not, two of them equal; in blocks of three pairs."""
    monkeypatch.setattr("bench.analysis.significance.BLOCK_VALUES", 3 * 4 * 12)
    stream = np.random.default_rng(0)
    samples = [
        Sample(f"{n_seeds} {deterministic} {shift}", stream.normal(shift, 1, (n_seeds, 12)), deterministic)
        for n_seeds, deterministic in ((4, False), (4, True), (2, False), (1, False), (1, True))
        for shift in (0.0, 1.5)
    ]
    samples.append(Sample("equal", samples[0].values.copy(), deterministic=False))
    pairs = list(itertools.combinations(samples, 2))
    found = compare_samples(pairs)
    for (ours, theirs), (comparison, n_seeds) in zip(pairs, found, strict=True):
        values = paired(ours, theirs)
        alone = paired_comparison(*values, deterministic=(ours.deterministic, theirs.deterministic))
        for found_value, value in zip(_numbers(comparison), _numbers(alone), strict=True):
            assert found_value == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)
        assert n_seeds == max(map(len, values))
