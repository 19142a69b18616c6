"""The order of the rows of a table, and which records share a row."""

from __future__ import annotations

import re

import pytest
from hand_made import BPR, EASE, TIMEOUT, record

from bench.analysis.summary import summarise
from bench.tables.results import render, to_frame

pytestmark = pytest.mark.usefixtures("few_users")


def test_rows_are_sorted_by_ndcg_at_the_first_cutoff() -> None:
    sharp, wide = record("sharp", [0, 50, 50, 50]), record("wide", [9, 9, 9, 9])
    assert [row.label for row in summarise([sharp, wide], (10, 1)).rows] == ["wide", "sharp"]
    assert [row.label for row in summarise([sharp, wide], (1, 10)).rows] == ["sharp", "wide"]


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
