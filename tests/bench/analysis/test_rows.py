"""One row of the table: means over users of means over seeds, and failures."""

from __future__ import annotations

import math

import pytest
from hand_made import BPR, BPR_SPREAD, EASE_NDCG, RECORDS, T_3, TIMEOUT, record

from bench.analysis.summary import summarise
from bench.tables.results import render


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


def test_failed_seeds_have_a_separate_row() -> None:
    rows = summarise(
        [*BPR, record("bpr", [], seed=2, failure=TIMEOUT), record("bpr", [], seed=3, failure=TIMEOUT)]
    ).rows
    assert [(row.label, row.seeds, row.failed) for row in rows] == [("bpr", (0, 1), False), ("bpr", (2, 3), True)]
    text = render([*BPR, record("bpr", [], seed=2, failure=TIMEOUT)])
    assert "bpr (seed 2): stopped" in text
    assert "bpr: seeds 0, 1 only" in text
