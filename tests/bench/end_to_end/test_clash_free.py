"""The package ``recbench``: ours under names that cannot clash with packages of a user's project."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import recbench

import bench.api
import protocol.compiled
from bench.machine.shadowing import OURS

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
import bench.mine, protocol.mine, recommenders.mine
import recbench.bench
from recbench.bench.checks import conformance_tests
from recbench.bench.scaffold.project import write_project
from recbench.protocol.errors import RecbenchError
from recbench.recommenders.registry import entries, load_class
from pathlib import Path
import sys

assert {bench.owner, protocol.owner, recommenders.owner} == {"user"}
results = recbench.bench.run("synthetic:60x80x900", ["popularity"], negatives=20)
assert "popularity" in recbench.bench.render(results, "latex")
assert load_class(entries()["popularity"]).__module__ == "recbench.recommenders.popularity"
assert write_project("my-model", Path())
try:
    recbench.bench.run("nowhere", ["popularity"])
except RecbenchError:
    pass
else:
    raise AssertionError("the error is of another class")
ours = {name for name in sys.modules if name.partition(".")[0] in ("bench", "protocol", "recommenders")}
assert ours == {f"{name}{part}" for name in ("bench", "protocol", "recommenders") for part in ("", ".mine")}, ours
"""

BENCHMARK = """
import bench.mine
from recbench.bench.timing import measure

def test_it(benchmark):
    measure(benchmark, lambda: sum(range(1000)))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with packages of our names that are not ours."""
    for name in OURS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("owner = 'user'\n")
        (tmp_path / name / "mine.py").touch()
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)


def test_both_can_be_used_at_once(project: Path) -> None:
    """A run and its table, and what our modules import late and by texts."""
    (project / "program.py").write_text(PROJECT)
    done = python(project, "program.py")
    assert done.returncode == 0, done.stderr


def test_the_command_starts_in_such_a_folder(project: Path) -> None:
    done = python(project, "-m", "recbench", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "recbench COMMAND" in done.stdout


def test_benchmarks_of_such_a_project_are_found(project: Path) -> None:
    (project / "test_it.py").write_text(BENCHMARK)
    plugins = ("-p", "recbench.bench.timing.only_benchmarks", "-p", "recbench.bench.timing.only_own_code")
    done = python(project, "-m", "pytest", "-q", *plugins, "--benchmark-disable", "test_it.py")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_names_are_ours() -> None:
    assert recbench.OURS == OURS
    from recbench.bench import api
    from recbench.protocol import compiled

    assert api.__file__ == bench.api.__file__
    assert api is not bench.api
    # A cached kernel loads the module that it names.
    assert compiled._SHARED != protocol.compiled._SHARED


@pytest.mark.parametrize("name", ["recbench.numpy", "recbench.bench.nothing", "recbench.tests"])
def test_other_modules_are_not_in_it(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"ModuleNotFoundError: No module named '{name}'"
