"""Folders of parts, as Spark, Dask and Hive write them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from data_files import HEADER, ROWS, TRIPLES, refused, triples, written

from protocol.data.loading import load_dataset

if TYPE_CHECKING:
    from pathlib import Path

LINES = ROWS.splitlines(keepends=True)
SPARK = "part-0000{}-5a3b5c1e-1111-2222-3333-444455556666-c000.csv"


def folder(path: Path, contents: list[str], name: str = SPARK) -> Path:
    for number, content in enumerate(contents):
        written(path / name.format(number), content)
    return path


@pytest.mark.parametrize(
    "contents",
    [
        [HEADER + line for line in LINES],
        LINES,
        [HEADER + LINES[0], *LINES[1:]],
        [HEADER + "".join(LINES), "", "\n"],
        ["", HEADER + LINES[0].rstrip(), HEADER + LINES[1] + LINES[2]],
        ["\ufeff" + HEADER + LINES[0], "\ufeff" + HEADER + LINES[1] + LINES[2]],
    ],
    ids=["headers", "no header", "first header", "empty parts", "unended", "marks"],
)
def test_parts_of_text_are_one_table(contents: list[str], tmp_path: Path) -> None:
    path = folder(tmp_path / "ratings", contents)
    written(path / "_SUCCESS", "")
    written(path / f".{SPARK.format(0)}.crc", "\x00")
    assert triples(path) == TRIPLES


def test_the_number_of_files_is_said(tmp_path: Path) -> None:
    path = folder(tmp_path / "ratings", [HEADER + line for line in LINES])
    reading = load_dataset(path).reading
    assert reading is not None
    assert reading.sentence().startswith("text separated by commas, 3 files, with a header; ")
    single = load_dataset(folder(tmp_path / "one", [HEADER + ROWS])).reading
    assert single is not None
    assert "files" not in single.sentence()


@pytest.mark.parametrize("name", ["part.{}.parquet", "year=202{}/part-0.parquet", "00000{}_0"])
def test_parts_of_parquet_are_one_table(name: str, tmp_path: Path) -> None:
    rows = [line.split(",") for line in ROWS.split()]
    frame = pd.DataFrame(rows, columns=HEADER.strip().split(",")).astype("int64")
    for number in range(3):
        path = tmp_path / name.format(number)
        path.parent.mkdir(exist_ok=True)
        frame.iloc[number : number + 1].to_parquet(path)
    assert triples(tmp_path) == TRIPLES


def test_parts_of_json_are_one_table(tmp_path: Path) -> None:
    """Two parts may begin with the same object."""
    line = '{"user": 1, "item": 2, "time": 3}\n'
    path = folder(tmp_path / "json", [line, line + '{"user": 1, "item": 3, "time": 4}\n'], "part-{}.json")
    assert triples(path) == [(1, 2, 3), (1, 3, 4)]


def test_parts_of_other_types_are_refused(tmp_path: Path) -> None:
    for number, user in enumerate((1, "a")):
        pd.DataFrame({"user": [user], "item": [1], "time": [1]}).to_parquet(tmp_path / f"part-{number}.parquet")
    assert "has parts whose columns are of different types" in refused(tmp_path)


def test_parts_with_different_headers_are_refused(tmp_path: Path) -> None:
    path = folder(tmp_path, [HEADER + LINES[0], "item,user,rating,timestamp\n" + LINES[1]])
    assert "differs from how the first part begins; expected the same header in all parts, or none" in refused(path)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    assert "is a folder without files" in refused(tmp_path)
    written(tmp_path / "ratings.csv", HEADER + ROWS)
    written(tmp_path / "movies.csv", "movieId,title\n")
    answer = refused(tmp_path)
    assert "is a folder of 2 files: movies.csv, ratings.csv; name the one with the interactions" in answer


def test_a_folder_that_cannot_be_listed_is_no_empty_one(tmp_path: Path, monkeypatch) -> None:
    """Neither the folder nor one below it: parts would be lost without a word."""
    folder(tmp_path / "below", LINES)

    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    assert "cannot be listed: Permission denied" in refused(tmp_path)
