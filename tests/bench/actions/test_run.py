"""A run from Python: the table and its frame, data without a file, and wrong options before anything is fitted."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from jobs_here import jobs_here

import bench
from protocol.data.loading import load_dataset
from protocol.errors import DatasetError, RecbenchError, RecommenderError

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "synthetic:60x80x900"


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_here")
def test_three_lines_give_a_table(tmp_path: Path) -> None:
    results = bench.run(DATASET, ["popularity", "ease:reg=500"], negatives=20, threads=1)
    frame = results.frame
    assert list(frame.index) == ["ease:reg=500", "popularity"]
    # On a busy machine building may take long enough to have a column.
    assert list(frame.columns.drop("build_s", errors="ignore")) == [
        "NDCG@10", "HR@10", "full_NDCG@10", "distinguishable", "fit_s", "us_per_user", "peak_mib",
    ]  # fmt: skip
    assert (frame["NDCG@10"] > 0).all()
    assert frame.attrs["title"].startswith(f"SYNTHETIC DATA ({DATASET})")
    (stored,) = (tmp_path / "runs").iterdir()
    assert results.folder.resolve() == stored
    again = bench.table(stored)
    assert again.frame.equals(frame)
    assert again.frame.attrs == frame.attrs
    assert str(again) == str(results)


def interactions() -> pd.DataFrame:
    given = load_dataset(DATASET).interactions
    return pd.DataFrame({"user": given.users, "item": given.items, "timestamp": given.timestamps})


@pytest.mark.usefixtures("_here")
def test_a_frame_has_the_figures_of_its_file(tmp_path: Path) -> None:
    """Also of the same rows in another order; the name alone differs, and with it the folder and the digest."""
    frame = interactions()
    frame.to_csv(tmp_path / "rows.csv", index=False)
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "seeds": "0-1"}
    shuffled = frame.sample(frac=1, random_state=0)
    with jobs_here():
        of_the_file = bench.run(tmp_path / "rows.csv", ["random", "ease"], **options).frame
        results = bench.run(shuffled, ["random", "ease"], **options)
        named = bench.run(frame, "ease", name="mine", **options)
    accuracy = [column for column in of_the_file if "@" in column]
    assert results.frame[accuracy].equals(of_the_file[accuracy])
    assert results.folder.name.startswith("DataFrame-")
    assert str(results).startswith("DataFrame: 60 users")
    assert named.frame.attrs["dataset"] == "mine"
    assert set(bench.verify(results, frame)["status"]) == {"ok", "skip"}
    assert "the records are of DataFrame" in bench.verify(results).loc["task", "message"]
    assert bench.verify(results, frame[1:]).loc["task", "status"] == "fail"


@pytest.mark.usefixtures("_here")
def test_a_frame_is_exported_and_scored(tmp_path: Path) -> None:
    frame = interactions()
    files = bench.export("parquet", tmp_path / "out", frame, negatives=20)
    assert [file.name for file in files] == [f"DataFrame.{kind}.parquet" for kind in ("train", "heldout", "candidates")]
    pd.read_parquet(files[2]).assign(score=1.0).to_csv(tmp_path / "mine.csv", index=False)
    results = bench.score("mine.csv", frame, negatives=20)
    assert results.frame.loc["mine", "HR@10"] == pytest.approx(10 / 21), "of 21 alike, 10 places of 21 are hits"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"k": 0}, "k: 0 is no list of cut-offs"),
        ({"views": ["ful"]}, r"views: \['ful'\] is no list of views"),
        ({"baseline": "als"}, "no row is called 'als'"),
        ({"seeds": -1}, "seeds: -1"),
        ({"patience": 0}, "patience: 0"),
        ({"threads": 0}, "threads: 0"),
        ({"timeout": -1}, "timeout: -1"),
        ({"memory": "4"}, "memory: '4'"),
        ({"split": "soon"}, "split: 'soon'"),
        ({"negatives": 2.5}, "negatives: 2.5"),
        ({"full_limit": "all"}, "full_limit: 'all'"),
        ({"full_limit": -1}, "full_limit: -1 is no whole number above 0, nor 0 for no full ranking"),
        ({"plugins": "nowhere.py"}, "nowhere.py"),
    ],
)
@pytest.mark.usefixtures("_here")
def test_a_wrong_option_is_an_error_before_anything_is_read_or_fitted(
    options: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(RecbenchError, match=expected):
        bench.run("nowhere.csv", "popularity", **options)
    assert list(tmp_path.iterdir()) == []


def test_bad_names_are_known_before_data_are_read() -> None:
    with pytest.raises(RecommenderError, match="did you mean 'ease'"):
        bench.run("nowhere.csv", "eease")
    with pytest.raises(RecommenderError, match="no recommender is named"):
        bench.run("nowhere.csv", [])
    with pytest.raises(DatasetError, match=r"there is no file nowhere\.csv"):
        bench.run("nowhere.csv", "ease")


def test_a_limit_is_what_the_command_line_takes(tmp_path: Path) -> None:
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "out": tmp_path}
    results = bench.run(DATASET, "popularity", memory="1MB", **options)
    assert results.n_failed == 1
    assert "over the limit of 0.954 MiB" in str(results)


def test_progress_in_a_notebook_is_plain_lines(tmp_path: Path) -> None:
    """A notebook's streams are no terminals: there is a line for each job, and no escape code."""
    script = (
        "import bench, sys\n"
        f"results = bench.run({DATASET!r}, 'popularity', negatives=20, threads=1, out={str(tmp_path)!r})\n"
        "print(results._repr_html_())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "1 job to run" in done.stderr
    assert "[1/1] popularity: NDCG@10" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout.startswith('<figure class="recbench">')
