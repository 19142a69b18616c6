"""The table on hand-made records, with figures a reader can recompute."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hand_made import ALS, EASE, EASE_NDCG, RECORDS, record, task

from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from bench.writing.terminal import LABEL_WIDTH
from protocol.errors import ProtocolError

pytestmark = pytest.mark.usefixtures("few_users")


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_the_order_of_records_changes_nothing(form: Any) -> None:
    text = render(RECORDS, form, (10, 5))
    assert render(RECORDS[::-1], form, (10, 5)) == text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_terminal() -> None:
    lines = render(RECORDS).splitlines()
    assert lines[0] == "ml-100k: 4 users, one held-out item each against 100 drawn negatives"
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:8]]
    assert table[0][:7] == ["recommender", "NDCG@10 ▼", "HR@10", "full", "fit", "score", "peak"]
    assert table[1][:4] == ["NDCG@10", "s", "µs/user", "MiB"]
    shown = ["ease:reg=500", f"{EASE_NDCG:.4f} ±.751"[1:], ".7500 ±.796", ".3223", "0.30", "12.5", "234"]
    assert table[3][:7] == shown
    assert (table[4][0], table[4][2]) == ("bpr †", ".5000 ±.650")
    assert table[4][3] == "-"
    assert table[5] == ["als", "timed out", *["-"] * (len(table[0]) - 2)]
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)


def test_the_best_are_bold_where_the_format_can() -> None:
    assert "**.7500** ±.796" in render(RECORDS, "github")
    assert r"\textbf{.7500} {\scriptsize $\pm$.796}" in render(RECORDS, "latex")
    assert "<strong>.7500</strong> ±.796" in render(RECORDS, "html-fragment")
    assert "\x1b[1m.7500\x1b[0m ±.796" in render(RECORDS, styled=True)
    assert "\x1b" not in render(RECORDS)
    assert "**.5000**" not in render(RECORDS, "github")


def test_all_that_look_best_are_bold_and_one_row_alone_is_not() -> None:
    twins = [record("one", [0, 0, 1, 20]), record("two", [0, 0, 1, 20]), record("low", [50, 50, 50, 50])]
    assert render(twins, "github").count("**.7500**") == 2
    assert "**." not in render([EASE], "github")


def test_bold_type_moves_no_column() -> None:
    assert re.sub(r"\x1b\[\d+m", "", render(RECORDS, styled=True)) == render(RECORDS)


def test_long_labels_go_on_in_the_next_line() -> None:
    label = "neumf:embedding_size=32,layers=64-32-16,epochs=40,learning_rate=0.001"
    lines = render([record(label, [0, 1, 2, 3])]).splitlines()
    assert max(map(len, lines)) <= 100
    pieces = [line.split("  ")[0] if i == 0 else line.strip() for i, line in enumerate(lines[5:9])]
    assert "".join(pieces).startswith(label)


def test_nothing_makes_a_table_wider_than_its_columns() -> None:
    endless, fitting = "x" * 200, "y" * LABEL_WIDTH
    rows = [record(endless, [0, 1, 2, 3]), record(fitting, [0, 1, 2, 3], of=task())]
    text = render(rows)
    assert max(map(len, text.splitlines())) <= 105
    assert f"\n{fitting} " in text
    assert f"\n  {MARK}" in text
    title = render([record("a", [0, 1], of=task(dataset="d" * 40 + " " + "e" * 40))]).split("\n\n")[0]
    assert len(title.splitlines()) == 2


def test_different_tasks_are_refused_naming_what_differs() -> None:
    parts = task()["parts"]
    other = task(digest="b" * 64, parts=parts | {"protocol_seed": "1", "candidates": "e" * 64})
    with pytest.raises(ProtocolError, match=r"protocol seed \(0 against 1\)") as caught:
        render([EASE, record("bpr", [0, 1, 2, 3], of=other)])
    assert "candidates" in str(caught.value)
    assert "dataset" not in str(caught.value)
    elsewhere = task(digest="b" * 64, dataset="ml-1m", parts=parts | {"dataset": "f" * 64})
    with pytest.raises(ProtocolError, match=r"dataset \(ml-100k d{12} against ml-1m f{12}\)"):
        render([EASE, record("bpr", [0, 1, 2, 3], of=elsewhere)])


def test_no_records_are_an_error() -> None:
    with pytest.raises(ProtocolError, match="no records"):
        render([])


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="unknown table format 'pdf'; there are terminal, github"):
        render([EASE], "pdf")  # type: ignore[arg-type]


def selected(seconds: float) -> dict[str, Any]:
    return {"patience": 5, "best_epoch": 12, "seconds": seconds, "curve": []}


def test_selection_has_a_column_of_its_own_where_anything_was_chosen() -> None:
    """Seeds of bpr took 8 and 10 s of early stopping after 100 s of tuning: 109 s; ease was tuned only, gmf neither."""
    rows = [
        record("ease", [0, 0, 1, 20], tuning=2.5, fit=0.3, deterministic=True),
        record("bpr", [0, 0, 20, 30], seed=0, selection=selected(8.0), tuning=100.0),
        record("bpr", [0, 20, 0, 30], seed=1, selection=selected(10.0), tuning=100.0),
        record("gmf", [50, 50, 50, 50]),
        ALS,
    ]
    lines = render(rows).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:9]]
    place = table[0].index("select")
    assert table[0][place : place + 4] == ["select", "fit", "score", "peak"]
    assert table[1][1:5] == ["s", "s", "µs/user", "MiB"]
    assert [row[0] for row in table[3:]] == ["ease", "bpr †", "gmf †", "als"]
    assert [row[place] for row in table[3:]] == ["2.50", "109", "-", "-"]
    assert [row[place + 1] for row in table[3:]] == ["0.30", "1.00", "1.00", "-"]
    assert {len(row) for row in table[3:]} == {len(table[0])}
    assert "select is the time that choosing on the validation task took" in " ".join(" ".join(lines).split())
    frame = to_frame(rows)
    costs = ["selection_s", "fit_s", "us_per_user", "peak_mib"]
    assert [name for name in frame.columns if name in costs] == costs
    assert frame["selection_s"].fillna(-1).tolist() == [2.5, 109, -1, -1]


def test_without_selection_there_is_no_empty_column() -> None:
    assert "select" not in render(RECORDS)
    assert "selection_s" not in to_frame(RECORDS)
    assert next(csv.DictReader(io.StringIO(render(RECORDS, "csv"))))["selection_s"] == ""
