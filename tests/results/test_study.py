"""The committed study: what its file asks for, and that table and pages are made of the records alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report_page import library_of

from bench.actions.report import report
from bench.cli.main import main
from bench.studies.study_file import read_study

STUDY = Path(__file__).parents[2] / "results" / "study"
DATASETS = ("lastfm-2k", "ml-100k", "ml-latest-small")
PAGES = ("report", *(f"report-{name}" for name in DATASETS))

committed = pytest.mark.skipif(not (STUDY / "table.md").exists(), reason="`make study` has not been run yet")


def test_the_file_asks_for_the_default_suite_tuned_on_three_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECBENCH_DATA", "/data")
    study = read_study(STUDY / "study.toml")
    assert (study.recommenders, study.seeds) == (None, (0, 1, 2))
    assert study.tuning is not None
    assert (study.tuning.trials, study.out) == (10, STUDY)
    assert {each.name: each.data.dataset for each in study.datasets} == {
        "ml-100k": "ml-100k",
        "ml-latest-small": "/data/ml-latest-small/ratings.csv",
        "lastfm-2k": "lastfm-2k",
    }
    assert [each.data.split for each in study.datasets] == ["last", "last", "random:0"]


@committed
def test_the_table_is_remade_byte_for_byte(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["table", str(STUDY), "--format", "github"]) == 0
    assert capsysbinary.readouterr().out == (STUDY / "table.md").read_bytes()


@committed
def test_the_pages_are_remade_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the drawing library, which is as it was."""
    monkeypatch.setattr("bench.charts.library.javascript", lambda: library_of(STUDY / "report.html"))
    report(STUDY, tmp_path / "report.html")
    for name in PAGES:
        made, kept = (folder.joinpath(f"{name}.html").read_bytes() for folder in (tmp_path, STUDY))
        assert made == kept, "run `make report`"


@committed
@pytest.mark.parametrize("name", DATASETS)
def test_the_records_are_whole_and_name_no_place_of_a_machine(name: str) -> None:
    assert main(["verify", str(STUDY / name), "--offline"]) == 0
    places = [json.loads(path.read_text())["task"]["dataset"] for path in (STUDY / name).glob("records/*/record.json")]
    assert not [place for place in places if "/" in place]
