"""Searches from end to end: what they write, how they go on after a stop, and a run with what they found."""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from typing import TYPE_CHECKING, TypeAlias

import pytest
from counted_runs import count_runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Recbench: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("no_processes")
def test_a_search_goes_on_with_a_larger_budget_and_a_run_takes_what_it_found(here: Path, recbench: Recbench) -> None:
    command = ["tune", "-r", "als:embedding_size=4,epochs=4", "-r", "ease", "--jobs", "2", "--out", "tuning"]
    code, out, err = recbench(*command, "--trials", "2")
    assert code == 0, err
    assert err.startswith("at most 4 jobs to run; records go to tuning\n[1/4] als:"), err
    assert "4 trials in tuning/trials.csv, the best in tuning/tuned.toml" in out
    files = [here / "tuning" / "trials.csv", here / "tuning" / "tuned.toml"]
    before = [file.read_bytes() for file in files]
    again = recbench(*command, "--trials", "2")
    assert again == (0, out, "4 jobs are stored in tuning already; no jobs to run\n")
    assert [file.read_bytes() for file in files] == before

    code, _, err = recbench(*command, "--trials", "3")
    assert code == 0
    assert err.startswith("4 jobs are stored in tuning already; 2 jobs to run\n")
    rows = list(csv.DictReader(files[0].read_text().splitlines()))
    assert [row["recommender"] for row in rows] == ["als"] * 3 + ["ease"] * 3
    found = tomllib.loads(files[1].read_text())
    about = found.pop("selection")
    assert about["budget"] == "3 trials for each recommender"
    assert about["sampler"].startswith("TPE of Optuna ")
    assert about["ease"]["NDCG@10"] == max(float(row["NDCG@10"]) for row in rows[3:])
    spent = {name: sum(float(row["seconds"]) for row in rows if row["recommender"] == name) for name in ("als", "ease")}
    assert {name: about[name]["seconds"] for name in spent} == pytest.approx(spent)
    assert found["als"]["embedding_size"] == 4
    assert found["als"]["epochs"] == about["als"]["best_epochs"][0]

    code, out, err = recbench("run", "--params", "tuning/tuned.toml", "--format", "json")
    assert code == 0, err
    assert "warning" not in err
    assert f'"ease:reg={found["ease"]["reg"]:g}"' in out
    assert '"als:' in out
    assert '"random' not in out
    assert {row["recommender"].split(":")[0]: row["selection_s"] for row in json.loads(out)["rows"]} == spent
    results = str(next((here / "runs").iterdir()))
    assert "select" in recbench("table", results)[1].splitlines()[2]
    _, out, _ = recbench("run", "--params", "tuning/tuned.toml", "-r", "ease:reg=3", "--format", "json")
    assert json.loads(out)["rows"][0]["selection_s"] is None, "these parameters are not those that were found"


@pytest.mark.usefixtures("no_processes")
def test_a_plugin_is_tuned_in_the_space_that_it_declares(
    here: Path, recbench: Recbench, plugin: Callable[[str], str], tunable_source: str
) -> None:
    mine = ["--plugin", plugin(tunable_source), "-r", "mine"]
    code, _, err = recbench("tune", *mine, "--seconds", "2", "--out", "tuning")
    assert code == 0, err
    found = tomllib.loads((here / "tuning" / "tuned.toml").read_text())
    assert found["selection"]["budget"] == "2 seconds for each recommender"
    assert found["mine"].keys() == {"reg", "size", "share"}
    code, out, err = recbench("run", *mine, "--params", "tuning/tuned.toml")
    assert code == 0, err
    assert "share=True" in "".join(out.split())


def untimed(path: Path) -> list[dict[str, str]]:
    return [{**row, "seconds": ""} for row in csv.DictReader(path.read_text().splitlines())]


