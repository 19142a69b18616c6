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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "board"
    with jobs_here():
        # Without full rankings, whose lists would contradict invented ranks.
        run(folder / "ann" / "one", Data(ONE, negatives=20), ["popularity", "random"], full_limit=1)
    return folder


@pytest.fixture
def board(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bench.charts.library.javascript", lambda: "window.vegaEmbed = null;")
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
