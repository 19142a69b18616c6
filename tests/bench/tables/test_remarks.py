"""The few sentences below a table in a terminal, on hand-made records."""

from __future__ import annotations

from typing import Any

import pytest
from hand_made import ALS, FACTS, RECORDS, TIMEOUT, record, task

from bench.analysis.conduct import FAULTS
from bench.analysis.summary import summarise
from bench.tables.notes import notes_of
from bench.tables.remarks import remarks_of
from bench.tables.results import render
from bench.writing.brief import MOST_LINES

N_USERS = 40
HIT, NEAR, MISS = [0] * N_USERS, [0, 1] * (N_USERS // 2), [50] * N_USERS

THREE = [
    record("first", HIT, full=MISS, fit=3.0, deterministic=True),
    record("second", [0] * (N_USERS - 1) + [1], full=HIT, fit=2.0, deterministic=True),
    record("third", MISS, full=NEAR, fit=1.0, deterministic=True),
]
"""By the drawn negatives the second cannot be told apart from the first; by the full ranking the first is the last."""


def remarks(records: list[Any], *, views: Any = ("sampled", "full"), **options: Any) -> dict[str, list[str]]:
    """Return the sentences by keyword, in their order."""
    found: dict[str, list[str]] = {}
    for each in remarks_of(summarise(records, **options), views):
        found.setdefault(each.keyword, []).append(each.text)
    return found


def test_the_result_in_words() -> None:
    found = remarks(THREE)
    assert found["Result"] == ["Highest NDCG@10: first. Not told apart from it (†): second. Fastest of these: second."]
    assert found["Task"] == ["a" * 12]
    assert list(found) == ["Result", "Warning", "Signs", "Limits", "Task"]


def test_a_result_without_marks_names_no_fastest_row() -> None:
    assert remarks([THREE[0], THREE[2]])["Result"] == [
        "Highest NDCG@10: first. The tests tell all others apart from it."
    ]


def test_a_result_beside_a_baseline() -> None:
    assert remarks(THREE, baseline="second")["Result"] == [
        "By NDCG@10, beside the baseline second: lower: third; not told apart (†): first."
    ]
    assert remarks(THREE, baseline="third")["Result"] == [
        "By NDCG@10, beside the baseline third: higher: first and second."
    ]


def test_too_few_users_are_said_to_be_untested() -> None:
    found = remarks(RECORDS)
    assert found["Result"] == ["Highest NDCG@10: ease:reg=500, untested."]
    assert "no tests: they need 10 users, and there are 4." in found["Warning"]


def test_only_pairs_that_the_tests_tell_apart_are_warned_of() -> None:
    """The full ranking has the first row last, and the tests tell it apart from the third, not from the second."""
    assert not any("reversed" in text for text in remarks(THREE[:2])["Warning"])
    warnings = remarks(THREE)["Warning"]
    assert "first and third, a pair that the tests tell apart, is reversed by expected and full NDCG@10." in warnings
    others = [*THREE, record("fourth", MISS, full=HIT, deterministic=True)]
    assert "2 pairs that the tests tell apart are reversed by expected and full NDCG@10." in remarks(others)["Warning"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([ALS], "als timed out: stopped after 60 s, in epoch 3 of 30"),
        (
            [ALS, record("bpr", [], failure={"kind": "raised", "message": "no", "detail": ""})],
            "2 rows failed: als (timed out) and bpr (raised).",
        ),
        (
            [record(f"row{number}", [], failure=TIMEOUT) for number in range(7)],
            "7 rows failed: row0 (timed out), row1 (timed out), row2 (timed out), row3 (timed out) and 3 more.",
        ),
        (
            [record("one", HIT, of=task(dataset="synthetic:60x40x900"))],
            "these are synthetic data; on real data the order may be another.",
        ),
        (
            [record("one", HIT), record("two", NEAR), *(record("many", NEAR, seed=seed) for seed in range(3))],
            "fewer than 3 seeds of one and two (--seeds 0-4): the tests are of these models alone.",
        ),
        (
            [record("one", HIT), record("two", NEAR)],
            "fewer than 3 seeds (--seeds 0-4): the tests are of these models alone.",
        ),
        ([record("one", HIT), record("two:reg=5", NEAR)], "defaults not chosen on these data: one."),
    ],
)
def test_what_a_reader_is_warned_of(records: list[Any], expected: str) -> None:
    assert expected in remarks(records)["Warning"]