@pytest.mark.parametrize("options", [(), ("--jobs", "2")])
@pytest.mark.usefixtures("no_processes")
def test_a_stopped_search_leaves_valid_files_and_goes_on(
    here: Path, recbench: Recbench, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    tune = ["tune", "-r", "ease", "-r", "item_knn", "--trials", "4", *options]
    with monkeypatch.context() as patch:
        count_runs(patch, most=3)
        code, _, err = recbench(*tune, "--out", "tuning")
    assert code == 130
    assert "the same command goes on from there" in err
    rows = untimed(here / "tuning" / "trials.csv")
    assert 2 <= len(rows) <= 3
    found = tomllib.loads((here / "tuning" / "tuned.toml").read_text())
    assert found["selection"]["complete"] is False
    assert found["selection"]["ease"]["combinations"] + found["selection"]["item_knn"]["combinations"] == len(rows)
    assert recbench("verify", "tuning", "--offline")[0] == 0
    assert "is of a search that has not come to its end" in recbench("run", "--params", "tuning/tuned.toml")[2]

    assert recbench(*tune, "--out", "tuning")[0] == 0
    assert recbench(*tune, "--out", "whole")[0] == 0
    assert untimed(here / "tuning" / "trials.csv") == untimed(here / "whole" / "trials.csv")
    assert "complete" not in tomllib.loads((here / "tuning" / "tuned.toml").read_text())["selection"]


@pytest.mark.usefixtures("no_processes")
def test_a_best_value_at_the_edge_is_printed_and_in_the_file(here: Path, recbench: Recbench) -> None:
    (here / "grid.toml").write_text("[item_knn]\nneighbors = [1, 2, 3, 60]\n[ease]\nreg = [10, 1000]\n")
    code, out, _ = recbench("tune", "--grid", "grid.toml", "--out", "tuning")
    assert code == 0
    found = tomllib.loads((here / "tuning" / "tuned.toml").read_text())
    assert found["item_knn"]["neighbors"] == 60, "the more of these few, the better"
    sentence = "neighbors = 60 is at the high end of 1, 2, 3 and 60; let neighbors be higher, too"
    assert found["selection"]["item_knn"]["at_edge"] == [sentence]
    assert "at_edge" not in found["selection"]["ease"], "two values are both at an end"
    assert f"at the edge: item_knn: {sentence}" in out
    assert recbench("verify", "tuning", "--offline")[0] == 0


GRID = "[ease]\nreg = [10, 1000]\n\n[popularity]\n"


def test_a_grid_is_tried_in_full_and_again_nothing_is_run(here: Path, recbench: Recbench) -> None:
    (here / "grid.toml").write_text(GRID)
    code, out, err = recbench("tune", "--grid", "grid.toml")
    assert code == 0, err
    assert err.startswith("3 jobs to run")
    (results,) = (here / "runs" / "tuning").iterdir()
    rows = list(csv.DictReader((results / "trials.csv").read_text().splitlines()))
    assert [(row["recommender"], row["parameters"]) for row in rows] == [
        ("ease", "reg=10"),
        ("ease", "reg=1000"),
        ("popularity", ""),
    ]
    found = tomllib.loads((results / "tuned.toml").read_text())
    best = max(rows[:2], key=lambda row: float(row["NDCG@10"]))
    assert f"reg={found['ease']['reg']:g}" == best["parameters"]
    about = found["selection"]
    assert (about["sampler"], about["budget"]) == ("grid", "every combination of the grid")
    assert about["ease"]["NDCG@10"] == float(best["NDCG@10"])

    files = [results / "trials.csv", results / "tuned.toml"]
    before = [file.read_bytes() for file in files]
    code, again, err = recbench("tune", "--grid", "grid.toml")
    assert (code, again) == (0, out)
    assert "no jobs to run" in err
    assert [file.read_bytes() for file in files] == before
    assert recbench("verify", str(results), "--offline")[0] == 0


@pytest.mark.usefixtures("no_processes")
def test_a_grid_and_optuna_share_the_records_of_a_folder(here: Path, recbench: Recbench) -> None:
    (here / "grid.toml").write_text("[ease]\nreg = [200, 1000]\n")
    assert recbench("tune", "--grid", "grid.toml", "--out", "tuning")[0] == 0
    code, _, err = recbench("tune", "-r", "ease", "--trials", "1", "--out", "tuning")
    assert (code, err) == (0, "1 job is stored in tuning already; no jobs to run\n"), "the default, reg = 200"
    assert tomllib.loads((here / "tuning" / "tuned.toml").read_text())["selection"]["budget"].startswith("1 trials")
    assert recbench("verify", "tuning", "--offline")[0] == 0


@pytest.mark.usefixtures("no_processes")
def test_a_grid_needs_no_optuna(here: Path, recbench: Recbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    (here / "grid.toml").write_text("[popularity]\n")
    assert recbench("tune", "--grid", "grid.toml")[0] == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--trials", "3"], "trials"),
        (["--seconds", "3", "--search-seed", "0"], "seconds, search seed"),
        (["--spaces", "spaces.toml"], "spaces"),
        (["-r", "ease"], "recommenders"),
    ],
)
def test_a_grid_excludes_what_optuna_is_asked(here: Path, recbench: Recbench, options: list[str], named: str) -> None:
    (here / "grid.toml").write_text(GRID)
    code, out, err = recbench("tune", "--grid", "grid.toml", *options)
    assert (code, out) == (2, "")
    assert err == (
        f"recbench: error: a grid names its recommenders and is tried in full, found {named} beside it; leave out "
        f"{named}, or leave out the grid\n"
    )
    assert [path.name for path in here.iterdir()] == ["grid.toml"]


def test_a_recommender_called_like_a_value_of_the_file_is_refused(
    here: Path, recbench: Recbench, plugin: Callable[[str], str], tunable_source: str
) -> None:
    own = plugin(tunable_source.replace("class Mine", "class Budget"))
    code, _, err = recbench("tune", "--plugin", own, "-r", "budget", "--trials", "1", "--out", "tuning")
    assert code == 2
    assert "a recommender called 'budget' cannot be tuned, because tuned.toml uses that name; rename the class" in err
    assert not (here / "tuning").exists()
