"""A job sees the user's folder and two above it, without any results of recbench."""

from __future__ import annotations

import errno
import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.records.store import Store
from bench.running import folder_view
from bench.running.folder_view import FolderView
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.stored import stored_records
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.running.plan import Job


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder from which a user starts runs, with files beside it and above it, and results of two runs."""
    texts = {
        "up.csv": "2",
        "project/data/beside.csv": "3",
        "project/home/features.csv": "5",
        "project/home/inner/deep.csv": "7",
        "project/home/runs/notes.txt": "",
        **{f"project/home/{run}/{name}": "" for run in ("runs/now", "earlier") for name in FILES_OF_A_RUN},
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "project" / "home"


FILES_OF_A_RUN = (
    "manifest.json",
    "records/a/record.json",
    "records/a/ranks.npz",
    "records/a/model-0/state",
    "report.html",
)


def shown(folder: Path, results: Path, at: Path) -> list[str]:
    """Return what a program finds that follows every link below the folder."""
    place = FolderView.of(folder, results).make(at)
    found = glob.glob(f"{place}/**", recursive=True)  # noqa: PTH207 - it follows links
    return sorted(os.path.relpath(path, place) for path in found if path != f"{place}/")


def test_it_shows_all_but_results(home: Path, tmp_path: Path) -> None:
    expected = ["features.csv", "inner", "inner/deep.csv", "runs", "runs/notes.txt"]
    assert shown(home, home / "runs" / "now", tmp_path / "view") == expected
    elsewhere = tmp_path / "elsewhere"
    assert shown(home, elsewhere, tmp_path / "other view") == expected
    place = FolderView.of(home, elsewhere).make(tmp_path / "third view")
    assert (place / "../data/beside.csv").read_text() == "3"
    assert (place / "../../up.csv").read_text() == "2"


def test_where_the_results_are_the_folder_itself_the_records_are_hidden(home: Path, tmp_path: Path) -> None:
    assert [name for name in shown(home / "runs", home, tmp_path / "a") if "/" not in name] == ["notes.txt"]
    assert shown(home / "earlier", home / "earlier", tmp_path / "b") == ["report.html"]


def test_no_more_is_shown_than_a_job_has_time_for(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_view, "MOST_ENTRIES", 3)
    with pytest.warns(RecbenchWarning, match="home holds 4 entries; plug-ins .* find only the first 3 by name"):
        view = FolderView.of(home, tmp_path / "results")
    assert [path.name for path in view.links if path.parent == home] == ["features.csv", "inner"]


def test_a_folder_above_that_cannot_be_listed_shows_the_way(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = Path.iterdir

    def listed(folder: Path) -> Iterator[Path]:
        if folder == home.parent:
            raise PermissionError
        return listing(folder)

    monkeypatch.setattr(Path, "iterdir", listed)
    place = FolderView.of(home, tmp_path / "results").make(tmp_path / "view")
    assert (place / "features.csv").read_text() == "5"
    assert not (place / "../data").exists()


def test_a_folder_that_may_not_be_entered_is_shown_as_it_is(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent == home / "inner":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return looked_at(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    view = FolderView.of(home, tmp_path / "results")
    assert home / "inner" in view.links


READER = """
import glob, os
import numpy as np

class Reader:
    deterministic = True
    def __init__(self, table: str):
        self.factor = float(open(table).read())
    def fit(self, train, *, rng):
        assert not glob.glob("**/record.json", recursive=True) and not glob.glob("**/*.npz", recursive=True)
        for name in ("features.csv", "inner/deep.csv", "../data/beside.csv", "../../up.csv"):
            self.factor *= float(open(name).read())
        try:
            open("inner/absent.csv")
        except FileNotFoundError:
            pass
        np.save("made.npy", np.full(train.n_items, self.factor))
        self.weights = np.load("made.npy")
        return self
    def score(self, users, items):
        assert self.factor == 5 * 5 * 7 * 3 * 2
        return self.weights[items] - items
"""


def test_a_plug_in_reads_by_relative_names_and_what_it_read_is_noted(
    home: Path,
    plan: Callable[..., list[Job]],
    plugin: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = plugin(READER, "reader.py")
    monkeypatch.chdir(home)
    jobs, store = plan(["reader:table=features.csv"], [path]), Store(home / "runs" / "new")
    (record,) = run_jobs(jobs, store, timeout=60.0, progress=Silence())
    assert record.failure is None
    assert record.used is not None
    assert sorted(record.used.files["current"]) == ["features.csv", "inner/absent.csv", "inner/deep.csv"]
    assert not (home / "made.npy").exists(), "a new file vanishes with the job's folder"
    assert [*stored_records(store, jobs, []).outdated] == []
    (home / "inner" / "absent.csv").touch()
    (home / "features.csv").write_text("5.0")
    assert [*stored_records(store, jobs, []).outdated] == ["features.csv has changed, inner/absent.csv is new"]
