"""CSV, JSON and data frames carry every figure, unrounded, under the same names."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hand_made import BPR, BPR_SPREAD, EASE, RECORDS, record

from bench.analysis.summary import summarise
from bench.tables.results import render, to_frame


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


def test_json_says_the_same_and_all_that_stands_around_it() -> None:
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
        "HR@10", "NDCG@10", "full_NDCG@10", "distinguishable", "fit_s", "us_per_user", "peak_mib", "failure",
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
