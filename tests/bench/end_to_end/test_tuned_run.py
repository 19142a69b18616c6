"""A run that tunes first, as a user meets it: one dataset or several, a stop in between, and what is refused before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from counted_runs import count_runs

import bench
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

ONE, TWO = "synthetic:60x80x900", "synthetic:50x70x800"


def test_run_tunes_first_and_goes_on_after_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three trials of ease, then its row and that of popularity, which has no search space."""
    monkeypatch.chdir(tmp_path)
    words = ["run", "--dataset", ONE, "--negatives", "20", "--threads", "1", "-r", "popularity", "-r", "ease"]
    words += ["--label", "ease=EASE (ours)", "--baseline", "EASE (ours)", "--tune", "3"]
    assert main([*words, "--dry-run"]) == 0
    assert "1 dataset: 2 jobs; 3 trials; the time is unknown" in capsys.readouterr().out
    with monkeypatch.context() as patch:
        first = count_runs(patch, most=2)
        assert main(words) == 130
    assert len(first) == 2
    assert main([*words, "--dry-run"]) == 0
    assert "2 jobs; 3 trials (2 with a record)" in capsys.readouterr().out
    second = count_runs(monkeypatch)
    assert main([*words, "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert len(second) == 1 + 2
    assert "not tuned, because they have no search space: popularity" in shown.err
    table = json.loads(shown.out)
    assert {row["recommender"] for row in table["rows"]} == {"EASE (ours)", "popularity"}
    assert table["tests"]["reference"] == "EASE (ours)"
    notes = {note["about"]: note["text"] for note in table["notes"]}
    assert "found on the validation task of these data" in notes["Parameters"]
    assert "Not tuned" not in notes
    assert main(words) == 0
    assert len(second) == 1 + 2, "nothing runs again"
    (folder,) = (tmp_path / "runs" / "tuning").iterdir()
    assert (folder / "tuned.toml").is_file()


def test_run_keeps_its_search_beside_the_results_and_knows_tuned_rows_by_their_earlier_names(tmp_path: Path) -> None:
    results = bench.run(
        ONE, ["ease", "popularity"], tune=2, negatives=20, threads=1, out=tmp_path / "out", baseline="ease", quiet=True
    )
    assert sorted(path.name for path in (tmp_path / "out").glob("[a-z]*")) == ["manifest.json", "records", "tuning"]
    (search,) = (tmp_path / "out" / "tuning").iterdir()
    assert (search / "trials.csv").is_file()
    (ease,) = (row for row in results.frame.index if row.startswith("ease"))
    assert results.options.baseline == ease
    assert bench.table(tmp_path / "out").frame.index.tolist() == results.frame.index.tolist()


def test_run_tunes_on_each_of_several_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = count_runs(monkeypatch)
    words = ["run", "--dataset", ONE, "--dataset", TWO, "--negatives", "20", "--threads", "1", "-r", "ease"]
    assert main([*words, "-r", "popularity", "--tune", "2", "--notes"]) == 0
    assert len(ran) == 2 * (2 + 2)
    assert "found on the validation task of each dataset: ease." in " ".join(capsys.readouterr().out.split())
    assert len(list((tmp_path / "runs" / "tuning").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--params", "x.toml"], "--tune and --params exclude each other"),
        (["--repeat-splits", "3"], "--tune and --repeat-splits exclude each other"),
        (["-r", "popularity"], "there is nothing to tune: popularity has no search space"),
        (["-r", "ease", "--tune", "0"], "argument --tune: '0' is no whole number above 0"),
        (["-r", "ease:reg=1", "-r", "ease:reg=2"], "ease is named 2 times, and a search is for each recommender once"),
        (["-r", "ease", "--baseline", "als"], "no row is called 'als'"),
        (["-r", "ease", "--label", "als=mine"], "als"),
    ],
)
def test_what_would_stop_the_run_stops_it_before_the_search(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tune = [] if "--tune" in words else ["--tune", "2"]
    ran = count_runs(monkeypatch)
    try:
        code = main(["run", "--dataset", ONE, "--negatives", "20", "--threads", "1", *tune, *words])
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 2
    assert expected in capsys.readouterr().err
    assert ran == []


def test_a_folder_with_records_of_another_task_is_refused_before_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--negatives", "20", "--threads", "1", "-r", "ease", "--out", str(tmp_path / "out")]
    assert main(["run", "--dataset", ONE, *words]) == 0
    ran = count_runs(monkeypatch)
    assert main(["run", "--dataset", TWO, *words, "--tune", "2"]) == 2
    assert "the records in" in capsys.readouterr().err
    assert ran == []
