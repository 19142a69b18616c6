"""What a table claims where there are too few users, or unequal seeds, for a claim."""

from __future__ import annotations

import json

import pytest
from hand_made import FACTS, record, task

from bench.analysis.head_to_head import compare_rows
from bench.tables.claims import UNEQUAL_SEEDS
from bench.tables.head_to_head import render as render_pair
from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from protocol.evaluation.statistics import LEAST_USERS

HIT, MISS = 0, 50


def rows_of(n_users: int) -> list:
    """Return two deterministic rows: the first has a hit for all users, the second for none."""
    of = task(facts=FACTS | {"n_evaluated": n_users})
    return [record(name, [rank] * n_users, deterministic=True, of=of) for name, rank in (("a", HIT), ("b", MISS))]


@pytest.mark.parametrize("n_users", [1, 2, LEAST_USERS - 1])
def test_too_few_users_are_not_tested_and_the_note_says_why(n_users: int) -> None:
    """P24: two users with equal differences are no evidence, and their t-test has p = 0."""
    rows = rows_of(n_users)
    users = "1 user is evaluated" if n_users == 1 else f"{n_users} users are evaluated"
    said = (
        f"none: {users}, and a test needs 10 or more, because a t-test on fewer values gives far more false alarms "
        "than it claims."
    )
    found = json.loads(render(rows, "json"))
    assert found["tests"] is None
    assert MARK not in render(rows)
    assert to_frame(rows).attrs["notes"]["Tests"] == said
    pair = json.loads(render_pair(compare_rows(rows, "a", "b"), "json"))
    notes = {note["about"]: note["text"] for note in pair["notes"]}
    assert notes["Claim"] == said
    assert "p is undefined" in notes["Test"]
    everyone = pair["slices"][0]
    assert everyone["difference"] == 1
    assert [everyone[name] for name in ("p", "difference_low", "difference_high", "effect_size")] == [None] * 4


def test_enough_users_are_tested() -> None:
    rows = rows_of(LEAST_USERS)
    (pair,) = json.loads(render(rows, "json"))["tests"]["pairs"]
    assert (pair["p"], pair["distinguishable"]) == (2**-9, True)


def test_a_row_that_failed_needs_no_test() -> None:
    rows = rows_of(2)
    failed = record("b", [], failure={"kind": "raised", "message": "no", "detail": ""})
    assert "Tests" not in to_frame([rows[0], failed]).attrs["notes"]


def test_a_baseline_without_the_view_is_not_said_to_have_failed() -> None:
    rows = [record(name, [1] * 12, full=full) for name, full in (("a", [1] * 12), ("b", [2] * 12), ("c", None))]
    notes = to_frame(rows, views=("full",), baseline="c").attrs["notes"]
    assert notes["Tests"] == "none: the baseline, c, has no full NDCG@10."


def seeded(name: str, n_seeds: int) -> list:
    return [record(name, [(seed + user) % 3 for user in range(12)], seed=seed) for seed in range(n_seeds)]


def test_a_comparison_of_rows_with_unequal_seeds_says_which_seeds_it_is_about() -> None:
    found = compare_rows([*seeded("many", 7), *seeded("few", 3)], "many", "few")
    notes = {note["about"]: note["text"] for note in json.loads(render_pair(found, "json"))["notes"]}
    assert notes["Seeds"] == (
        "A: training seeds 0, 1, 2, of the 7 that its mean in a table is over. B: training seeds 0, 1, 2. "
        f"{UNEQUAL_SEEDS}"
    )
    assert found.slices[0].ours == pytest.approx(float(to_frame(seeded("many", 3)).loc["many", "NDCG@10"]))


def test_a_comparison_of_rows_with_equal_seeds_names_them() -> None:
    found = compare_rows([*seeded("one", 3), *seeded("two", 3)], "one", "two")
    notes = {note["about"]: note["text"] for note in json.loads(render_pair(found, "json"))["notes"]}
    assert notes["Seeds"] == "A: training seeds 0, 1, 2. B: training seeds 0, 1, 2."


def test_a_table_of_rows_with_unequal_seeds_names_their_numbers() -> None:
    notes = to_frame([*seeded("many", 7), *seeded("few", 3)]).attrs["notes"]
    assert "where rows have different numbers of seeds (few 3 and many 7)" in notes["Tests"]
    assert UNEQUAL_SEEDS in notes["Tests"]
