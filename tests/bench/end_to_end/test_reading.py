"""How a file was read is said before a run, kept in its records, and told below the table; a doubt ends with code 2."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

RUN = ["run", "-r", "popularity", "--threads", "1", "--negatives", "9", "--seeds", "0"]


@pytest.fixture
def frame() -> pd.DataFrame:
    """Give 20 users with 10 items of 50 each, a second apart."""
    rows = np.arange(200)
    return pd.DataFrame({"user": rows % 20, "item": (rows * 7) % 50, "rating": 1 + rows % 5, "timestamp": 10**9 + rows})


def run(folder: Path, path: Path, *options: str) -> int:
    return main([*RUN, "--dataset", str(path), "--out", str(folder / "out"), *options])


def test_it_is_said_stored_and_shown(frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.csv"
    frame.to_csv(path, index=False)
    assert run(tmp_path, path, "--notes") == 0
    said = (
        "text separated by commas, with a header; user=user (whole numbers), item=item (whole numbers), "
        "timestamp=timestamp (Unix seconds, 2001-09-09 to 2001-09-09)"
    )
    captured = capsys.readouterr()
    assert captured.err.splitlines()[0] == f"mine.csv is read as {said}"
    assert f"Reading mine.csv was read as {said}." in " ".join(captured.out.split())
    (record,) = (json.loads(found.read_text()) for found in tmp_path.rglob("record.json"))
    assert record["task"]["facts"]["reading"] == {
        "form": "text separated by commas",
        "header": True,
        "columns": {"user": "user", "item": "item", "timestamp": "timestamp"},
        "ids": {"user": "whole numbers", "item": "whole numbers"},
        "unit": "seconds",
        "first_time": 10**9,
        "last_time": 10**9 + 199,
    }


def test_what_the_user_settles_is_an_option_and_said(
    frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two of the 200 rows lack a user."""
    frame = frame.astype({"user": object, "item": object})
    frame.loc[[0, 20], "user"] = ""
    path = tmp_path / "mine.csv"
    frame.to_csv(path, index=False)
    assert run(tmp_path, path) == 2
    assert "leave such rows out with --missing drop" in capsys.readouterr().err
    assert run(tmp_path, path, "--missing", "drop", "--ids", "text") == 0
    said = capsys.readouterr().err.splitlines()[0]
    assert "user=user (text), item=item (text)" in said
    assert said.endswith("; rows left out that lack a value: 2")
    (record,) = (json.loads(found.read_text()) for found in tmp_path.rglob("record.json"))
    assert record["task"]["facts"]["reading"]["n_dropped"] == 2


def test_the_same_data_in_another_form_are_the_same_task(frame: pd.DataFrame, tmp_path: Path) -> None:
    """A record says how its own file was read; `verify` accepts the same interactions from another one."""
    frame.to_csv(tmp_path / "mine.csv", index=False)
    frame.to_parquet(tmp_path / "mine.parquet")
    assert run(tmp_path, tmp_path / "mine.csv") == 0
    assert set(bench.verify(tmp_path / "out", tmp_path / "mine.parquet")["status"]) == {"ok", "skip"}


def test_fixed_layouts_are_not_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--dataset", "synthetic:60x80x900", "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert "read as" not in captured.out + captured.err
    assert "reading" not in next(tmp_path.rglob("record.json")).read_text()


def test_a_doubt_is_one_message_and_code_2(
    frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The best-rated item would have been held out; naming the column says that this is meant."""
    path = tmp_path / "rated.csv"
    frame.drop(columns="timestamp").rename(columns={"rating": "time"}).to_csv(path, index=False)
    assert run(tmp_path, path) == 2
    message = capsys.readouterr().err
    assert "the column time is neither a clock nor an order: 5 different values from 1 to 5" in message
    assert "say so with --columns timestamp=time" in message
    assert not (tmp_path / "out").exists()
    assert run(tmp_path, path, "--columns", "timestamp=time") == 0
