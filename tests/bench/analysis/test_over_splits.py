"""Values over repeated splits (P28): means, deviations, places, agreement and tests, by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hand_made import TIMEOUT, record
from splits_by_hand import N_USERS, hits, of, table

from bench.analysis.over_splits import SplitsSummary, summarise_splits
from protocol.errors import ProtocolError
from protocol.evaluation.over_splits import comparison_over_splits
from protocol.evaluation.statistics import holm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record

RANDOM = ("random:0", "random:1", "random:2")


def summary_of(records: Sequence[Record], **options: Any) -> SplitsSummary:
    return summarise_splits(records, metrics=("HR",), **options)


def test_means_and_deviations_by_hand() -> None:
    """P28: 3, 6 and 9 of 12 users."""
    found = summary_of(table(RANDOM, ease=[hits(3), hits(6), hits(9)], bpr=[hits(4), hits(4), hits(4)]))
    ease, bpr = found.rows
    assert ease.values("HR@10") == {"random:0": 0.25, "random:1": 0.5, "random:2": 0.75}
    assert (ease.mean("HR@10"), ease.deviation("HR@10")) == (pytest.approx(0.5), pytest.approx(0.25))
    assert (bpr.mean("HR@10"), bpr.deviation("HR@10")) == (pytest.approx(1 / 3), pytest.approx(0))
    assert (found.places(ease), found.places(bpr)) == ((2, 1, 1), (1, 2, 2))
    assert [round(each.kendall_tau) for each in found.agreements] == [-1, -1, 1]
    assert (found.moved, found.leaders) == ({"ease": (1, 2), "bpr": (1, 2)}, ["ease", "bpr"])


def test_rows_that_keep_their_place_have_not_moved() -> None:
    """Equal rows share the better place; a row that lacks a split has no place."""
    rows = {"a": [hits(9)] * 3, "b": [hits(5), hits(4), hits(4)], "c": [hits(4), hits(4), hits(5)]}
    found = summary_of([*table(RANDOM, **rows), *table(RANDOM[:2], d=[hits(11)] * 2)])
    assert (found.moved, found.leaders) == ({"b": (2, 3), "c": (2, 3)}, ["a"])


def test_tests_are_over_users_and_splits_with_holms_correction() -> None:
    """P24, P28."""
    rows = {"a": [hits(9), hits(8), hits(9)], "b": [hits(5), hits(6), hits(4)], "c": [hits(5), hits(2), hits(3)]}
    found = summary_of(table(RANDOM, **rows))
    assert found.significance is not None
    values = {label: [np.array(ranks) == 0 for ranks in of_row] for label, of_row in rows.items()}
    pairs = [("b", "a"), ("c", "a"), ("c", "b")]
    expected = [
        comparison_over_splits(
            [np.subtract(one, other, dtype=float) for one, other in zip(values[ours], values[theirs], strict=True)],
            N_USERS / 120,
            same_users=True,
        )
        for ours, theirs in pairs
    ]
    assert [(pair.ours, pair.theirs) for pair in found.significance.pairs] == pairs
    assert [pair.p_holm for pair in found.significance.pairs] == pytest.approx(
        holm([each.p_value for each in expected])
    )
    assert [pair.n_seeds for pair in found.significance.pairs] == [3, 3, 3]
    named = summary_of(table(RANDOM, **rows), baseline="c").significance
    assert named is not None
    assert [(pair.ours, pair.theirs) for pair in named.pairs] == [("a", "c"), ("b", "c")]


def test_cut_points_evaluate_other_users() -> None:
    """P28: their numbers differ, and users are not crossed."""
    cuts = ("time:0.9", "time:0.675", "time:0.45")
    rows = {"a": [hits(9), hits(15, 20), hits(12, 14)], "b": [hits(4), hits(8, 20), hits(3, 14)]}
    found = summary_of(table(cuts, **rows))
    assert list(found.summaries) == list(cuts)
    assert found.significance is not None
    differences = [
        np.subtract(np.array(one) == 0, np.array(other) == 0, dtype=float)
        for one, other in zip(rows["b"], rows["a"], strict=True)
    ]
    overlap = float(np.mean([12, 20, 14])) / 120
    expected = comparison_over_splits(differences, overlap, same_users=False)
    assert found.significance.pairs[0].comparison == expected


def test_users_who_are_left_out_in_one_split_are_in_no_test() -> None:
    """P7, P28: the item that is held out of the first user is cold in the second split."""
    warm = ([5] * N_USERS, [2] * N_USERS, [2] * 1682)
    cold = ([5] * N_USERS, [0, *[2] * (N_USERS - 1)], [2] * 1682)
    records = [
        record(label, hits(n), of=of(split), deterministic=True, counts=counts)
        for label, n in (("a", 9), ("b", 4))
        for split, counts in zip(RANDOM, (warm, cold, warm), strict=True)
    ]
    found = summary_of(records)
    assert found.rows[0].values("HR@10")["random:1"] == pytest.approx(8 / 11)
    assert found.significance is not None
    difference = found.significance.pairs[0].comparison.difference
    assert difference == pytest.approx(-5 / 11)


def test_a_row_that_lacks_a_split_has_no_mean_and_no_test_and_the_others_have() -> None:
    records = table(RANDOM, a=[hits(9)] * 3, b=[hits(5), hits(4), hits(6)])
    records += [
        record("c", hits(11), of=of("random:0")),
        record("c", [], of=of("random:1"), failure=TIMEOUT),
        record("c", hits(11), of=of("random:2")),
    ]
    found = summary_of(records)
    assert [row.label for row in found.rows] == ["a", "b", "c"]
    assert (found.rows[2].mean("HR@10"), found.rows[2].deviation("HR@10")) == (None, None)
    assert found.places(found.rows[0]) == (1, 1, 1)
    assert found.significance is not None
    assert {pair.ours for pair in found.significance.pairs} == {"b"}
    named = summary_of(records, baseline="c")
    assert (named.significance, named.failed_baseline) == (None, "c")


@pytest.mark.parametrize("n_splits", [2, 3])
def test_two_splits_are_shown_and_not_tested(n_splits: int) -> None:
    found = summary_of(table(RANDOM[:n_splits], a=[hits(9)] * n_splits, b=[hits(4)] * n_splits))
    assert (found.significance is None) == (n_splits == 2)
    assert math.isclose(found.rows[0].mean("HR@10") or 0, 0.75)


def test_few_users_are_not_tested() -> None:
    """P24: nine."""
    assert summary_of(table(RANDOM, a=[hits(8, 9)] * 3, b=[hits(1, 9)] * 3)).significance is None


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no row is called 'aa'"):
        summary_of(table(RANDOM, a=[hits(8)] * 3, b=[hits(1)] * 3), baseline="aa")
