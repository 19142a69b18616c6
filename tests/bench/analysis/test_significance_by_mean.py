"""The tests by each mean are those of a table that this mean sorts."""

from __future__ import annotations

import pytest
from many_records import many_records
from two_orders import two_orders

from bench.analysis import significance_by_mean as module
from bench.analysis.significance_by_mean import significance_by_mean
from bench.analysis.summary import groups_of, summarise
from bench.names import VIEWS, value_name


@pytest.mark.parametrize("baseline", [None, "wide"])
def test_each_is_that_of_a_table_of_its_own(baseline: str | None) -> None:
    records = two_orders()
    summary = summarise(records, (10, 5), baseline)
    found = significance_by_mean(summary, groups_of(records, summary))
    assert len(found) == 3 * 2 * 2, "views, cut-offs, metrics"
    for view in VIEWS:
        for k in (10, 5):
            for metric in summary.metrics:
                alone = summarise(records, (k,), baseline, (metric,), view).significance
                assert found[value_name(view, metric, k)] == alone


def test_with_many_rows_only_the_mean_that_sorts_is_tested_unless_a_baseline_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    records = many_records(4, 3)
    summary = summarise(records, (10, 5))
    assert list(significance_by_mean(summary, groups_of(records, summary))) == ["NDCG@10"]
    named = summarise(records, (10, 5), "model_2:embedding_size=2")
    assert len(significance_by_mean(named, groups_of(records, named))) == 3 * 2 * 2


def test_a_mean_that_the_baseline_lacks_is_not_tested() -> None:
    from hand_made import record

    of = two_orders()[0].document["task"]
    records = [*two_orders(), record("drawn only", [2] * 12, of=of)]
    summary = summarise(records, (10,), "drawn only")
    found = significance_by_mean(summary, groups_of(records, summary))
    assert found["NDCG@10"] is not None
    assert found["full NDCG@10"] is None
