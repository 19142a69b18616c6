"""A fitted model is kept beside its record; one that cannot be kept costs no row, and the row says why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jobs_here import jobs_here

from bench.records.store import Store
from bench.running import supervisor, taking
from bench.running.keeping import NO_METHODS
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from protocol.errors import RecbenchWarning
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

SAVES = """
import json, os, pickle, shutil, time, zipfile
import numpy as np

class Saves:
    deterministic = True
    def __init__(self, how: str = ""):
        self.how, self.offset = how, None
    def fit(self, train, *, rng):
        self.offset = 7.0
        return self
    def score(self, users, items):
        return (items * 37 % 101 + users[:, None] * items % 13) * self.offset
    def save(self, folder):
        text = json.dumps({"offset": self.offset})
        (folder / "inner").mkdir()
        (folder / "inner" / "state.json").write_text(text)
        if self.how == "raises":
            raise RuntimeError("no room\\nfor this")
        if self.how == "exits":
            os._exit(3)
        if self.how == "hangs":
            time.sleep(600)
        if self.how == "nothing":
            shutil.rmtree(folder / "inner")
        if self.how == "goes":
            shutil.rmtree(folder.parent)
        if self.how == "link":
            (folder / "link").symlink_to("/etc/passwd")
        if self.how == "hard":
            os.link(folder / "inner" / "state.json", folder / "same")
        if self.how == "pipe":
            os.mkfifo(folder / "pipe")
        if self.how == "pickle":
            (folder / "model.bin").write_bytes(pickle.dumps({"a": 1}))
        if self.how == "torch":
            with zipfile.ZipFile(folder / "model.pt", "w") as archive:
                archive.writestr("archive/data.pkl", b"")
        if self.how == "objects":
            np.save(folder / "objects.npy", np.array([{}], dtype=object))
        if self.how == "many":
            for number in range(1001):
                (folder / str(number)).touch()
        if self.how == "name":
            (folder / "a\\nb").touch()
    def load(self, folder):
        self.offset = json.loads((folder / "inner" / "state.json").read_text())["offset"]
        if self.how == "other":
            self.offset = None
        if self.how == "wrong":
            self.score = lambda users, items: -items * 1.0
        return None if self.how == "none" else self
