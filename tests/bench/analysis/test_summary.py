"""Rows of the table: means over users and seeds, their order, and which records share a row."""

from __future__ import annotations

import math
import re

import pytest
from hand_made import BPR, BPR_SPREAD, EASE, EASE_NDCG, RECORDS, T_3, TIMEOUT, record

from bench.analysis.summary import summarise
from bench.tables.results import render, to_frame


def test_figures_are_means_over_users_of_means_over_seeds() -> None:
    ease, bpr, als = summarise(RECORDS).rows
    assert (ease.label, bpr.label, als.label) == ("ease:reg=500", "bpr", "als")
    assert ease.accuracy["HR@10"].mean == 0.75
    assert ease.accuracy["HR@10"].half_width == pytest.approx(T_3 * 0.5 / 2)
    assert ease.accuracy["NDCG@10"].mean == pytest.approx(EASE_NDCG)
    assert ease.accuracy["full NDCG@10"].mean == pytest.approx((1 + 1 / math.log2(11)) / 4)
    assert bpr.seeds == (0, 1)
    assert bpr.accuracy["HR@10"].mean == 0.5
    assert bpr.accuracy["HR@10"].half_width == pytest.approx(BPR_SPREAD)
    assert "full NDCG@10" not in bpr.accuracy
    assert (bpr.fit_seconds, bpr.score_us_per_user, bpr.peak_mib) == (3.0, 12.5, 235.5)
    assert als.failed
    assert als.accuracy == {}


def test_rows_are_sorted_by_ndcg_at_the_first_cutoff() -> None:
    sharp, wide = record("sharp", [0, 50, 50, 50]), record("wide", [9, 9, 9, 9])
    assert [row.label for row in summarise([sharp, wide], (10, 1)).rows] == ["wide", "sharp"]
    assert [row.label for row in summarise([sharp, wide], (1, 10)).rows] == ["sharp", "wide"]


def test_seeds_that_failed_are_a_row_of_their_own() -> None:
    rows = summarise(
        [*BPR, record("bpr", [], seed=2, failure=TIMEOUT), record("bpr", [], seed=3, failure=TIMEOUT)]
    ).rows
    assert [(row.label, row.seeds, row.failed) for row in rows] == [("bpr", (0, 1), False), ("bpr", (2, 3), True)]
    text = render([*BPR, record("bpr", [], seed=2, failure=TIMEOUT)])
    assert "bpr (seed 2): stopped" in text
    assert "bpr: seeds 0, 1 only" in text


def test_a_changed_source_is_another_row() -> None:
    changed = record("bpr", [0, 0, 0, 0], source="6")
    labels = [row.label for row in summarise([BPR[0], changed]).rows]
    assert all(re.fullmatch(r"bpr #[0-9a-f]{7}", label) for label in labels)
    assert len(set(labels)) == 2
    assert "have the same name, but differ in" in " ".join(render([BPR[0], changed]).split())


def test_a_seed_that_was_fitted_twice_is_no_second_training() -> None:
    """As with and without the full ranking, or with epochs chosen on another validation task."""
    with_full = [record("bpr", [0, 0, 20, 30], full=[0, 1, 50, 70], seed=seed) for seed in (0, 1)]
    rows = summarise([BPR[0], *with_full, BPR[1]]).rows
    assert [row.seeds for row in rows] == [(0, 1), (0, 1)]
    assert sorted("full NDCG@10" in row.accuracy for row in rows) == [False, True]
    assert len({row.label for row in rows}) == 2
    found = summarise([BPR[0], with_full[0], EASE]).significance
    assert [pair.comparison.about_algorithms for pair in found.pairs] == [False] * 3
    failed = record("bpr", [], failure=TIMEOUT)
    assert {row.label for row in summarise([failed, BPR[0]]).rows} == {"bpr"}


def test_rows_of_two_versions_of_a_library_stay_apart() -> None:
    old, new = record("implicit.als", [0, 1, 2, 3]), record("implicit.als", [0, 2, 2, 3], seed=1)
    for one, version in ((old, "0.7.2"), (new, "0.7.3")):
        one.document["recommender"]["libraries"] = {"implicit": version}
    assert len(to_frame([old, new])) == 2
