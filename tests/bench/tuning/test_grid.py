"""Grid search on the validation task: what is tried, what wins, what is written."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from bench.tuning.grid import read_grid
from bench.tuning.trials import Trial, best_of, trial_rows
from bench.tuning.tuned_file import selected_toml
from bench.writing.csv import csv_text
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "synthetic:60x80x900"


def grid(folder: Path, text: str) -> Path:
    path = folder / "grid.toml"
    path.write_text(text)
    return path


def test_lists_are_tried_in_full_product_and_scalars_are_fixed(tmp_path: Path) -> None:
    path = grid(tmp_path, "[item_knn]\nneighbors = [5, 10]\nshrinkage = [0, 100]\n\n[ease]\nreg = 50\n\n[popularity]\n")
    tried = [(choice.entry.name, choice.parameters) for choice in read_grid(path, {})]
    assert tried == [
        ("item_knn", {"neighbors": 5, "shrinkage": 0}),
        ("item_knn", {"neighbors": 5, "shrinkage": 100}),
        ("item_knn", {"neighbors": 10, "shrinkage": 0}),
        ("item_knn", {"neighbors": 10, "shrinkage": 100}),
        ("ease", {"reg": 50}),
        ("popularity", {}),
    ]


def test_what_stands_twice_is_tried_once(tmp_path: Path) -> None:
    tried = read_grid(grid(tmp_path, "[ease]\nreg = [100, 100.0, 200, 100]\n"), {})
    assert [choice.parameters for choice in tried] == [{"reg": 100.0}, {"reg": 200.0}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ease\n", "is not TOML"),
        ("", "has nothing; expected a table per recommender"),
        ("reg = [1]\n", "reg outside of any table"),
        ("[ease]\nreg = []\n", "empty list"),
        ("[ease]\nrag = [1]\n", "reg"),
        ("[eease]\n", "ease"),
    ],
)
def test_a_bad_grid_says_what_is_wrong(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(RecommenderError, match=expected):
        read_grid(grid(tmp_path, text), {})


def trial(name: str, seed: int, ndcg: float | None, epoch: int | None = None, **parameters: Any) -> Trial:
    if ndcg is None:
        return Trial(name, parameters, seed, None, None, None, None, failure="timeout: stopped after 60 s")
    return Trial(name, parameters, seed, epoch, ndcg + 0.2, ndcg, 1.5)


TRIALS = [
    trial("mlp", 0, 0.40, 10, reg=0.1),
    trial("mlp", 1, 0.30, 13, reg=0.1),
    trial("mlp", 0, 0.50, 40, reg=0.2),
    trial("mlp", 1, 0.10, 40, reg=0.2),
    trial("mlp", 0, 0.90, 1, reg=0.3),
    trial("mlp", 1, None, reg=0.3),
    trial("ease", 0, 0.37, reg=100.0),
    trial("ease", 0, 0.37, reg=200.0),
    trial("gmf", 0, None),
]


def test_the_best_mean_over_seeds_wins_and_epochs_are_the_mean_of_the_best() -> None:
    mlp, ease = best_of(TRIALS)
    # .40 and .30 beat .50 and .10; .90 with a failed seed is out; 10 and 13 epochs make 11.5, rounded to even 12.
    assert mlp.parameters == {"reg": 0.1, "epochs": 12}
    assert mlp.ndcg == pytest.approx(0.35)
    assert mlp.hit_rate == pytest.approx(0.55)
    assert (mlp.best_epochs, mlp.n_combinations, mlp.n_failed) == ((10, 13), 3, 1)
    assert ease.parameters == {"reg": 100.0}, "of equals the first one tried"
    assert ease.best_epochs == ()


def test_every_trial_is_written() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(trial_rows(TRIALS)))))
    assert len(rows) == len(TRIALS)
    assert rows[0] == {
        "recommender": "mlp",
        "parameters": "reg=0.1",
        "seed": "0",
        "best_epoch": "10",
        "HR@10": "0.6000000000000001",
        "NDCG@10": "0.4",
        "seconds": "1.5",
        "failure": "",
    }
    assert rows[5]["failure"] == "timeout: stopped after 60 s"
    assert rows[5]["NDCG@10"] == ""


def test_the_outcome_is_toml_with_its_budget() -> None:
    best = best_of([*TRIALS, trial("my.model", 0, 0.1, 3, layers=(64, 32), loss='a"b', share=True)])
    text = selected_toml(best, dataset="ml-100k", digest="f" * 64, seeds=(0, 1), patience=5)
    outcome = tomllib.loads(text)
    about = outcome.pop("selection")
    assert (about["dataset"], about["validation_task"], about["seeds"], about["patience"]) == (
        "ml-100k",
        "f" * 64,
        [0, 1],
        5,
    )
    assert about["mlp"] == {
        "HR@10": pytest.approx(0.55),
        "NDCG@10": pytest.approx(0.35),
        "combinations": 3,
        "failed": 1,
        "best_epochs": [10, 13],
        "seconds": 7.5,
    }
    assert outcome == {
        "mlp": {"reg": 0.1, "epochs": 12},
        "ease": {"reg": 100.0},
        "my.model": {"layers": [64, 32], "loss": 'a"b', "share": True, "epochs": 3},
    }


def recbench_select(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", "select", "grid.toml", "--dataset", DATASET, "--negatives", "20"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, "--threads", "1", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )


def test_select_end_to_end_and_again(tmp_path: Path) -> None:
    grid(tmp_path, "[ease]\nreg = [10, 1000]\n\n[popularity]\n")
    first = recbench_select(tmp_path)
    assert first.returncode == 0, first.stderr
    (results,) = (tmp_path / "runs" / "selection").iterdir()
    rows = list(csv.DictReader(io.StringIO((results / "trials.csv").read_text())))
    assert [(row["recommender"], row["parameters"]) for row in rows] == [
        ("ease", "reg=10"),
        ("ease", "reg=1000"),
        ("popularity", ""),
    ]
    selected = tomllib.loads((results / "selected.toml").read_text())
    best = max(rows[:2], key=lambda row: float(row["NDCG@10"]))
    assert f"reg={selected['ease']['reg']:g}" == best["parameters"]
    assert selected["selection"]["ease"]["NDCG@10"] == float(best["NDCG@10"])

    before = (results / "trials.csv").read_bytes(), (results / "selected.toml").read_bytes()
    again = recbench_select(tmp_path)
    assert again.stdout == first.stdout
    assert ((results / "trials.csv").read_bytes(), (results / "selected.toml").read_bytes()) == before
