"""`recbench site`: which folders it takes, what it refuses, what it fits anew, and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from jobs_here import jobs_here
from resealed import reseal
from small_board import ONE, change, copied, place_of, run

import bench
from bench.cli.main import main
from bench.data import Data
from bench.records.arrays import packed
from bench.records.store import ARRAYS, MANIFEST, Store
from bench.studies.board.standing import AGAIN, CHECKED, MOVED
from protocol.evaluation.ranking import Ranks

if TYPE_CHECKING:
    from pathlib import Path

DRAWN = """
import os


class Drawn:
    def fit(self, train, *, rng):
        if os.environ.get("DRAWN") == "none":
            raise ValueError("no luck today")
        self.values = rng.normal(size=train.n_items)
        return self

    def score(self, users, items):
        return self.values[items]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "board"
    with jobs_here():
        # Without full rankings, whose lists would contradict invented ranks.
        run(folder / "ann" / "one", Data(ONE, negatives=20), ["popularity", "random"], full_limit=1)
    return folder


@pytest.fixture
def board(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bench.charts.library.javascript", lambda _: "window.vegaEmbed = null;")
    return copied(made, tmp_path)


def test_the_exit_code_says_whether_a_record_fails(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = board.parent / "site"
    assert main(["site", str(board / "ann"), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out / 'index.html'}: 2 records: 2 checked\n"
    place = place_of(board / "ann" / "one", "popularity")
    change(place)
    assert main(["site", str(board / "ann"), "--out", str(out)]) == 1
    said = capsys.readouterr().out
    assert f"ann/one/{place.name}: not verified: records/{place.name}/ranks.npz has changed" in said
    assert said.endswith("2 records: 1 checked, 1 not verified\n")


def test_bad_input_is_an_error_and_nothing_is_written(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, empty, full = board.parent / "site", board.parent / "empty", board.parent / "full"
    empty.mkdir()
    full.mkdir()
    (full / "index.html").write_text("<title>mine</title>")
    for words, expected in {
        (board / "nobody",): "does not exist; name folders of results",
        (empty,): "holds no results: there is no folder records in it",
        (board, board / "ann"): "are named twice; name each folder once",
        (board, "--plugin", "nothing.py"): "nothing.py",
        (board, "--out", full): "is there, and holds no site of recbench; name a new folder with --out",
    }.items():
        target = () if "--out" in words else ("--out", out)
        assert main(["site", *map(str, (*words, *target))]) == 2, words
        assert expected in capsys.readouterr().err, words
    assert not out.exists()
    assert (full / "index.html").read_text() == "<title>mine</title>"


def test_a_file_beside_the_folders_is_left_out(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (board / "README.md").write_text("# Ours")
    (board / "notes.txt").write_text("x")
    named = [str(path) for path in sorted(board.iterdir())]
    assert main(["site", *named, "--out", str(board.parent / "site")]) == 0
    found = capsys.readouterr()
    assert "notes.txt is a file, and left out" in found.err
    assert "README" not in found.err


@pytest.mark.usefixtures("in_this_process")
def test_fitting_anew_is_shown_with_what_it_gave(board: Path, tmp_path: Path) -> None:
    """The ranks of random are invented, with every digest made to match: no other check finds that."""
    results = board / "ann" / "one"
    record = next(one for one in Store(results).records() if one.recommender.name == "random")
    assert record.ranks is not None
    swapped = Ranks(*(np.roll(each, 1) for each in (record.ranks.n_better, record.ranks.n_tied, record.ranks.n_rivals)))
    place = Store(results).folder_of(record)
    (place / ARRAYS).write_bytes(packed(type(record)(record.document, swapped, None, None, record.counts)))
    reseal(place)
    (results / MANIFEST).unlink()
    with pytest.warns(match="made again from the"):
        Store(results).prepare()
    checked = bench.site(board, tmp_path / "site", quiet=True)
    assert {entry.standing.kind for entry in checked.entries} == {CHECKED}
    made = bench.site(board, tmp_path / "site", reproduce=True, quiet=True)
    found = {entry.title: entry.standing for entry in made.entries}
    assert found["popularity"].kind is AGAIN
    assert found["random, seed 0"].kind is MOVED
    (reason,) = found["random, seed 0"].reasons
    assert "of 60 users differ" in reason
    assert "made again here" in (tmp_path / "site" / "datasets" / "synthetic-60x80x900.html").read_text()


@pytest.mark.usefixtures("board", "in_this_process")
def test_what_is_not_fitted_here_as_it_was_is_not_called_other_ranks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, other = tmp_path / "ours" / "drawn.py", tmp_path / "other" / "drawn.py"
    for place, text in ((ours, DRAWN), (other, DRAWN.replace("normal", "random"))):
        place.parent.mkdir()
        place.write_text(text)
    results = tmp_path / "results"
    bench.run(Data(ONE, negatives=20), "drawn", plugins=str(ours), threads=1, out=results, quiet=True)

    def said(plugin: Path) -> str:
        words = ["site", str(results), "--out", str(tmp_path / "site"), "--reproduce", "--plugin", str(plugin)]
        assert main(words) == 0
        return capsys.readouterr().out

    assert said(ours).endswith("1 record: 1 made again here\n")
    why = "checked: not made again: the plug-in drawn that was given has other code than the record's"
    assert why in said(other)
    monkeypatch.setenv("DRAWN", "none")
    assert "checked: not made again: it fails now: raised: ValueError: no luck today" in said(ours)


@pytest.mark.usefixtures("board", "in_this_process")
def test_a_search_alone_is_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench.tune(Data(ONE, negatives=20), "item_knn", trials=1, out=tmp_path / "tuning", quiet=True)
    assert main(["site", str(tmp_path / "tuning"), "--out", str(tmp_path / "site")]) == 2
    assert "all of searches for parameters, which a site leaves out; name folders of runs" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
