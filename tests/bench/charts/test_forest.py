from __future__ import annotations

import pytest
from hand_made import ALS, BPR, EASE, RECORDS, record

from bench.analysis.summary import summarise
from bench.charts.forest import differences_from, forest
from bench.charts.style import PRINT

pytestmark = pytest.mark.usefixtures("few_users")

POPULARITY = record("popularity", [5, 5, 5, 5], deterministic=True)


def test_a_difference_seen_from_the_other_side_has_the_other_sign() -> None:
    summary = summarise([EASE, *BPR, POPULARITY])
    by_pair = {
        (reference, each.label): each
        for reference in ("ease:reg=500", "bpr", "popularity")
        for each in differences_from(summary, reference)
    }
    assert len(by_pair) == 6
    for (one, other), there in by_pair.items():
        back = by_pair[other, one]
        assert (back.difference, back.low, back.high) == (-there.difference, -there.high, -there.low)
        assert (back.p_holm, back.distinguishable) == (there.p_holm, there.distinguishable)
    assert by_pair["ease:reg=500", "bpr"].difference == pytest.approx(0.5 - 0.6577, abs=1e-4)


def test_the_chart_is_against_the_best_or_against_the_baseline() -> None:
    best = forest(summarise([EASE, *BPR, POPULARITY]), PRINT)
    assert best is not None
    assert best.headers[1] == "minus ease:reg=500"
    assert [line[:2] for line in best.lines] == [("bpr", "-.1577"), ("popularity", "-.3015")]
    baseline = forest(summarise([EASE, *BPR, POPULARITY], baseline="popularity"), PRINT)
    assert baseline is not None
    assert "minus that of the baseline, popularity" in baseline.alternative
    assert [line[:2] for line in baseline.lines] == [("ease:reg=500", "+.3015"), ("bpr", "+.1438")]


def test_without_tests_there_is_no_chart() -> None:
    assert forest(summarise([EASE]), PRINT) is None
    assert forest(summarise(RECORDS, baseline="als"), PRINT) is None
    assert ALS.failed
