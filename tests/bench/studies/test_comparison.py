"""Recommenders over datasets: every value by hand."""

from __future__ import annotations

import math

import pytest
from hand_made import TIMEOUT, record
from studies import dataset_of, keyed, task_of

from bench.studies.columns import DatasetRecords, Figure
from bench.studies.comparison import NO_ROW, compare_over_datasets
from protocol.errors import ProtocolError

NDCG = Figure("NDCG", 10, "sampled")
HIT, THIRD, MISS = 0, 2, 50
"""Rivals before the held-out item: NDCG 1, 1 / log2(4) = .5, and 0."""


def three_datasets() -> list[DatasetRecords]:
    return [
        dataset_of("one", {"ease": [HIT] * 12, "als": [THIRD] * 12, "bpr": [MISS] * 12}),
        dataset_of("two", {"ease": [THIRD] * 12, "als": [HIT] * 12, "bpr": [MISS] * 6 + [HIT] * 6}),
        dataset_of("three", {"ease": [HIT] * 12, "als": [THIRD] * 12}),
    ]


def test_every_value_by_hand() -> None:
    """On "one" 1, .5, 0; on "two" .5, 1, .5, so that ease and bpr share rank 2.5; on "three" 1, .5."""
    found = compare_over_datasets(three_datasets(), NDCG)
    rows = {row.label: row for row in found.rows}
    assert [row.label for row in found.rows] == ["ease", "als", "bpr"]
    assert {name: score.rank for name, score in rows["ease"].scores.items()} == {"one": 1, "two": 2.5, "three": 1}
    assert rows["ease"].mean_rank == pytest.approx(4.5 / 3)
    assert rows["als"].mean_rank == pytest.approx(5 / 3)
    assert rows["bpr"].mean_rank == pytest.approx(5.5 / 2)
    assert rows["ease"].win_rate == pytest.approx((2 + 0.5 + 1) / 5), "of five meetings, one tied"
    assert rows["bpr"].win_rate == pytest.approx(0.5 / 4)
    assert rows["ease"].relative == pytest.approx((1 + 0.5 + 1) / 3)
    assert rows["bpr"].relative == pytest.approx((0 + 0.5) / 2)
    assert [name for name, score in rows["ease"].scores.items() if score.is_best] == ["one", "three"]


def test_a_missing_row_is_listed_and_left_out_of_the_tests_over_datasets() -> None:
    found = compare_over_datasets(three_datasets(), NDCG)
    assert found.gaps == [("bpr", "three", NO_ROW)]
    assert found.incomplete == ("bpr",)
    assert found.tests is None, "two rows are left"
    datasets = [dataset_of(each.name, {**dict.fromkeys("abcd", [HIT] * 12)}) for each in three_datasets()]
    datasets[0] = dataset_of("one", {"a": [HIT] * 12, "b": [THIRD] * 12, "c": [MISS] * 12})
    tests = compare_over_datasets(datasets, NDCG).tests
    assert tests is not None
    assert tests.labels == ("a", "b", "c")
    assert tests.mean_ranks == pytest.approx(((1 + 2 + 2) / 3, (2 + 2 + 2) / 3, (3 + 2 + 2) / 3)), "among the three"


def test_a_failure_has_no_figure_and_says_why() -> None:
    one, two, _ = three_datasets()
    failed = keyed(record("bpr", [], failure=TIMEOUT, of=task_of("one", 12)))
    one = DatasetRecords("one", (*one.records[:2], failed), one.folder)
    found = compare_over_datasets([one, two], NDCG)
    assert found.gaps == [("bpr", "one", "timeout: stopped after 60 s, in epoch 3 of 30")]
    assert {row.label: len(row.scores) for row in found.rows} == {"als": 2, "ease": 2, "bpr": 1}


def test_a_row_that_failed_everywhere_is_in_no_rank() -> None:
    datasets = [
        DatasetRecords(
            each.name,
            (*each.records, keyed(record("mf", [], failure=TIMEOUT, of=task_of(each.name, 12), source="m"))),
            each.folder,
        )
        for each in three_datasets()[:2]
    ]
    found = compare_over_datasets(datasets, NDCG)
    assert "mf" not in [row.label for row in found.rows]
    assert found.labels[-1] == "mf"
    assert [gap[:2] for gap in found.gaps] == [("mf", "one"), ("mf", "two")]


def test_a_dataset_on_which_all_failed_has_a_column_without_figures() -> None:
    failed = keyed(record("ease", [], failure=TIMEOUT, of=task_of("one", 12)))
    found = compare_over_datasets(
        [DatasetRecords("one", (failed,), three_datasets()[0].folder), *three_datasets()[1:]], NDCG
    )
    assert {row.label: row.mean_rank for row in found.rows} == pytest.approx({"als": 1.5, "ease": 1.75, "bpr": 2.5})
    nothing = DatasetRecords("one", (failed,), three_datasets()[0].folder)
    with pytest.raises(ProtocolError, match="no row has NDCG@10 on one: all jobs failed"):
        compare_over_datasets([nothing], NDCG)


def test_marks_are_those_of_the_table_of_each_dataset() -> None:
    users = [HIT, THIRD] * 10
    close = dataset_of("one", {"ease": users, "als": [*users[:-1], MISS], "bpr": [MISS] * 20})
    (of_one,) = compare_over_datasets([close], NDCG).columns
    assert [label for label in of_one.rows if of_one.is_marked(label)] == ["als"]
    rows = compare_over_datasets([close], NDCG, baseline="bpr").rows
    assert not any(score.is_marked for row in rows for score in row.scores.values())


def test_the_baseline_is_a_row_over_datasets() -> None:
    with pytest.raises(
        ProtocolError, match=r"no row is called 'eas' \(did you mean 'ease'\?\); there are als, bpr, ease"
    ):
        compare_over_datasets(three_datasets(), NDCG, baseline="eas")
    found = compare_over_datasets(three_datasets(), NDCG, baseline="bpr")
    assert [column.significance is None for column in found.columns] == [False, False, True]


def test_a_suspicious_row_is_never_the_best() -> None:
    honest = [HIT, THIRD, MISS] * 40
    counts = ([5] * 120, [1] * 120, [2, 1])
    records = tuple(
        keyed(record(label, ranks, full=[20 * rank for rank in ranks], of=task_of("one", 120), counts=counts))
        for label, ranks in {"leak": [HIT] * 120, "ease": honest}.items()
    )
    (leak, ease) = compare_over_datasets([DatasetRecords("one", records, three_datasets()[0].folder)], NDCG).rows
    assert leak.scores["one"].is_suspicious
    assert not leak.scores["one"].is_best
    assert leak.scores["one"].relative == pytest.approx(2), "as a share of .5"
    assert ease.scores["one"].is_best


def test_another_figure() -> None:
    found = compare_over_datasets(three_datasets(), Figure("NDCG", 20, "full"))
    (als,) = (row for row in found.rows if row.label == "als")
    assert als.scores["one"].mean == pytest.approx(1 / math.log2(18 + 2)), "18 rivals before"