"""


@pytest.fixture(scope="module", autouse=True)
def _here() -> Iterator[None]:
    with jobs_here():
        yield


def kept(jobs: list[Job], folder: Path, **options: Any) -> list[Record]:
    return run_jobs(jobs, Store(folder), timeout=60.0, progress=Silence(), keep_models=True, **options)


def test_a_model_lies_beside_its_record(plan: Plan, tmp_path: Path) -> None:
    (record,) = kept(plan(["als:epochs=1"]), tmp_path)
    assert record.model is not None
    place = Store(tmp_path).folder_of(record) / record.model.folder
    assert [path.name for path in place.iterdir()] == ["state.safetensors"] == list(record.model.files)
    assert record.model.n_bytes == (place / "state.safetensors").stat().st_size
    assert (
        registry.new(registry.find("als"), {"epochs": 1}).load(place).score_all(record.top_items[:2, 0]).shape[0] == 2
    )
    assert not list(tmp_path.glob(".writing-*"))


def test_without_the_option_none_is_kept(plan: Plan, tmp_path: Path) -> None:
    (record,) = run_jobs(plan(["popularity"]), Store(tmp_path), timeout=60.0, progress=Silence())
    assert record.model is None
    assert "model" not in record.document
    assert not list(tmp_path.rglob("model*"))


class Explained(Silence):
    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.n_run = 0

    def begin(self, jobs: Any, *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        self.n_run = len(jobs)

    def explained(self, reason: str) -> None:
        self.reasons.append(reason)


def run_again(jobs: list[Job], folder: Path, **options: Any) -> Explained:
    told = Explained()
    run_jobs(jobs, Store(folder), timeout=60.0, progress=told, **options)
    return told


def test_a_stored_record_without_a_model_is_fitted_anew_and_this_is_said(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity"])
    run_again(jobs, tmp_path)
    told = run_again(jobs, tmp_path, keep_models=True)
    assert (told.n_run, told.reasons) == (1, ["popularity is fitted anew: its model was not kept"])
    assert run_again(jobs, tmp_path, keep_models=True).n_run == 0
    assert run_again(jobs, tmp_path).n_run == 0
    (path,) = tmp_path.rglob("state.safetensors")
    path.unlink()
    told = run_again(jobs, tmp_path, keep_models=True)
    assert (told.n_run, told.reasons) == (1, ["popularity is fitted anew: the files of its model are gone"])
    assert path.exists()


def test_a_record_that_replaces_one_has_no_old_model(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity"])
    kept(jobs, tmp_path)
    with pytest.warns(RecbenchWarning, match="kept model of popularity will be gone .* add --keep-models") as warned:
        run_again(jobs, tmp_path, refit=True)
    assert len(warned) == 1
    assert not list(tmp_path.rglob("model*"))
    run_again(jobs, tmp_path, refit=True)


def test_a_model_whose_content_has_changed_is_fitted_anew(plan: Plan, tmp_path: Path) -> None:
    """Also where its size is the same."""
    jobs = plan(["popularity"])
    kept(jobs, tmp_path)
    (path,) = tmp_path.rglob("state.safetensors")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    told = run_again(jobs, tmp_path, keep_models=True)
    assert told.reasons == ["popularity is fitted anew: the files of its model have changed"]
    assert path.read_bytes() == content
    assert run_again(jobs, tmp_path, keep_models=True).n_run == 0


def test_a_model_that_was_gone_when_its_row_got_a_name_is_fitted_anew(plan: Plan, tmp_path: Path) -> None:
    kept(plan(["popularity"]), tmp_path)
    (path,) = tmp_path.rglob("state.safetensors")
    path.unlink()
    (job,) = plan(["popularity"])
    object.__setattr__(job.choice, "display_name", "Most popular")
    run_again([job], tmp_path)
    assert Store(tmp_path).records()[0].model.problem == "its files are gone"
    told = run_again([job], tmp_path, keep_models=True)
    assert told.reasons == ["popularity is fitted anew: the files of its model are gone"]
    assert path.exists()


def test_a_name_that_is_given_later_keeps_the_model(plan: Plan, tmp_path: Path) -> None:
    kept(plan(["popularity"]), tmp_path)
    (job,) = plan(["popularity"])
    object.__setattr__(job.choice, "display_name", "Most popular")
    run_again([job], tmp_path)
    (record,) = Store(tmp_path).records()
    assert record.recommender.display_name == "Most popular"
    assert record.model is not None
    assert record.model.is_in(Store(tmp_path).folder_of(record))


PROBLEMS = {
    "raises": "save raised RuntimeError: no room for this",
    "nothing": "what it saved cannot be used: FileNotFoundError",
    "other": "what it saved cannot be used: TypeError",
    "wrong": "the loaded model gives other scores than the fitted one",
    "none": "load returned NoneType, expected the recommender itself",
    "link": "link is a link or no regular file; only regular files are kept",
    "hard": "same is a link or no regular file; only regular files are kept",
    "pipe": "pipe is a link or no regular file; only regular files are kept",
    "pickle": "model.bin is a pickle, and reading one runs what it holds",
    "torch": "model.pt is a pickle, and reading one runs what it holds",
    "objects": "objects.npy is a pickle, and reading one runs what it holds",
    "many": "save wrote more than 1,000 files",
    "name": "save wrote 'a\\nb', a name that cannot be kept",
}


def test_what_cannot_be_kept_costs_no_row_and_says_why(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    rows = ["saves", *(f"saves:how={how}" for how in PROBLEMS)]
    good, *others = kept(plan(rows, [plugin(SAVES)]), tmp_path / "results")
    assert good.model is not None
    assert list(good.model.files) == ["inner/state.json"]
    assert [record.failed for record in others] == [False] * len(PROBLEMS)
    for record, (how, problem) in zip(others, PROBLEMS.items(), strict=True):
        assert record.model is not None
        assert not record.model.files
        assert str(record.model.problem).startswith(problem), how
        assert [path.name for path in Store(tmp_path / "results").folder_of(record).iterdir() if path.is_dir()] == []


def test_a_recommender_without_the_methods_is_a_row_without_a_model(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    path = plugin(SAVES.replace("def save", "def write"))
    (record,) = kept(plan(["saves"], [path]), tmp_path / "results")
    assert record.model.problem == NO_METHODS
    assert run_again(plan(["saves"], [path]), tmp_path / "results", keep_models=True).n_run == 0


def test_a_model_that_is_too_large_is_not_kept(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST_BYTES", 1000)
    (record,) = kept(plan(["als:epochs=1"]), tmp_path)
    assert record.model.problem.startswith("save wrote more than ")


def test_a_failed_job_has_no_model(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    path = plugin(SAVES.replace("self.offset = 7.0", "raise ValueError"))
    (record,) = kept(plan(["saves"], [path]), tmp_path / "results")
    assert record.failed
    assert record.model is None


def test_the_model_of_a_choice_of_epochs_is_the_one_that_was_scored(plan: Plan, tmp_path: Path) -> None:
    (record,) = kept(plan(["als:epochs=3"], patience=1), tmp_path)
    assert record.model.problem is None


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("exits", "its process ended with exit code 3, while it was saving its model"),
        ("hangs", "stopped after 0.5 s, while it was saving its model"),
        ("goes", "its process ended with exit code 1, while it was saving its model"),
    ],
)
def test_a_process_that_ends_while_it_saves_costs_no_row(
    plan: Plan, plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, problem: str
) -> None:
    if how == "hangs":
        monkeypatch.setattr(supervisor, "SAVING_SECONDS", 0.5)
    (job,) = plan([f"saves:how={how}"], [plugin(SAVES)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervisor.Supervisor, "run", REALLY_RUN)
        (record,) = kept([job], tmp_path / "results")
    assert not record.failed
    assert record.model.problem == problem
    assert json.loads(json.dumps(record.document))["time"]["fit_seconds"] < 0.5


REALLY_RUN = supervisor.Supervisor.run


def test_models_of_other_rows_are_not_shown_to_jobs(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where results go to the user's own folder."""
    monkeypatch.chdir(tmp_path)
    shown: list[str] = []

    def look(self: supervisor.Supervisor, job: Job) -> Record:
        shown.extend(path.name for path in self._view.links if path.is_relative_to(tmp_path))
        return jobs_run(self, job)

    jobs_run = supervisor.Supervisor.run
    monkeypatch.setattr(supervisor.Supervisor, "run", look)
    kept(plan(["popularity"]), tmp_path)
    run_again(plan(["random"]), tmp_path, keep_models=True)
    assert [name for name in shown if name != ".lock"] == []
