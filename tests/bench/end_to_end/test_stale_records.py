"""A stored figure answers only while all that its job used is the same, however the plug-in reaches it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.cli.main import main
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.stored import stored_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job

MODEL = """
import importlib, json, os, sys
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "lib"))
from by_sys_path import SIGN
from by_pythonpath import OFFSET
from second.package import FACTOR

class Mine:
    deterministic = True

    def fit(self, train, *, rng):
        importlib.import_module("by_import" + "lib")
        with open("config.json") as file:
            sign = json.load(file)["sign"]
        self.weights = SIGN * sign * (OFFSET + np.load(os.path.join(HERE, "weights.npy")).sum() * FACTOR)
        if not os.path.exists("made.npy"):
            np.save("made.npy", self.weights)
        return self

    def score(self, users, items):
        return self.weights * items
"""

LINE = {
    "lib/by_sys_path.py": "SIGN = 1.0\n",
    "path/by_pythonpath.py": "OFFSET = 1.0\n",
    "path/second/package.py": "FACTOR = 1.0\n",
    "src/by_importlib.py": "UNUSED = 1.0\n",
    "config.json": '{"sign": 1}\n',
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose model reaches its code and its data in as many ways as there are."""
    home = tmp_path / "repo with space"
    for name, text in {"src/my model.py": MODEL, "path/second/__init__.py": "", **LINE}.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    np.save(home / "src" / "weights.npy", np.ones(3))
    monkeypatch.chdir(home)
    monkeypatch.setenv("PYTHONPATH", str(home / "path"))
    return home


def test_whatever_it_reaches_is_noticed(
    repository: Path, plan: Callable[..., list[Job]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, store = plan([], ["src/my model.py"]), Store(tmp_path / "results")

    def outdated() -> list[str]:
        return [*stored_records(store, jobs, []).outdated]

    (stored,) = run_jobs(jobs, store, timeout=60.0, progress=Silence())
    assert stored.used is not None
    assert stored.used.folder == "src"
    assert {root: sorted(files) for root, files in stored.used.files.items()} == {
        "current": ["config.json", "lib/by_sys_path.py"],
        "path": ["by_pythonpath.py", "second/__init__.py", "second/package.py"],
        "plug-in": ["by_importlib.py", "my model.py", "weights.npy"],
    }
    assert str(tmp_path) not in str(stored.document)
    assert outdated() == []
    names = {"by_pythonpath.py": "path/by_pythonpath.py", "lib/by_sys_path.py": "lib/by_sys_path.py"}
    names |= {"second/package.py": "path/second/package.py", "by_importlib.py": "src/by_importlib.py"}
    names |= {"config.json": "config.json"}
    for name, place in names.items():
        path = repository / place
        path.write_text(LINE[place].replace("1", "-1"))
        assert outdated() == [f"{name} has changed"]
        path.write_text(LINE[place])
    assert outdated() == [], "all is as it was"
    other = shutil.copytree(repository / "path", repository / "other")
    monkeypatch.setenv("PYTHONPATH", str(other))
    assert outdated() == [], "the same code in another folder"
    (other / "by_pythonpath.py").write_text("OFFSET = 2.0\n")
    assert outdated() == ["by_pythonpath.py has changed"]


def test_an_edit_is_fitted_anew_and_said_and_verify_names_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "--plugin", "src/my model.py", "-r", "mine", "--dataset", "synthetic:60x80x900"]
    command += ["--negatives", "20", "--threads", "1", "--out", "results"]

    def run(*options: str) -> tuple[str, list[str]]:
        """Return the row's figures, and what is said of the stored record."""
        assert main([*command, *options]) == 0
        printed = capsys.readouterr()
        (row,) = [line for line in printed.out.splitlines() if line.startswith("mine")]
        return " ".join(row.split()[:4]), printed.err.splitlines()

    def use() -> str:
        assert main(["verify", "results"]) == 0
        return " ".join(capsys.readouterr().out.partition("use")[2].partition("keys:")[0].split())

    before, said = run()
    assert said[0] == "1 job to run; records go to results"
    assert run() == (before, ["1 job is stored in results already; no jobs to run"])
    (repository / "config.json").write_text('{"sign": -1}')
    assert "config.json has changed" in use()
    after, said = run()
    assert after != before
    assert said[:2] == [
        "1 job to run; records go to results",
        "mine is fitted anew: config.json has changed",
    ]
    assert run() == (after, ["1 job is stored in results already; no jobs to run"])
    assert "1 record used files and libraries as they are here" in use()
    _, said = run("--refit")
    assert said[0] == "1 job to run; records go to results"
    assert len(Store(Path("results")).records()) == 1


def test_a_default_that_comes_from_another_file_is_read_anew(repository: Path, plan: Callable[..., list[Job]]) -> None:
    (repository / "src" / "my model.py").write_text(
        MODEL.replace("    def fit", "    def __init__(self, sign=SIGN): pass\n    def fit")
    )
    assert [job.parameters for job in plan([], ["src/my model.py"])] == [{"sign": 1.0}]
    (repository / "lib" / "by_sys_path.py").write_text("SIGN = 2.0\n")
    assert [job.parameters for job in plan([], ["src/my model.py"])] == [{"sign": 2.0}]
