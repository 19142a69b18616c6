"""``--on`` and ``executor=`` for `run`, `tune` and `study`: the place changes where jobs run, and no figure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import bench
from bench.cli.main import main
from bench.records.conditions import jobs_at_once
from bench.running.places import local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = "synthetic:60x80x900"

pytestmark = pytest.mark.usefixtures("jobs_here", "four_cores")


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "physical_cores", lambda: 4)


@pytest.fixture(params=["local:2", "executor"])
def place(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Return options that name a place."""
    if request.param == "executor":
        with ThreadPoolExecutor(2) as executor:
            yield {"executor": executor}
    else:
        yield {"on": request.param}


def test_tune_finds_the_same_there(place: dict[str, Any], tmp_path: Path) -> None:
    grid = tmp_path / "grid.toml"
    grid.write_text("[als]\nepochs = [1, 2]\nembedding_size = 8\n")
    found = [
        bench.tune(DATA, grid=grid, negatives=20, threads=1, out=tmp_path / name, **options)
        for name, options in (("here", {}), ("there", place), ("two", {"jobs": 2}), ("both", {"jobs": 1, **place}))
    ]
    assert {tuple(trial.ndcg for trial in search.trials) for search in found} == {
        tuple(trial.ndcg for trial in found[0].trials)
    }
    assert len(found[0].trials) == 2


def test_a_study_runs_and_tunes_there(place: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    results = bench.study([DATA], ["popularity", "ease"], trials=1, negatives=20, out=tmp_path, quiet=True, **place)
    assert results.n_failed == 0
    records = results.datasets[0].records
    assert [jobs_at_once(record) for record in records] == [2 if "on" in place else None] * 2


def test_a_table_of_shared_times_says_so(tmp_path: Path) -> None:
    results = bench.run(DATA, ["popularity"], negatives=20, on="local:2", out=tmp_path, quiet=True)
    assert "popularity (times shared)" in results.render("github")
    assert "popularity (2 at once): so many jobs ran on the machine at the same time" in results.render("github")


@pytest.mark.parametrize("command", ["run", "tune --trials 1", "study study.toml"])
def test_a_place_that_does_not_exist_is_an_error_before_the_data_are_read(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text('datasets = ["no/such.csv"]\nrecommenders = ["ease"]\n')
    data = [] if "study" in command else ["--dataset", "no/such.csv"]
    assert main([*command.split(), *data, "--on", "lokal"]) == 2
    assert "there is no place 'lokal' (did you mean 'local'?)" in capsys.readouterr().err
