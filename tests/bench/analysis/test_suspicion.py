"""Rows that are too good: nearly always a leak, so they are named, and are neither the best nor the reference."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hand_made import FACTS, record, task

from bench.analysis.summary import summarise
from bench.page.main_table import main_table
from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK

if TYPE_CHECKING:
    from bench.records.record import Record

N_USERS, N_ITEMS = 200, 1_001
TASK = task(facts=FACTS | {"n_evaluated": N_USERS})


def row(
    name: str, share: float, *, full_share: float | None = None, popular: float = 0.4, most_popular: float = 0.05
) -> Record:
    """Return a row with a hit at 10 for a share of the users, and no luck for the others.

    Parameters
    ----------
    full_share
        The share of hits in the full ranking; none without it.
    popular, most_popular
        The shares of users whose held-out item is one of the hundred, and of the ten, most popular items.
    """

    def places(share_of_hits: float, miss: int) -> list[int]:
        n_hits = round(share_of_hits * N_USERS)
        return [user % 3 for user in range(n_hits)] + [miss + user % 7 for user in range(N_USERS - n_hits)]

    items = np.array([90] * 10 + [50] * 90 + [1] * (N_ITEMS - 100))
    n_most, n_popular = round(most_popular * N_USERS), round(popular * N_USERS)
    heldout = [90] * n_most + [50] * (n_popular - n_most) + [1] * (N_USERS - n_popular)
    return record(
        name,
        places(share, 60),
        full=None if full_share is None else places(full_share, 700),
        deterministic=True,
        of=TASK,
        counts=([3] * N_USERS, heldout, items),
    )


HONEST = [row("ease", 0.7, full_share=0.2), row("popularity", 0.4, full_share=0.1)]


@pytest.mark.parametrize(
    ("suspect", "reason"),
    [
        (row("leak", 0.99, full_share=0.25), "best tenth"),
        (row("leak", 1.0), "best tenth"),
        (row("leak", 0.9, full_share=0.61), "full HR@10"),
    ],
)
def test_what_an_honest_row_does_not_reach_is_suspicious(suspect: Record, reason: str) -> None:
    """P12: the file of the dataset was found, or features were made of all interactions."""
    found = summarise([suspect, *HONEST]).suspicions
    assert list(found) == ["leak"]
    assert reason in found["leak"]


@pytest.mark.parametrize(
    "good",
    [
        row("good", 0.97, full_share=0.29),
        row("good", 0.82, full_share=0.5),
    ],
)
def test_what_honest_rows_have_reached_is_not_suspicious(good: Record) -> None:
    assert summarise([good, row("ease", 0.7, full_share=0.2), HONEST[1]]).suspicions == {}


def test_a_high_full_ranking_is_not_far_above_where_popularity_is_high_too() -> None:
    """FilmTrust: popularity alone has a full HR@10 of .68."""
    easy = {"popular": 0.92, "most_popular": 0.68}
    rows = [row("ease", 0.94, full_share=0.71, **easy), row("random", 0.1, full_share=0.01, **easy)]
    assert summarise(rows).suspicions == {}


def test_where_popularity_alone_is_near_perfect_a_row_may_be_so_too() -> None:
    assert summarise([row("ease", 0.995, popular=1.0), row("random", 0.1, popular=1.0)]).suspicions == {}


def test_few_users_and_records_without_counts_raise_no_flag() -> None:
    assert summarise([record("lucky", [0] * 12), record("other", [50] * 12)]).suspicions == {}


def test_two_leaks_do_not_hide_each_other() -> None:
    found = summarise([row("leak", 0.9, full_share=0.7), row("other leak", 0.9, full_share=0.65), *HONEST])
    assert set(found.suspicions) == {"leak", "other leak"}


LEAK = row("leak", 1.0, full_share=0.9)


def test_a_suspicious_row_is_named_and_is_neither_bold_nor_the_reference() -> None:
    rows = [LEAK, *HONEST]
    lines = {line.split()[1]: line for line in render(rows, "github").splitlines() if line.startswith("| ")}
    assert "(suspicious)" in lines["leak"]
    assert "**" not in lines["leak"]
    assert "**" in lines["ease"]
    notes = to_frame(rows).attrs["notes"]
    assert notes["Suspicious"].startswith("leak: the held-out item is in the best tenth")
    assert "That is nearly always a leak" in notes["Suspicious"]
    assert "every row is distinguishable from the best row that is not suspicious, ease," in notes["Tests"]
    found = json.loads(render(rows, "json"))
    assert found["tests"]["reference"] == "ease"
    assert [entry["suspicious"] is None for entry in found["rows"]] == [False, True, True]
    assert {entry["compared_with"] for entry in found["rows"]} == {"ease", None}
    assert list(to_frame(rows)["suspicious"].notna()) == [True, False, False]
    assert "suspicious" not in to_frame(HONEST).columns


@pytest.mark.parametrize("form", ["terminal", "latex", "html-fragment"])
def test_every_format_says_that_a_row_is_suspicious(form: str) -> None:
    assert re.search(r"leak.*suspicious", render([LEAK, *HONEST], form))


def test_a_reference_that_is_suspicious_is_called_so() -> None:
    assert "the suspicious baseline, leak," in to_frame([LEAK, *HONEST], baseline="leak").attrs["notes"]["Tests"]
    alone = [LEAK, row("leak too", 1.0, full_share=0.9)]
    text = " ".join(render(alone).split())
    assert f"{MARK} marks rows not distinguishable from the best row, which is suspicious, leak, by" in text
    table = [line for line in render(alone, "github").splitlines() if line.startswith("| ")]
    assert not any("**" in line for line in table)


def test_the_page_marks_it_too_and_does_not_draw_it_as_best() -> None:
    table = main_table(summarise([LEAK, *HONEST]), {})
    assert [line.tags for line in table.lines] == [("suspicious",), (), ()]
    assert [line.kind for line in table.lines] == ["", "best", ""]
    (place,) = [place for place, column in enumerate(table.data["columns"]) if column["id"] == "NDCG@10"]
    assert [line.cells[place].best for line in table.lines] == [False, True, False]
    assert 0 not in table.data["columns"][place]["front"]
