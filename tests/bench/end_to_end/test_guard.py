"""The script that measures a change and the commit before it in one job (``bench/timing/guard.sh``)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bench.timing

ROOT = Path(__file__).parents[3]
SCRIPT = Path(bench.timing.__file__).with_name("guard.sh")
PAGE = SCRIPT.with_name("README.md").read_text()
TESTS = "tests/test_timing.py"

REPORTING = """#!/usr/bin/env bash
echo "$(cat version.py) $RECBENCH_TIMING_NOT_FROM $*" >> "$LOG"
exit "${CODE:-0}"
"""
"""A program in place of ``recbench``: it writes down what it would have measured."""

CODE = """
import clock

class Model:
    def fit(self, train, *, rng):
        clock.work(1)
        return self

    def score(self, users, items):
        clock.work(1)
"""

CLOCK = """
from bench.timing import benchmarks, measuring
from bench.timing import clock as ours
from bench.timing.reference_workloads import Reference

benchmarks.SIZES = ("60x300x1200",)
measuring.find_reference = lambda _: Reference("fake", lambda: work(1))
now = 0.0

def work(seconds):
    global now
    now += seconds

ours.seconds = lambda: now
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with a branch ``main`` and, one commit further, the current branch ``change``."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / TESTS).write_text("")
    commit(folder, version="old")
    git(folder, "switch", "--quiet", "--create", "change")
    commit(folder, version="new")
    return folder


def guard(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "INSTALL": ":", **variables}
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        ["bash", str(SCRIPT), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def reporting(tmp_path: Path) -> dict[str, str]:
    """Return variables with which the script finds a ``recbench`` that writes a log."""
    program = tmp_path / "bin" / "recbench"
    program.parent.mkdir()
    program.write_text(REPORTING)
    program.chmod(0o755)
    return {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "LOG": str(tmp_path / "log")}


def measured(reporting: dict[str, str]) -> list[list[str]]:
    log = Path(reporting["LOG"])
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def test_the_base_is_measured_first_then_the_change(project: Path, reporting: dict[str, str]) -> None:
    done = guard(project, "main", TESTS, INSTALL="cp version.py installed.py", **reporting)
    assert done.returncode == 0, done.stderr
    base, change = measured(reporting)
    assert [base[0], *base[2:7]] == ["old", "timing", TESTS, "--save", "--sessions", "5"]
    assert [change[0], *change[2:4]] == ["new", "timing", TESTS]
    assert base[-1] == change[-1]  # one file holds the base's times
    assert base[1] == str(project)
    assert change[1].endswith("/base")
    assert (project / "installed.py").read_text() == "new"
    assert git(project, "worktree", "list").count("\n") == 0
    assert not Path(change[1]).parent.exists()


def test_what_main_got_after_the_change_began_is_not_measured(project: Path, reporting: dict[str, str]) -> None:
    git(project, "switch", "--quiet", "main")
    commit(project, version="newer")
    git(project, "switch", "--quiet", "change")
    assert guard(project, "main", TESTS, **reporting).returncode == 0
    assert [line[0] for line in measured(reporting)] == ["old", "new"]


def test_in_a_folder_of_a_repository_both_sides_are_that_folder(project: Path, reporting: dict[str, str]) -> None:
    (project / "inner").mkdir()
    git(project, "mv", "version.py", "tests", "inner")
    commit(project)
    (project / "inner" / "version.py").write_text("newest")
    assert guard(project / "inner", "HEAD", TESTS, **reporting).returncode == 0
    assert [line[0] for line in measured(reporting)] == ["new", "newest"]


def test_new_benchmarks_have_nothing_to_be_compared_with(project: Path, reporting: dict[str, str]) -> None:
    (project / "tests" / "test_new.py").write_text("")
    done = guard(project, "main", "tests/test_new.py::test_it[1]", **reporting)
    assert (done.returncode, measured(reporting)) == (0, [])
    assert "has none of tests/test_new.py::test_it[1]: nothing to compare" in done.stderr
    assert guard(project, "main", TESTS, "tests/test_new.py", **reporting).returncode == 0
    base, change = measured(reporting)
    assert "tests/test_new.py" not in base
    assert "tests/test_new.py" in change


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (("main",), {}, "error: found 1 arguments, expected a commit and tests"),
        (("nowhere", TESTS), {}, "error: there is no commit nowhere here; fetch it"),
        (("main", TESTS), {"INSTALL": "exit 3"}, "this command failed: exit 3"),
        (("main", TESTS), {"CODE": "2"}, "error: the base was not measured; the reason is above"),
    ],
)
def test_what_cannot_be_compared_is_an_error(
    project: Path, reporting: dict[str, str], arguments: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    done = guard(project, *arguments, **reporting, **variables)
    assert done.returncode == 2
    assert message in done.stderr
    assert git(project, "worktree", "list").count("\n") == 0


@pytest.mark.slow
def test_a_slower_fit_is_found_and_alone(project: Path) -> None:
    """With the real command: ``fit`` takes a third longer."""
    test = "import clock\nimport code_of_mine\nfrom bench.timing import recommender_benchmarks\n"
    (project / TESTS).write_text(f"{test}test_it = recommender_benchmarks(code_of_mine.Model)\n")
    (project / "conftest.py").write_text("import clock\n")
    commit(project, clock=CLOCK, code_of_mine=CODE)
    (project / "code_of_mine.py").write_text(CODE.replace("work(1)", "work(4 / 3)", 1))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    light = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_benchmark.plugin,xdist.plugin"}
    done = guard(project, "HEAD", TESTS, PATH=path, SESSIONS="1", **light)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "timing of 2 benchmarks: 1 slower, 1 same" in done.stdout
    assert "1.33" in done.stdout
