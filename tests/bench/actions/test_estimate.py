"""`bench.estimate` and ``recbench estimate``; and that run, tune and study begin nothing that cannot fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import bench
from bench.cli.main import main
from bench.running.foresight.room import NoRoomError
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Plugin = Callable[..., str]

pytestmark = pytest.mark.usefixtures("jobs_here")

ONE, TWO = "synthetic:60x80x900", "synthetic:50x70x800"
SMALL: dict[str, Any] = {"negatives": 20, "threads": 1}

SOURCE = """
class Big:
    deterministic = True
    def __init__(self, gib: float = 1000.0):
        self.gib = gib
    @classmethod
    def search_space(cls):
        return {"gib": [0.001, 1000.0]}
    def resources(self, facts):
        return self.gib * 2**30 * (facts.n_users == 60)
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items * 1.0
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_frame_has_a_row_for_each_recommender(plugin: Plugin) -> None:
    found = bench.estimate(ONE, ["popularity", "ease", "big"], plugins=plugin(SOURCE), **SMALL)
    frame = found.frame.set_index("recommender")
    assert list(frame.index) == ["popularity", "ease", "big"]
    assert frame.fits.tolist() == [True, True, False]
    assert 2**40 > frame.bytes["big"] - 1000 * 2**30 > 2**24
    assert frame.source.tolist() == ["declared"] * 3
    assert found.n_without_room == 1
    assert "big needs 1000 GiB" in frame.problem["big"]


def test_the_time_is_that_of_an_earlier_run(here: Path) -> None:
    assert bench.estimate(ONE, "popularity", **SMALL).frame.seconds.isna().all()
    bench.run(ONE, "popularity", quiet=True, out=here / "elsewhere" / "one", **SMALL)
    frame = bench.estimate(ONE, "popularity", results="elsewhere", **SMALL).frame
    assert frame.seconds[0] >= 0
    assert frame.time_bound[0] == "about"
    assert bench.estimate("synthetic:70x90x1000", "popularity", results="elsewhere", **SMALL).rows[0].time_bound == (
        "at least"
    )


def test_a_folder_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="there is no folder nowhere; name a folder of results"):
        bench.estimate(ONE, "popularity", results="nowhere", **SMALL)


def study(here: Path, plugin: str) -> Path:
    path = here / "study.toml"
    path.write_text(
        f"recommenders = ['popularity', 'big']\nplugins = ['{plugin}']\nthreads = 1\nout = 'results'\n"
        f"[data]\nnegatives = 20\n[[datasets]]\ndataset = '{TWO}'\n[[datasets]]\ndataset = '{ONE}'\n"
    )
    return path


def test_a_study_has_a_row_for_each_dataset(here: Path, plugin: Plugin) -> None:
    frame = bench.estimate(study(here, plugin(SOURCE))).frame
    assert frame.recommender.tolist() == ["popularity", "big"] * 2
    assert frame.fits.tolist() == [True, True, True, False]
    with pytest.raises(ProtocolError, match="the file of a study says recommenders, core itself"):
        bench.estimate(study(here, plugin(SOURCE)), "ease", core=2)


def test_the_command_prints_a_table_and_its_code_says_whether_all_fit(
    plugin: Plugin, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["estimate", ONE, "--negatives", "20", "-r", "popularity"]) == 0
    out = capsys.readouterr().out
    assert "popularity" in out
    assert out.rstrip().endswith("known from earlier records for 0 of 1 row; in --notes: 1 note")
    assert main(["estimate", ONE, "--negatives", "20", "-r", "popularity", "--notes"]) == 0
    assert " ".join(capsys.readouterr().out.split()).endswith("the interactions are in it, too.")
    arguments = ["--negatives", "20", "--plugin", plugin(SOURCE), "-r", "big", "--format", "json"]
    assert main(["estimate", "--dataset", ONE, *arguments]) == 1
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["recommender"], row["fits"]) == ("big", False)


def test_the_command_takes_a_study(here: Path, plugin: Plugin, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(study(here, plugin(SOURCE)))
    assert main(["estimate", path]) == 1
    assert "NO" in capsys.readouterr().out
    assert main(["estimate", path, "--core", "3"]) == 2
    assert "the file of a study says core itself" in capsys.readouterr().err
    assert main(["estimate", path, "--dataset", ONE]) == 2
    assert "are two datasets; name one" in capsys.readouterr().err


def test_a_run_without_room_begins_nothing(here: Path, plugin: Plugin, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "run",
        "--dataset",
        ONE,
        "--negatives",
        "20",
        "--plugin",
        plugin(SOURCE),
        "-r",
        "popularity",
        "-r",
        "big",
    ]
    assert main([*command, "--out", "results"]) == 2
    error = capsys.readouterr().err
    assert "big needs 1000 GiB for 80 items" in error
    assert "leave it out or use --core" in error
    assert not [*(here / "results").glob("records/*")]
    assert main([*command, "--out", "results", "--go-on"]) == 1
    out = capsys.readouterr().out
    assert "no memory" in out
    assert "not started: big needs 1000 GiB" in " ".join(out.split())
    assert len([*(here / "results").glob("records/*")]) == 2


def test_what_is_stored_needs_nothing_any_more(here: Path, plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"quiet": True, "out": here / "results", **SMALL}
    bench.run(ONE, "popularity", **options)
    monkeypatch.setattr("bench.running.foresight.room.free_bytes", lambda: 1)
    assert bench.run(ONE, "popularity", **options).n_failed == 0
    with pytest.raises(NoRoomError):
        bench.run(ONE, ["popularity", "random"], **options)


def test_a_search_whose_first_trials_have_no_room_begins_nothing(plugin: Plugin) -> None:
    with pytest.raises(NoRoomError, match=r"big:gib=1000 needs 1000 GiB"):
        bench.tune(ONE, "big", plugins=plugin(SOURCE), trials=2, out="search", **SMALL)


def test_a_later_trial_without_room_is_a_failure_of_its_own(plugin: Plugin) -> None:
    source = SOURCE.replace("gib: float = 1000.0", "gib: float = 0.001")
    search = bench.tune(ONE, "big", plugins=plugin(source), trials=12, out="search", **SMALL)
    failures = {trial.parameters["gib"]: trial.failure for trial in search.trials}
    assert failures[0.001] is None
    assert "not started" in str(failures[1000.0])


def test_a_study_without_room_on_a_later_dataset_begins_nothing(here: Path, plugin: Plugin) -> None:
    with pytest.raises(NoRoomError, match=r"on synthetic-60x80x900: big needs 1000 GiB"):
        bench.study(study(here, plugin(SOURCE)), quiet=True)
    assert not [*here.glob("results/**/record.json")]


def test_a_study_goes_on_where_it_is_asked_to(here: Path, plugin: Plugin) -> None:
    results = bench.study(study(here, plugin(SOURCE)), quiet=True, go_on=True)
    assert [record.failed for each in results.datasets for record in each.records] == [False, False, False, True]


def test_data_of_a_study_that_cannot_be_had_are_no_reason_to_refuse(here: Path, plugin: Plugin) -> None:
    path = study(here, plugin(SOURCE.replace("1000.0", "0.001")))
    path.write_text(f"{path.read_text()}[[datasets]]\ndataset = 'nowhere.csv'\n")
    with pytest.warns(RecbenchWarning, match=r"nowhere is left out"):
        assert bench.study(path, quiet=True).n_failed == 0
