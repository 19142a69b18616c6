"""What came out, in sentences."""

from __future__ import annotations

import pytest
from hand_made import ALS, EASE, record
from two_orders import two_orders

from bench.analysis.summary import summarise
from bench.page.verdict import Sentence, verdict


def test_the_best_row_the_marks_the_failures_and_the_views() -> None:
    found = list(verdict(summarise(two_orders())))
    assert found[0].text.startswith("steady has the highest NDCG@10, 1.0000 ±.000. Not distinguishable from it: near.")
    assert found[0].text.endswith("Fastest fit among these: steady, 1.00 s.")
    assert [each.text for each in found[1:3]] == [
        "No baseline was named: rows are marked against the best row, steady, and all 6 pairs are tested.",
        "Failed: broken (stopped after 60 s, in epoch 3 of 30).",
    ]
    assert (found[2].kind, found[2].place) == ("warning", "failures")
    # steady and near are below wide and low by full NDCG@10, and wide is below low.
    assert found[3] == Sentence("The views order 5 of 6 pairs differently.", place="views")


def test_a_baseline_is_named_with_what_is_above_and_below_it() -> None:
    found = list(verdict(summarise(two_orders(), baseline="wide")))
    assert found[0].text == "steady has the highest NDCG@10, 1.0000 ±.000."
    assert found[1].text == "Baseline: wide, .4307. Distinguishable from it: 2 higher, 1 lower."
    found = list(verdict(summarise(two_orders(), baseline="broken")))
    assert found[1].text == "The baseline, broken, has no NDCG@10, so nothing is tested."


@pytest.mark.usefixtures("few_users")
def test_one_row_alone_and_a_failure_alone() -> None:
    one = [each.text for each in verdict(summarise([EASE]))]
    assert one[0] == "ease:reg=500 has the highest NDCG@10, .6577 ±.751."
    assert one[1:3] == [
        "No baseline was named, and nothing is tested: a test needs two rows and enough users.",
        "No row failed.",
    ]
    assert next(verdict(summarise([ALS]))).text == "No row has NDCG@10 that counts."


def test_many_rows_are_not_all_named() -> None:
    alike = [record(f"r{number}", [0] * 11 + [number], of=two_orders()[0].document["task"]) for number in range(10)]
    assert "and 3 more." in next(verdict(summarise(alike))).text
