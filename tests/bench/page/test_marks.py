"""The marks of each mean: by hand, and what is said where there are none."""

from __future__ import annotations

from two_orders import two_orders

from bench.analysis.significance_by_mean import significance_by_mean
from bench.analysis.summary import groups_of, summarise
from bench.page.marks import marks_of


def test_each_mean_has_its_own_reference_and_marks() -> None:
    records = two_orders()
    summary = summarise(records)
    assert [row.label for row in summary.rows] == ["steady", "near", "wide", "low", "broken"]
    tests = significance_by_mean(summary, groups_of(records, summary))
    sampled, full = (marks_of(summary, tests, name) for name in ("NDCG@10", "full NDCG@10"))
    assert (sampled["reference"], sampled["onPar"]) == (0, [1])
    assert (full["reference"], full["onPar"]) == (3, [2])
    assert "not distinguishable from the best row, low, by full NDCG@10 (paired t-tests" in full["text"]
    assert "over 6 pairs" in full["text"]


def test_without_tests_the_page_says_so() -> None:
    summary = summarise(two_orders())
    untested, impossible = marks_of(summary, {}, "HR@5"), marks_of(summary, {"HR@5": None}, "HR@5")
    assert (untested["reference"], untested["onPar"]) == (None, [])
    assert untested["text"].startswith("No row is marked by HR@5: with more than 60 rows")
    assert impossible["text"] == "By HR@5 nothing can be tested, so no row is marked."
