"""The names that a user gives to rows: where they are stored and shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import BPR, EASE, record

import bench
from bench.analysis.summary import summarise
from bench.cli.main import main
from bench.records.groups import group_records
from bench.records.store import Store
from bench.tables.remaking import remaking_of
from bench.tables.results import to_frame
from protocol.errors import RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record


def called(name: str | None, label: str = "bpr", seed: int = 0) -> Record:
    made = record(label, [0, 0, 20, 30], seed=seed)
    made.document["recommender"]["display_name"] = name
    return made


def test_the_table_says_which_recommender_is_behind_a_name() -> None:
    frame = to_frame([EASE, called("Ours", "bpr:epochs=2")], every_figure=True)
    assert sorted(frame.index) == ["Ours", "ease:reg=500"]
    assert frame.loc["Ours", "as_given"] == "bpr:epochs=2"
    assert frame.attrs["notes"]["Names"] == "Ours is bpr:epochs=2."
    assert "Names" not in to_frame([EASE, *BPR]).attrs["notes"]


def test_seeds_without_a_name_have_that_of_the_others_and_two_names_are_two_rows() -> None:
    one_name = [called("Ours"), called(None, seed=1)]
    assert [(group.label, group.seeds) for group in group_records(one_name)] == [("Ours", (0, 1))]
    two_names = [called("Ours"), called(None, seed=1), called("Theirs", seed=2)]
    assert {(group.label, group.seeds) for group in group_records(two_names)} == {
        ("Ours", (0,)),
        ("bpr", (1,)),
        ("Theirs", (2,)),
    }


def test_the_command_that_makes_a_page_again_gives_the_names() -> None:
    (command,) = remaking_of(summarise([EASE, called("Our BPR", "bpr:epochs=2")])).commands
    assert "-r bpr:epochs=2 -r ease:reg=500 --label 'bpr:epochs=2=Our BPR'" in command


@pytest.mark.usefixtures("in_this_process")
def test_a_name_is_stored_and_every_command_knows_the_row_by_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = ["run", "--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--out", "results"]
    rows = ["-r", "ease:reg=5", "-r", "popularity"]
    assert main([*run, *rows]) == 0
    keys = [each.key for each in Store(tmp_path / "results").records()]
    capsys.readouterr()

    assert main([*run, *rows, "--label", "ease=Our EASE", "--baseline", "Our EASE", "--notes"]) == 0
    out, err = capsys.readouterr()
    assert "Our EASE" in out
    assert "Our EASE is ease:reg=5." in out
    assert err.endswith("no jobs to run\n")
    assert [each.key for each in Store(tmp_path / "results").records()] == keys

    assert main(["compare", "results", "Our EASE", "popularity"]) == 0
    assert "Our EASE" in capsys.readouterr().out
    assert main(["table", "results", "--label", "Our EASE=E", "--label", "popularity=P", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)["rows"]
    assert {(row["recommender"], row["as_given"]) for row in shown} == {("E", "ease:reg=5"), ("P", "popularity")}
    assert set(bench.table("results").frame.index) == {"Our EASE", "popularity"}
    assert main(["verify", "results", "--offline"]) == 0
    assert main([*run, *rows, "--label", "gmf=G"]) == 2
    assert "error: no row is called 'gmf'; there are ease:reg=5, popularity" in capsys.readouterr().err


@pytest.mark.usefixtures("in_this_process")
def test_a_file_of_parameters_may_give_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parameters = tmp_path / "tuned.toml"
    parameters.write_text('[ease]\nreg = 5\n[als]\nreg = 1\n[labels]\nease = "EASE (tuned)"\nals = "ALS"\n')
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "params": parameters, "out": "results"}
    with pytest.warns(RecbenchWarning, match="does not say on which data"):
        results = bench.run("synthetic:60x80x900", ["ease", "popularity"], labels={"popularity": "Pop"}, **options)
    assert set(results.frame.index) == {"EASE (tuned)", "Pop"}
    for labels, message in (("ease = 3", "the label is 3"), ('ease = ""', "the label is empty")):
        parameters.write_text(f"[ease]\nreg = 5\n[labels]\n{labels}\n")
        with pytest.raises(RecbenchError, match=rf"tuned.toml: \[labels\]: {message}"):
            bench.run("synthetic:60x80x900", ["ease"], **options)
