"""Stored records are fitted anew, and `recbench reproduce` says whether the ranks are equal, or why it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jobs_here import jobs_here
from resealed import reseal
from verified import BROKEN

import bench
from bench.analysis.shown_record import ShownRecord
from bench.cli.main import main
from bench.data import Data
from bench.names import value_name
from bench.records.arrays import packed
from bench.records.store import ARRAYS, DOCUMENT, Store
from bench.writing.text import accuracy_text
from protocol.errors import RecbenchError
from protocol.evaluation.ranking import Ranks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.records.record import Record

DATASET = "synthetic:60x80x900"

DRAWN = """
import os

import numpy as np


class Drawn:
    def __init__(self, spread: float = 1.0):
        self.spread = spread

    def fit(self, train, *, rng):
        seed = os.environ.get("DRAWN")
        if seed == "none":
            raise ValueError("no luck today")
        stream = rng if seed is None else np.random.default_rng(int(seed))
        self.values = self.spread * stream.normal(size=train.n_items)
        return self

    def score(self, users, items):
        return self.values[items]
"""


@pytest.fixture(scope="module", autouse=True)
def _jobs_here() -> Iterator[None]:
    with jobs_here():
        yield


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plugin") / "drawn.py"
    place.write_text(DRAWN)
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, plugin: Path) -> Path:
    """Return results with three kinds of rows: with chosen epochs and two seeds, of a plug-in, and a failure."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "broken.py").write_text(BROKEN)
    bench.run(
        Data(DATASET, negatives=20, split="random:3", protocol_seed=2),
        ["bpr:epochs=3", "drawn:spread=2"],
        plugins=[str(plugin), str(folder / "broken.py")],
        threads=1,
        seeds="0-1",
        patience=1,
        out=folder / "results",
        quiet=True,
    )
    return folder / "results"


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def record_of(results: Path, label: str, seed: int = 0) -> Record:
    return next(one for one in Store(results).records() if (one.recommender.label, one.seed) == (label, seed))


def printed(capsys: pytest.CaptureFixture[str], code: int, *words: object) -> str:
    assert main(["reproduce", *map(str, words)]) == code
    found = capsys.readouterr()
    return found.err if code == 2 else found.out


def test_what_was_fitted_here_has_the_same_ranks(made: Path, plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*.*")}
    with pytest.warns(match="left out: 2 records of failures"):
        frame = bench.reproduce(made, plugins=str(plugin), quiet=True)
    assert frame["equal"].all()
    assert list(frame.index) == [("bpr:epochs=3", 0), ("bpr:epochs=3", 1), ("drawn:spread=2", 0), ("drawn:spread=2", 1)]
    assert (frame["users"] == 60).all()
    assert (frame["moved"] == 0).all()
    assert (frame["NDCG@10"] == frame["NDCG@10 now"]).all()
    assert (frame["changes"] == "").all(), "the code, and all else in the key, is the same"
    assert {path: path.read_bytes() for path in made.rglob("*.*")} == before


@pytest.mark.parametrize("form", ["folder", "document", "name", "row"])
def test_a_record_is_named_in_each_way_that_other_commands_show(
    made: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Store(made).folder_of(record_of(made, "bpr:epochs=3", 1))
    words = {
        "folder": [place],
        "document": [place / DOCUMENT],
        "name": [made, place.name],
        "row": [made, "bpr:epochs=3", "--seed", "1"],
    }
    assert printed(capsys, 0, *words[form]).splitlines() == [
        f"ok    bpr:epochs=3, seed 1: the ranks of 60 users are equal; {figures(record_of(made, 'bpr:epochs=3', 1))}",
        "1 ok",
    ]


def figures(record: Record) -> str:
    """Return the means that `recbench show` has, in a line."""
    means = ShownRecord("", record, Path()).accuracy
    return ", ".join(
        f"{value_name(view, metric, 10)} {accuracy_text(of_view[metric].mean)}"
        for view, of_view in means.items()
        if view != "expected"
        for metric in of_view
    )


def test_invented_ranks_are_exposed(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all digests written to match, `recbench verify` cannot: here three users rank better than they did."""
    record = record_of(results, "bpr:epochs=3")
    place, ranks = Store(results).folder_of(record), record.ranks
    assert ranks is not None
    better = ranks.n_better.copy()
    moved = np.flatnonzero(better > 9)[:3]
    better[moved] = 0
    changed: Any = type(record)(
        record.document, Ranks(better, ranks.n_tied, ranks.n_rivals), record.full_ranks, record.top_items, record.counts
    )
    (place / ARRAYS).write_bytes(packed(changed))
    reseal(place)
    text = " ".join(printed(capsys, 1, results, "bpr:epochs=3", "--seed", "0").split())
    assert "fail bpr:epochs=3, seed 0 the ranks of 3 of 60 users differ; " in text
    assert f"(-{3 / 60:.4f})".replace("0.", ".") in text, "the hit rate was three users too high"
    assert "code, versions, processor and device are as they were" in text


def test_a_fit_that_is_not_the_same_says_what_is_different(
    results: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRAWN", "7")
    place = Store(results).folder_of(record_of(results, "drawn:spread=2"))
    reseal(place, lambda document: document["environment"]["versions"].update(numpy="1.0"))
    text = " ".join(printed(capsys, 1, place, "--plugin", plugin).split())
    assert "of 60 users differ; " in text
    assert f"different here: numpy was 1.0 and is {np.__version__}" in text
    monkeypatch.setenv("DRAWN", "none")
    text = " ".join(printed(capsys, 1, place, "--plugin", plugin).split())
    assert "it fails now: raised: ValueError: no luck today" in text


def test_bad_input_is_an_error_that_says_what_to_do(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Store(results).folder_of(record_of(results, "bpr:epochs=3"))
    for words, expected in {
        (results, "drawn:spread=2"): "drawn:spread=2 is a plug-in's: give its file with --plugin",
        (results, "broken"): "broken: the record is of a failure, and has no ranks: ValueError: no luck",
        (results, "eese"): "no row is called 'eese'",
        (place, "bpr"): "is one record; leave out bpr",
        (place.with_name("bpr-0"),): "has no record bpr-0; `recbench show",
        (results, "bpr:epochs=3", "--seed", "9"): "no record of the training seed 9",
        (results, "bpr:epochs=3", "--dataset", "synthetic:60x80x901"): "these are not the data of the record",
        (tmp_path / "nothing",): "holds no records",
    }.items():
        assert expected in printed(capsys, 2, *words), words


def test_results_may_lie_in_a_folder_called_records(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "records").mkdir()
    moved = results.rename(tmp_path / "records" / "mine")
    assert "1 ok" in printed(capsys, 0, moved, "bpr:epochs=3", "--seed", "0")


def test_data_that_are_not_here_are_an_error(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (results / "records").iterdir():
        reseal(folder, lambda document: document["task"].update(dataset="mine.csv"))
    assert "the records are of mine.csv; say where it is with --dataset" in printed(capsys, 2, results, "bpr:epochs=3")


def test_scores_of_another_program_cannot_be_fitted(results: Path) -> None:
    folder = Store(results).folder_of(record_of(results, "bpr:epochs=3"))
    text = (folder / DOCUMENT).read_text()
    assert json.loads(text)["recommender"]["origin"] == "built-in"
    reseal(folder, lambda document: document["recommender"].update(origin="external"))
    with pytest.raises(RecbenchError, match="only that can fit it anew; `recbench score` ranks its scores again"):
        bench.reproduce(folder, quiet=True)
