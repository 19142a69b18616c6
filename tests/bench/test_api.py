"""The same from Python: three lines, a data frame, and no synthetic data that nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bench
from bench.data import Data
from bench.names import STAND_IN_NOTE
from protocol.data import fetching
from protocol.errors import DatasetError, RecommenderError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

DATASET = "synthetic:60x80x900"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let ml-100k be nowhere."""

    def unavailable(*_: object) -> Path:
        raise UnavailableError("not today")

    for place in ("_in_named_folder", "_in_cache", "_from_publisher", "_from_package_index"):
        monkeypatch.setattr(fetching, place, unavailable)


def test_three_lines_give_a_data_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = bench.run(DATASET, ["popularity", "ease:reg=500"], negatives=20, threads=1)
    assert list(frame.index) == ["ease:reg=500", "popularity"]
    assert list(frame.columns) == [
        "HR@10", "NDCG@10", "full_NDCG@10", "distinguishable", "fit_s", "us_per_user", "peak_mib",
    ]  # fmt: skip
    assert (frame["NDCG@10"] > 0).all()
    (results,) = (tmp_path / "runs").iterdir()
    again = bench.read_table(results)
    assert again.equals(frame)
    assert again.attrs == frame.attrs
    assert frame.attrs["title"].startswith(f"SYNTHETIC DATA ({DATASET})")
    views = bench.read_table(results, views=("full", "expected"), baseline="popularity", beyond_accuracy=True)
    assert list(views.columns)[:3] == ["full_HR@10", "full_NDCG@10", "expected_NDCG@10"]
    assert "novelty@10" in views.columns
    assert views.attrs["notes"]["Tests"].count("baseline, popularity")
    compared = bench.compare(results, "ease:reg=500", "popularity", k=5)
    assert compared.index[0] == "all"
    assert {"activity", "popularity"} <= set(compared.index)
    every = bench.read_table(results, k=(5,), every_figure=True)
    assert compared["difference"].iloc[0] == pytest.approx(
        every.loc["ease:reg=500", "NDCG@5"] - every.loc["popularity", "NDCG@5"]
    )


def test_a_grid_from_python(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text("[ease]\nreg = [10, 1000]\n")
    trials = bench.tune(DATASET, grid=tmp_path / "grid.toml", negatives=20, threads=1, out=tmp_path / "out")
    assert list(trials["parameters"]) == ["reg=10", "reg=1000"]
    assert (tmp_path / "out" / "tuned.toml").exists()


def test_listing_and_checking_from_python() -> None:
    assert bench.recommenders().loc["mlp_post", "parameters"].startswith("embedding_size=8, epochs=30")
    assert bench.recommenders()["by_default"][["ease", "slim"]].tolist() == [True, False]
    assert bench.datasets().loc["ml-1m", "interactions"] == 1_000_209
    assert set(bench.check("popularity")["status"]) == {"ok", "skip"}


def test_an_unknown_function_says_what_there_is() -> None:
    with pytest.raises(AttributeError, match="it offers check, compare, datasets, doctor"):
        _ = bench.fly


@pytest.mark.usefixtures("no_network")
def test_synthetic_data_stand_in_only_where_none_were_named(capsys: pytest.CaptureFixture[str]) -> None:
    """P3."""
    dataset = Data().load()
    assert dataset.name == "synthetic"
    assert STAND_IN_NOTE in dataset.notes
    assert "goes on with SYNTHETIC DATA" in capsys.readouterr().err
    for named in (Data("ml-100k"), Data(min_rating=4.0), Data(min_rating=0.0), Data(core=5)):
        with pytest.raises(DatasetError, match="ml-100k is not available"):
            named.load()


@pytest.mark.usefixtures("no_network")
def test_the_title_says_that_synthetic_data_stand_in(tmp_path: Path) -> None:
    frame = bench.run(recommenders=["popularity"], threads=1, out=tmp_path)
    assert frame.attrs["title"].startswith("SYNTHETIC DATA (synthetic), because no dataset was named and ml-100k could")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (Data(DATASET, negatives=100), "synthetic-60x80x900"),
        (Data(DATASET, negatives=20), "synthetic-60x80x900-{digest}"),
        (Data(DATASET, negatives=100, protocol_seed=1), "synthetic-60x80x900-{digest}"),
    ],
)
def test_results_of_another_protocol_go_to_another_folder(data: Data, expected: str, task) -> None:
    folder = data.folder(data.load(), task)
    assert folder.as_posix() == f"runs/{expected.format(digest=task.digest[:8])}"


def test_a_folder_is_named_for_its_file(tmp_path: Path, task) -> None:
    path = tmp_path / "my ratings.csv"
    path.write_text("user,item,timestamp\n" + "\n".join(f"1,{item},{item}" for item in range(9)))
    data = Data(str(path))
    assert data.folder(data.load(), task).as_posix() == "runs/my-ratings"


def test_bad_names_are_known_before_data_are_fetched(no_network: None) -> None:
    with pytest.raises(RecommenderError, match="did you mean 'ease'"):
        bench.run("ml-100k", ["eease"])