def test_what_is_as_it_should_be_is_not_warned_of() -> None:
    chosen = record("chosen", HIT, deterministic=True)
    chosen.document["recommender"]["chosen_on"] = "ml-100k"
    tuned, bare = record("tuned", NEAR, tuning=2.0, deterministic=True), record("bare", MISS, deterministic=True)
    bare.document["recommender"]["parameters"] = {}
    assert "Warning" not in remarks([chosen, tuned, bare])


def test_a_row_without_score_all_says_what_its_dash_is() -> None:
    some = [record("whole", HIT, full=HIT), record("plain", NEAR)]
    assert remarks(some)["-"] == ["plain has no score_all, so no full ranking."]
    assert "-" not in remarks(some, views=("sampled",))
    alone = remarks([record("plain", NEAR)])["-"]
    assert alone == ["plain has no score_all, so no full ranking (or --full-limit was below 6,728)."]
    large = task(facts=FACTS | {"n_evaluated": N_USERS, "n_items": 10**8})
    assert remarks([record("plain", NEAR, of=large)])["-"] == [
        "plain has no full ranking: its 4,000,000,000 pairs are above --full-limit."
    ]
    ((keyword, note),) = [each for each in notes_of(summarise(some)) if each[0] == "Missing"]
    assert (keyword, note) == ("Missing", "- under full and expected: plain has no score_all, so no full ranking.")


def test_a_dash_of_selection_is_explained() -> None:
    assert remarks([record("tuned", HIT, tuning=2.0), record("plain", NEAR)], views=("sampled",))["-"] == [
        "under select: no selection is recorded."
    ]


def test_signs_and_limits_are_those_of_the_table() -> None:
    found = remarks(THREE)
    assert found["Signs"] == ['±: half a 95 % interval over users; †: not told apart, not "equal".']
    assert found["Limits"] == ["leave-last-out leaks the future; drawn negatives may reorder rows."]
    assert remarks([THREE[0]])["Signs"] == ["±: half a 95 % interval over users."]
    imported = task(parts=task()["parts"] | {"split": "imported"})
    assert remarks([record("one", HIT, of=imported)])["Limits"] == ["given negatives may reorder rows."]


@pytest.mark.parametrize("width", [60, 80, 100, 160, None])
def test_a_table_in_brief_has_few_lines_below_it(width: int | None) -> None:
    failures = [record(f"failed{number}", [], failure=TIMEOUT) for number in range(9)]
    for records in ([ALS], THREE, RECORDS, [*THREE, *failures]):
        text = render(records, width=width, brief=True)
        below = text.rstrip("\n").split("\n\n")[-1].splitlines()
        assert len(below) <= MOST_LINES
        assert below[-1].startswith("Task")
        assert "; in --notes: " in below[-1]
        assert max(map(len, text.splitlines())) <= (width or 100)


def test_notes_and_files_keep_everything() -> None:
    assert "Machine" in render(THREE)
    assert "Machine" not in render(THREE, brief=True)
    assert all(render(THREE, form, brief=True) == render(THREE, form) for form in ("github", "latex", "json", "csv"))


WARNED = {fault.keyword for fault in FAULTS} | {"Failed", "Suspicious", "Warning", "Threads", "Timing", "Same name"}
"""Keywords of notes that a reader must not miss."""


def test_each_kind_of_warning_among_the_notes_has_its_sentence() -> None:
    """A table with a fault of each kind whose record is easily made by hand."""
    moved = record("moved", NEAR)
    moved.document["probe"] = {"n_users": 3, "moved": 1.0, "disagreement": 1.0}
    warned = record("warned", NEAR)
    warned.document["warnings"] = ["something"]
    records = [*THREE, ALS, moved, warned]
    summary = summarise(records)
    kinds = {keyword for keyword, _ in notes_of(summary)} & WARNED
    assert kinds == {"Failed", "Moved", "Disagrees", "Warned", "Warning"}
    said = " ".join(remarks(records)["Warning"])
    for sign in (
        "als timed out",
        "scores moved: moved.",
        "score_all disagrees: moved.",
        "warned: warned.",
        "reversed by",
    ):
        assert sign in said
