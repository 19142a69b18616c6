"""The table over datasets: 80 columns, words for what is missing, LaTeX that compiles, long and wide values."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hand_made import TIMEOUT, record
from latex_papers import compiled
from studies import dataset_of, keyed, task_of

from bench.studies.columns import DatasetRecords, Figure
from bench.studies.comparison import compare_over_datasets
from bench.tables.study import render, to_frame
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.studies.comparison import StudyComparison

NDCG = Figure("NDCG", 10, "sampled")
HIT, THIRD, MISS = 0, 2, 50


def study(n_datasets: int = 3, **options) -> StudyComparison:
    datasets = [
        dataset_of(f"dataset-{number}", {"ease": [HIT] * 12, "als": [HIT, THIRD] * 6, "bpr": [THIRD] * 12})
        for number in range(n_datasets)
    ]
    failed = keyed(record("mf", [], failure=TIMEOUT, of=task_of("dataset-0", 12)))
    first = datasets[0]
    return compare_over_datasets(
        [DatasetRecords(first.name, (*first.records, failed), first.folder), *datasets[1:]], NDCG, **options
    )


def test_a_narrow_terminal_shows_every_column_below_each_other() -> None:
    text = render(study(9, lost={"nowhere": "there is no file"}), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "Left out" not in text
    for name in (*(f"dataset-{number}" for number in range(9)), "nowhere", "over datasets", "relative"):
        assert name in text
    assert text.count("ease  ") > 1, "the labels are in each block"
    wide = render(study(9))
    assert wide.splitlines()[0] == "4 recommenders on 9 datasets, by NDCG@10"
    assert len([line for line in wide.splitlines() if line.startswith("ease ")]) == 1


def test_what_is_missing_is_shown_and_said() -> None:
    text = " ".join(render(study(lost={"nowhere": "there is no file nowhere.csv."})).split())
    assert "mf failed - - no data - - - - -" in text
    assert "No data nowhere: there is no file nowhere.csv. Nothing of it counts in this table." in text
    assert "Missing mf on dataset-0: timeout: stopped after 60 s, in epoch 3 of 30" in text
    assert "Missing mf on dataset-1 and dataset-2: there is no record of it" in text
    assert "no figure is filled in" in text


def test_few_datasets_are_said_to_be_few() -> None:
    """With 3 rows on 2 datasets the critical difference is 2.34, and mean ranks differ by 2 at most."""
    two = " ".join(render(study(2)).split())
    assert "2 datasets: what holds here need not hold on other datasets" in two
    assert "these tests cannot tell any two rows apart, however different they are" in two
    assert "Over datasets: none with fewer than 3 datasets" in two
    three = " ".join(render(study(3)).split())
    assert "Only rows whose mean ranks differ by 1.9 or more can be told apart" in three
    assert "Few datasets" not in render(study(6))
    one = " ".join(render(study(1)).split())
    assert "no test: it needs 2 datasets and 3 rows" in one


def test_tests_over_datasets_are_said_and_marked() -> None:
    """Six datasets of one order: mean ranks 1, 2, 3, and the critical difference is 1.35."""
    text = " ".join(render(study(6)).split())
    assert "Friedman's test of 3 rows on 6 datasets: 12.0, p = .0003; the rows do not all do equally well" in text
    assert "Nemenyi's critical difference of mean ranks at 5 % is 1.35" in text
    assert "not distinguishable from the best one, ease" in text
    lines = {line.split()[0]: line for line in render(study(6)).splitlines() if line.startswith(("als", "bpr", "ease"))}
    assert "2.00 \N{DAGGER}" in lines["als"]
    assert "3.00 \N{DAGGER}" not in lines["bpr"]
    assert "1.00 \N{DAGGER}" not in lines["ease"]


def test_latex_has_two_levels_of_headers_and_compiles(tmp_path: Path) -> None:
    text = render(study(3), "latex")
    assert r" & \multicolumn{3}{c}{NDCG@10} & \multicolumn{2}{c}{over 3 datasets} \\" in text
    assert r"\cmidrule(lr){2-4} \cmidrule(lr){5-6}" in text
    hostile = [
        dataset_of(name, {r"a_b%c&d#e$f{g}h~i^j\k": [HIT] * 12, "*starred": [MISS] * 12, "ease": [THIRD] * 12})
        for name in ("Müller_%&#", "[3pt] a--b", "x" * 70)
    ]
    papers = [text, render(study(20), "latex"), render(compare_over_datasets(hostile, NDCG), "latex")]
    log = compiled(papers, tmp_path)
    assert "Overfull" not in log


def test_wide_values_have_a_line_for_each_recommender() -> None:
    rows = list(csv.DictReader(io.StringIO(render(study(lost={"nowhere": "no file"}), "csv"))))
    assert [row["recommender"] for row in rows] == ["ease", "als", "bpr", "mf"]
    assert [rows[1][f"NDCG@10 dataset-{number}"] for number in range(3)] == ["0.75"] * 3
    assert (rows[1]["mean_rank"], rows[1]["win_rate"], rows[1]["relative_score"]) == ("2.0", "0.5", "0.75")
    assert (rows[3]["datasets"], rows[3]["mean_rank"], rows[0]["NDCG@10 nowhere"]) == ("0", "", "")


def test_long_values_have_a_line_for_each_recommender_and_dataset() -> None:
    rows = list(csv.DictReader(io.StringIO(render(study(lost={"nowhere": "no file"}), "csv-long"))))
    assert len(rows) == 4 * 4
    als = next(row for row in rows if (row["recommender"], row["dataset"]) == ("als", "dataset-1"))
    assert (als["figure"], als["value"], als["rank"], als["relative_score"]) == ("NDCG@10", "0.75", "2.0", "0.75")
    assert als["distinguishable"] == "True"
    missing = {(row["recommender"], row["dataset"]): row["missing"] for row in rows if row["missing"]}
    assert missing["mf", "dataset-1"] == "there is no record of it"
    assert missing["ease", "nowhere"] == "no file"


def test_json_and_frames_hold_the_same_values() -> None:
    found = study(6, baseline="bpr")
    document = json.loads(render(found, "json"))
    assert document["figure"] == {"name": "NDCG@10", "metric": "NDCG", "k": 10, "view": "sampled"}
    assert document["tests"]["recommenders"] == ["ease", "als", "bpr"]
    assert document["datasets"][0]["tests"]["reference"] == "bpr"
    wide, long = to_frame(found), to_frame(found, is_long=True)
    assert wide["mean_rank"].tolist()[:3] == [row["mean_rank"] for row in document["rows"]][:3] == [1, 2, 3]
    assert long.loc[("als", "dataset-3"), "value"] == 0.75
    assert wide.attrs["title"] == "4 recommenders on 6 datasets, by NDCG@10"
    assert len(set(wide.attrs["tasks"].values())) == 6


def test_every_format_is_the_same_again() -> None:
    for form in ("terminal", "github", "latex", "csv", "csv-long", "json", "html-fragment"):
        assert render(study(), form) == render(study(), form)
    with pytest.raises(ProtocolError, match="unknown table format 'pdf'; there are terminal, github"):
        render(study(), "pdf")


def test_the_mark_is_explained_where_a_row_has_it() -> None:
    rows = {"ease": [HIT] * 12, "bpr": [MISS] * 12}
    apart, alike = (
        compare_over_datasets([dataset_of(name, of_all) for name in ("one", "two")], NDCG)
        for of_all in (rows, rows | {"als": [HIT] * 12})
    )
    assert "\nSigns " not in render(apart, brief=True)
    assert "\nSigns " in render(alike, brief=True)
