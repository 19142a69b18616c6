"""A study as a user meets it: the file, the run with several datasets, a stop in between, lost datasets, bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from counted_runs import count_runs

import bench
from bench.cli.main import main
from protocol.data.datarec import VERSION
from protocol.errors import RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

ONE, TWO = "synthetic:60x80x900", "synthetic:50x70x800"

FILE = f"""
recommenders = ["popularity", "ease"]
seeds = "0-2"
threads = 1
out = "results"

[tuning]
trials = 2

[data]
negatives = 20

[[datasets]]
name = "one"
dataset = "{ONE}"

[[datasets]]
name = "nowhere"
dataset = "nowhere.csv"

[[datasets]]
name = "two"
dataset = "{TWO}"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    path = tmp_path / "papers" / "study.toml"
    path.write_text(FILE)
    return path


def test_a_study_that_was_stopped_does_only_what_is_missing(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two trials and two jobs on each of two datasets; the third has no file, which costs its column alone."""
    with monkeypatch.context() as patch:
        first = count_runs(patch, most=3)
        assert main(["study", str(file)]) == 130
        assert "the same command goes on from there" in capsys.readouterr().err
    assert len(first) == 3
    assert main(["study", str(file), "--dry-run"]) == 0
    plan = capsys.readouterr().out
    assert plan.startswith("3 datasets: 6 jobs (1 with a record); 6 trials (2 with a record); about ")
    second = count_runs(monkeypatch)
    assert main(["study", str(file), "--notes"]) == 1, "a dataset is lost"
    shown = capsys.readouterr()
    assert len(second) == 8 - 3
    assert "nowhere is left out of the study: there is no file" in shown.err
    assert "No data" in shown.out
    assert shown.out.startswith("2 recommenders on 2 datasets, by NDCG@10\n")
    assert "found on the validation task of each dataset: ease." in " ".join(shown.out.split())
    assert main(["study", str(file), "--format", "csv"]) == 1
    assert len(second) == 8 - 3, "nothing runs again"
    again = capsys.readouterr().out
    folders = [str(file.parent / "results" / name) for name in ("one", "two")]
    assert main(["table", str(file.parent / "results"), "--format", "csv"]) == 0
    of_folder = capsys.readouterr().out
    assert [line.split(",")[:2] for line in of_folder.splitlines()] == [
        line.split(",")[:2] for line in again.splitlines()
    ]
    assert main(["table", *folders, "--format", "github"]) == 0
    assert f"| recommender   |   {ONE} |" in capsys.readouterr().out
    assert main(["verify", folders[0]]) == 0


def test_run_with_several_datasets_is_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It uses what `run` stored, and `run` uses what it stores."""
    monkeypatch.chdir(tmp_path)
    common = ["--negatives", "20", "--threads", "1", "-r", "popularity", "-r", "ease"]
    ran = count_runs(monkeypatch)
    assert main(["run", "--dataset", ONE, *common]) == 0
    assert main(["run", "--dataset", ONE, "--dataset", TWO, "--dry-run", *common]) == 0
    assert "2 datasets: 4 jobs (2 with a record); the time is unknown" in capsys.readouterr().out
    assert main(["run", "--dataset", ONE, "--dataset", TWO, "--dry-run", *common, "--split", "random:3"]) == 0
    assert "2 datasets: 4 jobs; about " in capsys.readouterr().out, "records of another split do not answer"
    assert len(ran) == 2
    assert main(["run", "--dataset", ONE, "--dataset", TWO, *common]) == 0
    assert "2 recommenders on 2 datasets, by NDCG@10" in capsys.readouterr().out
    assert len(ran) == 4
    assert main(["run", "--dataset", TWO, *common]) == 0
    assert len(ran) == 4


def test_a_study_from_python(tmp_path: Path) -> None:
    found = bench.study([ONE, TWO], ["popularity", "ease"], negatives=20, threads=1, out=tmp_path / "out", quiet=True)
    assert found.frame.index.tolist() == ["ease", "popularity"]
    assert found.frame["mean_rank"].tolist() == [1, 2]
    assert found.to_frame(is_long=True).loc[("ease", "synthetic-60x80x900"), "rank"] == 1
    assert found.results_of("synthetic-50x70x800").frame.index.tolist() == ["ease", "popularity"]
    again = bench.table([tmp_path / "out"], metrics="HR", k=5)
    assert again.comparison.figure.name == "HR@5"
    assert bench.render([tmp_path / "out"], "csv-long").startswith("recommender,dataset,")
    with pytest.raises(RecbenchError, match="no dataset is called 'three'"):
        found.results_of("three")


def test_a_recommender_that_fails_costs_its_row_and_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text(
        "class Broken:\n    def fit(self, train, *, rng):\n        raise ValueError('no')\n"
        "    def score(self, users, items): ...\n"
    )
    words = ["run", "--dataset", ONE, "--dataset", TWO, "--negatives", "20", "-r", "ease", "--plugin", "broken.py"]
    assert main([*words, "--out", "out", "--notes"]) == 1
    shown = capsys.readouterr()
    assert "broken on synthetic-60x80x900 and synthetic-50x70x800: raised: ValueError: no" in " ".join(
        shown.out.split()
    )
    assert "failure.detail in" in shown.err


def test_a_plugin_that_is_missing_for_stored_rows(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "mine.py").write_text(
        "class Mine:\n    deterministic = True\n    def fit(self, train, *, rng):\n        return self\n"
        "    def score(self, users, items):\n        return -items.astype(float)\n"
    )
    text = f'datasets = ["{ONE}"]\nthreads = 1\nrecommenders = ["mine"]\nout = "out"\nplugins = ["mine.py"]\n'
    file.write_text(f"{text}[data]\nnegatives = 20\n")
    assert main(["study", str(file)]) == 0
    file.write_text(file.read_text().replace('plugins = ["mine.py"]\n', ""))
    capsys.readouterr()
    assert main(["study", str(file)]) == 2
    error = capsys.readouterr().err
    assert "no recommender is called 'mine'" in error
    assert "has rows of mine, of mine.py:Mine: add its plug-in" in error


MIXED = f"""
recommenders = ["popularity"]
threads = 1
keep_models = true
device = "cpu"
out = "results"

[data]
negatives = 20
split = "random:0"

[[datasets]]
dataset = "{ONE}"

[[datasets]]
dataset = "{TWO}"
split = "last"

[[datasets]]
dataset = "datarec:tiny:v1"
"""


def test_each_dataset_has_a_split_of_its_own(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for all, another for one; data of DataRec without times; models are kept, and each folder is as of a run."""
    from pyarrow import Table, parquet

    rows = [(user, (7 * user + 5 * place) % 60) for user in range(40) for place in range(6)]
    cache = file.parent / "cache" / "datarec" / VERSION
    cache.mkdir(parents=True)
    columns = zip(("user", "item"), zip(*rows, strict=True), strict=True)
    parquet.write_table(Table.from_pydict(dict(columns)), cache / "tiny-v1.parquet")
    monkeypatch.setenv("RECBENCH_CACHE", str(file.parent / "cache"))
    file.write_text(MIXED)
    assert main(["study", str(file), "--notes"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"(SYNTHETIC DATA ({ONE}), random one held out (seed 0))" in text
    assert f"(SYNTHETIC DATA ({TWO}))" in text
    assert "datarec-tiny-v1 (datarec:tiny:v1, random one held out (seed 0))" in text
    results = file.parent / "results"
    assert len(list(results.glob("*/records/*/model-*"))) == 3
    assert main(["verify", str(results / "datarec-tiny-v1"), "--offline"]) == 0
    assert main(["study", str(file), "--dry-run"]) == 0
    assert "3 jobs (3 with a record)" in capsys.readouterr().out


def test_a_dry_run_of_one_dataset_counts_what_is_in_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "--dataset", ONE, "--negatives", "20", "--threads", "1", "-r", "popularity", "-r", "ease"]
    out = ["--out", str(tmp_path / "out")]
    assert main([*words, *out, "--dry-run"]) == 0
    assert "1 dataset: 2 jobs; " in capsys.readouterr().out
    assert main([*words[:-2], *out]) == 0
    capsys.readouterr()
    assert main([*words, *out, "--dry-run"]) == 0
    assert "2 jobs (1 with a record)" in capsys.readouterr().out


def test_all_datasets_lost_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        pytest.warns(RecbenchWarning, match="is left out of the study"),
        pytest.raises(RecbenchError, match="no dataset of the study could be had: a: there is no file"),
    ):
        bench.study(["a.csv", "b.csv"], ["ease"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["study"], "the file of the study is missing; name it, or write one with `recbench study --new`"),
        (["study", "nowhere.toml"], "nowhere.toml: no such file or directory"),
        (["run", "--dataset", ONE, "--dataset", ONE], f"the dataset {ONE} is given twice"),
        (["run", "--dataset", ONE, "--dataset", TWO, "--params", "x.toml"], "--params is about one dataset, and 2 are"),
        (["run", "--dataset", ONE, "--dataset", TWO, "--columns", "user=a"], "--columns is about one dataset"),
        (["run", "--dataset", ONE, "--dataset", TWO, "--k", "5,10"], "k: 5, 10 are 2, and a table over datasets shows"),
        (["run", "--dataset", ONE, "--dataset", TWO, "--beyond-accuracy"], "leave out what is beyond accuracy"),
        (
            ["run", "--dataset", ONE, "--dataset", TWO, "--slices"],
            "a table over datasets does not show slices of users",
        ),
        (
            ["run", "--dataset", ONE, "--dataset", TWO, "--repeat-splits", "3"],
            "--repeat-splits is about one dataset, and 2 are given; run each dataset by itself",
        ),
        (["run", "--dataset", ONE, "--dry-run", "--params", "x.toml"], "--dry-run cannot count the jobs of --params"),
        (["run", "--dataset", ONE, "--dry-run", "--refit"], "with --refit all is fitted anew"),
        (
            ["run", "--dataset", ONE, "--dataset", TWO, "--baseline", "eas"],
            "no row is called 'eas' (did you mean 'ease'",
        ),
        (["run", "--dataset", ONE, "--dataset", TWO, "-r", "eease"], "ease"),
        (["run", "--dataset", ONE, "--format", "csv-long"], "unknown table format 'csv-long'"),
        (["tune", "--dataset", ONE, "--dataset", TWO], "argument --dataset: it is given twice"),
        (["table", "a", "b"], "a holds no records"),
    ],
)
def test_bad_input_is_one_message_before_anything_runs(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    shown = capsys.readouterr()
    assert code == 2
    assert expected in shown.err
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_tuning_twice_and_tuning_without_a_space_are_said_before(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(FILE.replace('"popularity"', '"ease:reg=3"'))
    assert main(["study", str(file)]) == 2
    assert "ease is named 2 times, and a search is for each recommender once" in capsys.readouterr().err
    assert main(["study", "--new"]) == 0
    assert main(["study", "study.toml", "--dry-run"]) == 0
    assert "2 datasets: " in capsys.readouterr().out
