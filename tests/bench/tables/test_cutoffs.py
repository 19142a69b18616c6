"""Rivals in the title, and cut-offs beyond them: nothing looks better than its rivals allow."""

from __future__ import annotations

import json

import pytest
from hand_made import FACTS, record, task

from bench.analysis.head_to_head import compare_rows
from bench.tables.head_to_head import render as render_pair
from bench.tables.results import render, to_frame


def rows_of(n_rivals: list[int], asked: int = 100, split: str = "leave-last-out") -> list:
    of = task(
        facts=FACTS | {"n_evaluated": len(n_rivals), "n_negatives": asked}, parts=task()["parts"] | {"split": split}
    )
    places = {"good": [0 for _ in n_rivals], "bad": n_rivals}
    return [record(name, ranks, n_rivals=n_rivals, deterministic=True, of=of) for name, ranks in places.items()]


def title_of(rows: list, **options) -> str:
    return json.loads(render(rows, "json", **options))["title"].partition("one held-out item each against ")[2]


@pytest.mark.parametrize(
    ("n_rivals", "asked", "split", "title"),
    [
        ([100, 100], 100, "leave-last-out", "100 drawn negatives"),
        ([45, 45], 100, "leave-last-out", "45 drawn negatives (100 were asked for)"),
        ([20, 45], 100, "leave-last-out", "20 to 45 drawn negatives (100 were asked for)"),
        ([20, 100], 100, "leave-last-out", "20 to 100 drawn negatives"),
        ([0, 0], 100, "leave-last-out", "no drawn negatives (100 were asked for); k = 10 is beyond them"),
        ([1, 1], 1, "leave-last-out", "1 drawn negative; k = 10 is beyond them"),
        ([5, 5], 5, "leave-last-out", "5 drawn negatives; k = 10 is beyond them"),
        ([99, 99], 99, "imported", "99 given negatives"),
        ([98, 99], 99, "imported", "98 to 99 given negatives"),
    ],
)
def test_the_title_says_how_many_rivals_there_are(n_rivals: list[int], asked: int, split: str, title: str) -> None:
    rows = rows_of(n_rivals, asked, split)
    assert title_of(rows) == title
    pair = json.loads(render_pair(compare_rows(rows, "good", "bad"), "json"))["title"]
    assert pair.endswith(f"by NDCG@10, each held-out item against {title}")


def test_the_title_names_every_cutoff_beyond_the_rivals() -> None:
    assert title_of(rows_of([15, 12]), ks=(5, 20, 50)).endswith("; k = 20 and 50 are beyond them")


def test_a_cutoff_beyond_the_rivals_of_all_users_is_named() -> None:
    rows = rows_of([5, 5, 4], 5)
    assert to_frame(rows).attrs["notes"]["Cut-off"] == (
        "sampled: all 3 users have fewer than 10 rivals: there HR@10 is 1 for every recommender and "
        "NDCG@10 cuts nothing off."
    )
    assert "Cut-off" not in to_frame(rows, ks=(3,)).attrs["notes"]


def test_a_cutoff_beyond_the_rivals_of_some_users_is_named() -> None:
    assert to_frame(rows_of([100, 7, 100])).attrs["notes"]["Cut-off"] == (
        "sampled: 1 of 3 users has fewer than 10 rivals: there HR@10 is 1 for every recommender and "
        "NDCG@10 cuts nothing off."
    )


def test_users_without_any_rival_are_named() -> None:
    """Whatever the recommender, the held-out item is first: NDCG is 1, and says nothing."""
    rows = rows_of([0, 0])
    assert to_frame(rows).attrs["notes"]["Cut-off"] == (
        "sampled: all 2 users have fewer than 10 rivals: there HR@10 and NDCG@10 are 1 for every recommender. "
        "Without any rival, as for all 2 users, every metric is 1 for every recommender."
    )


def test_a_comparison_names_its_cutoff_too() -> None:
    found = compare_rows(rows_of([5] * 12, 5), "good", "bad", "HR")
    notes = {note["about"]: note["text"] for note in json.loads(render_pair(found, "json"))["notes"]}
    assert (
        notes["Cut-off"] == "sampled: all 12 users have fewer than 10 rivals: there HR@10 is 1 for every recommender."
    )


def test_no_value_that_the_rivals_decide_is_bold() -> None:
    lines = [line for line in render(rows_of([5, 5], 5), "github").splitlines() if line.startswith("| good")]
    assert "**1.0000**" in lines[0]
    assert lines[0].count("**") == 2, "NDCG@10 is the best, HR@10 is 1 for both rows"


def test_users_with_fewer_negatives_than_asked_for_are_counted_also_where_all_have_equally_few() -> None:
    for n_rivals, said in (([45] * 3, "3 users ranked"), ([45, 45, 100], "2 users ranked")):
        data = to_frame(rows_of(n_rivals)).attrs["notes"]["Data"]
        assert f"{said} against fewer than 100 negatives: all they have" in data
    assert "ranked against fewer" not in to_frame(rows_of([100] * 3)).attrs["notes"]["Data"]


def test_notes_about_given_lists_count_what_is_unusual_and_claim_nothing_that_is_not_measured() -> None:
    rows = rows_of([98, 99], 99, "imported")
    counted = {"n_lists_with_heldout": 156, "n_lists_with_repeats": 0, "n_lists_with_trained": 1}
    for row in rows:
        row.document["task"]["facts"] = row.document["task"]["facts"] | counted
    data = to_frame(rows).attrs["notes"]["Data"]
    assert "156 given lists hold the held-out item itself, which is not its own rival" in data
    assert "0 given lists hold an item twice" in data
    assert "1 given list holds an item that the user trained on, which is a rival like the others" in data
    assert "3 users without a given held-out item left out of the evaluation" in data
    old = to_frame(rows_of([98, 99], 99, "imported")).attrs["notes"]["Data"]
    for words in ("all they have", "at their latest time", "fewer than 3 items"):
        assert words not in data + old
    assert "given list" not in old, "an older recbench did not count them"
