"""Columns: a new one through its entry alone, and the order in which a narrow terminal leaves them out."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hand_made import ALS, BPR, BPR_SPREAD, EASE, RECORDS, record

from bench.analysis.summary import summarise
from bench.page.main_table import main_table
from bench.tables import columns
from bench.tables.column import Column
from bench.tables.columns import COLUMNS, columns_of, drop_order
from bench.tables.results import render, to_frame
from bench.writing.text import amount_text

if TYPE_CHECKING:
    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary


def before_fit(_: Summary, row: Row) -> float | None:
    """Return the most memory that a process held before it fitted, in MiB."""
    return max((record.document["memory"]["before_fit_mib"] for record in row.records), default=None)


@pytest.fixture
def _before(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Column("before_mib", "cost", before_fit, "before", "MiB", amount_text, dropped=(0, -1))
    monkeypatch.setattr(columns, "COLUMNS", (*COLUMNS, entry))


@pytest.mark.usefixtures("_before")
def test_a_new_column_is_one_entry() -> None:
    lines = render(RECORDS).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:8]]
    assert table[0][-2:] == ["peak", "before"]
    assert table[1][-1] == "MiB"
    assert [row[-1] for row in table[3:]] == ["100", "100", "-"]
    frame = to_frame(RECORDS)
    assert list(frame.columns)[-3:] == ["peak_mib", "before_mib", "failure"]
    assert frame["before_mib"].fillna(-1).tolist() == [100, 100, -1]
    assert next(csv.DictReader(io.StringIO(render(RECORDS, "csv"))))["before_mib"] == "100.0"
    assert json.loads(render(RECORDS, "json"))["rows"][0]["before_mib"] == 100
    table = main_table(summarise(RECORDS), {})
    place = [column["id"] for column in table.data["columns"]].index("before_mib")
    assert (table.heads[place].name, table.heads[place].unit) == ("before", "MiB")
    assert (table.data["rows"][0]["cells"][place], table.lines[0].cells[place].text) == (100, "100")
    text = " ".join(render(RECORDS, width=75).split())
    assert "Left out before MiB, because this terminal has only 75 columns" in text


def test_a_page_has_no_column_without_a_value_and_the_table_keeps_the_costs() -> None:
    summary = replace(summarise([EASE, *BPR, ALS]), rows=tuple(map(without_costs, summarise([EASE, ALS]).rows)))
    assert {"fit_s", "us_per_user", "peak_mib"} <= {column.key for column in columns_of(summary, "table", ("sampled",))}
    assert not [column.key for column in columns_of(summary, "page") if column.group == "cost"]


def without_costs(row: Row) -> Row:
    return replace(row, fit_seconds=None, score_us_per_user=None, peak_mib=None)


def test_the_first_column_to_go_is_the_lowest_and_some_stay() -> None:
    found = columns_of(summarise(RECORDS, (10, 5), metrics=("HR", "NDCG", "MRR", "AUC")), "table", ("sampled", "full"))
    order = [" ".join(found[place].header).strip() for place in drop_order(found)]
    assert order == [
        "peak MiB", "score µs/user", "fit s",
        "full NDCG@5", "MRR@5", "HR@5", "NDCG@5",
        "full NDCG@10", "AUC", "MRR@10", "HR@10",
    ]  # fmt: skip


def test_csv_carries_every_figure_unrounded() -> None:
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5)))))
    assert [row["recommender"] for row in rows] == ["ease:reg=500", "bpr", "als"]
    assert float(rows[0]["NDCG@10"]) == summarise(RECORDS).rows[0].accuracy["NDCG@10"].mean
    assert float(rows[1]["HR@10_low"]) == pytest.approx(0.5 - BPR_SPREAD)
    assert float(rows[1]["HR@10_high"]) == pytest.approx(0.5 + BPR_SPREAD)
    assert float(rows[0]["full_HR@5"]) == 0.25
    assert rows[1]["full_NDCG@10"] == ""
    assert rows[1]["seeds"] == "0 1"
    assert rows[2]["failure"] == "timeout: stopped after 60 s, in epoch 3 of 30"
    assert rows[2]["HR@10"] == ""
    assert {row["task"] for row in rows} == {"a" * 64}


def test_json_has_the_same_values_and_the_text_around_the_table() -> None:
    document = json.loads(render(RECORDS, "json"))
    assert document["task"]["facts"]["n_tied_users"] == 1
    assert document["k"] == [10]
    ease, bpr, als = document["rows"]
    assert ease["HR@10"] == 0.75
    assert ease["parameters"] == {"reg": 1.0}
    assert bpr["seeds"] == [0, 1]
    assert als["NDCG@10"] is None
    assert document["environments"] == [EASE.document["environment"]]


def test_one_user_has_no_interval() -> None:
    alone = record("alone", [0])
    assert re.search(r"alone +1\.0000 +1\.0000 ", render([alone]))
    assert json.loads(render([alone], "json"))["rows"][0]["HR@10_low"] is None
    assert next(csv.DictReader(io.StringIO(render([alone], "csv"))))["HR@10_low"] == ""


def test_frame_has_the_columns_of_the_table() -> None:
    frame = to_frame(RECORDS)
    assert list(frame.index) == ["ease:reg=500", "bpr", "als"]
    assert list(frame.columns) == [
        "NDCG@10", "HR@10", "full_NDCG@10", "distinguishable", "fit_s", "us_per_user", "peak_mib", "failure",
    ]  # fmt: skip
    assert frame.loc["ease:reg=500", "HR@10"] == 0.75
    assert frame.loc["als"].isna()["NDCG@10"]
    assert frame.attrs["task"] == "a" * 64
    assert frame.attrs["title"].startswith("ml-100k")
    assert "failure" not in to_frame([EASE, *BPR])


def test_frame_with_every_figure_is_the_csv() -> None:
    frame = to_frame(RECORDS, (10, 5), every_figure=True).reset_index()
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5)))))
    assert list(frame.columns) == list(rows[0])
    assert float(rows[0]["NDCG@5"]) == frame.loc[0, "NDCG@5"]
