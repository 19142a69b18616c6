from __future__ import annotations

import pytest
from hand_made import ALS, BPR, EASE, RECORDS, record
from many_records import many_records

from bench.analysis.summary import summarise
from bench.charts.forest import differences_from, forest, points
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
        assert back.difference == -there.difference
        for ends, others in ((back.ends, there.ends), (back.holm_ends, there.holm_ends)):
            assert ends == tuple(-end for end in reversed(others))
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


def test_an_interval_at_holm_s_level_is_without_zero_exactly_where_the_dot_is_filled() -> None:
    """The 95 % interval is shorter, and without 0 for some rows that are not distinguishable after the correction."""
    summary = summarise(many_records(12, 3))
    differences = [each for row in summary.rows for each in differences_from(summary, row.label)]

    for each in differences:
        assert _is_without_zero(each.holm_ends) == each.distinguishable
        assert None not in (*each.ends, *each.holm_ends)
        assert each.holm_ends[0] <= each.ends[0] <= each.ends[1] <= each.holm_ends[1]  # type: ignore[operator]
    assert any(_is_without_zero(each.ends) and not each.distinguishable for each in differences)


def _is_without_zero(ends: tuple[float | None, float | None]) -> bool:
    low, high = ends
    return low is not None and high is not None and (low > 0 or high < 0)


def test_rows_are_chosen_and_tests_stay_those_of_all_rows() -> None:
    summary = summarise([EASE, *BPR, POPULARITY])
    every, chosen = forest(summary, PRINT), forest(summary, PRINT, {"popularity"})
    assert every is not None
    assert chosen is not None
    assert chosen.lines == every.lines[1:]
    assert forest(summary, PRINT, {"ease:reg=500"}) is None, "the reference alone"


N_USERS = 40


def test_a_row_far_below_the_others_is_at_the_edge_with_its_difference() -> None:
    """The best and three near it differ by at most .2; `far`, 1 below, would make the axis five times as long."""
    near = [
        record(name, [0] * (N_USERS - number) + [50] * number, deterministic=True) for number, name in enumerate("abcd")
    ]
    summary = summarise([*near, record("far", [50] * N_USERS, deterministic=True)])
    found = {each["label"]: each for each in points(differences_from(summary, "a"))}
    assert {label: each["outside"] for label, each in found.items() if each["outside"]} == {"far": "-1.0000, outside"}
    assert [found["far"][name] for name in ("difference", "low", "high", "holm_low", "holm_high")] == [None] * 5
    assert found["far"]["tip"][0] == ["difference", "-1.0000"]
    assert found["b"]["difference"] == -1 / N_USERS
    seen_from_below = points(differences_from(summary, "far"))
    assert not [each for each in seen_from_below if each["outside"]]


def test_of_two_differences_both_are_drawn() -> None:
    summary = summarise([EASE, *BPR, POPULARITY])
    assert not [each for each in points(differences_from(summary, "ease:reg=500")) if each["outside"]]
