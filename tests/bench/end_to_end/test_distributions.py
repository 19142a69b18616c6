"""The wheel and the source distribution: what they hold, and that the wheel works where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PACKAGES = ("bench", "protocol", "recommenders")
FREE = "bench/machine/clash_free/"

BUILD = "from setuptools import build_meta as build; build.build_{what}({folder!r})"


def run(words: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """Run a command that has to succeed; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    done = subprocess.run(words, cwd=folder, env=environment | variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(what: str, source: Path, folder: Path) -> Path:
    """Build a distribution as an installer does; return it."""
    run([sys.executable, "-c", BUILD.format(what=what, folder=str(folder))], source)
    (built,) = (path for path in folder.iterdir() if path.suffix == {"sdist": ".gz", "wheel": ".whl"}[what])
    return built


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository, of one commit."""
    pytest.importorskip("setuptools", minversion="77")
    copy = tmp_path_factory.mktemp("repository") / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    for name in (*PACKAGES, "tests/helpers"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "--message", "x")):
        run(["git", *words], copy)
    return copy


@pytest.fixture(scope="module")
def source_distribution(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", repository, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(source_distribution: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source_distribution) as opened:
        opened.extractall(folder, filter="data")
    (inside,) = folder.iterdir()
    return inside


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that the source distribution alone makes."""
    return build("wheel", unpacked, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def in_wheel(wheel: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def own_files() -> set[str]:
    """Return the files of our packages, by their paths in a wheel."""
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    found = [path.relative_to(ROOT).as_posix() for path in paths if path.parent.name != "__pycache__"]
    return {name.removeprefix(FREE) for name in found}


def test_the_source_distribution_has_no_part_of_the_tests(unpacked: Path) -> None:
    assert {"pyproject.toml", "setup.py", "bench"} < {path.name for path in unpacked.iterdir()}
    assert not (unpacked / "tests").exists()


def test_the_wheel_has_every_file_once(in_wheel: Mapping[str, bytes]) -> None:
    """Modules, templates, pages, styles, scripts, data: what a package reads has to be in it."""
    installed = {name for name in in_wheel if ".dist-info/" not in name}
    assert installed == {*own_files(), "protocol/commit.txt"}
    assert {"recbench/__init__.py", "bench/page/base.html", "protocol/data/registered.toml"} < installed


def test_both_have_the_commit(repository: Path, in_wheel: Mapping[str, bytes], unpacked: Path) -> None:
    commit = run(["git", "rev-parse", "--short=12", "HEAD"], repository)
    assert in_wheel["protocol/commit.txt"].decode() == commit
    assert (unpacked / "protocol" / "commit.txt").read_text() == commit
    assert not (repository / "protocol" / "commit.txt").exists()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new environment with the wheel; its libraries are those of this one, but for recbench."""
    pytest.importorskip("pip")
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    (site,) = place.glob("lib/python3*/site-packages")
    options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    run([sys.executable, "-m", "pip", "install", *options, "--target", site, wheel], place)
    # Python looks there last, and reads no further files of this kind there: recbench is that of the wheel.
    (site / "libraries.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
    return python


IN_ONE_PROCESS = """
import contextlib
import bench, recbench.bench
from bench.cli.main import main
print(bench.__file__, recbench.bench.__file__)
main(["new", "my-model"])
with contextlib.suppress(SystemExit):
    main(["--version"])
"""


def test_it_runs_where_it_is_installed(installed: Path, in_wheel: Mapping[str, bytes], tmp_path: Path) -> None:
    shown = run([installed, "-c", IN_ONE_PROCESS], tmp_path).splitlines()
    assert all(Path(place).is_relative_to(installed.parents[1]) for place in shown[0].split())
    commit = in_wheel["protocol/commit.txt"].decode().strip()
    assert shown[-1].endswith(f" (commit {commit})")
    assert (tmp_path / "my-model" / "pyproject.toml").is_file()
    options = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--out", "out"]
    assert "popularity" in run([installed, "-m", "bench", "run", "-r", "popularity", *options], tmp_path)
    assert f'"commit": "{commit}"' in next(tmp_path.rglob("record.json")).read_text()


def python_of(version: str) -> Path | str | None:
    """Return an interpreter of a version that starts; None where there is none. pyenv's lie beside each other."""
    own = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for python in (shutil.which(f"python{version}"), *own.glob(f"{version}.*/bin/python")):
        if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_it_starts_under_other_versions_of_python(version: str, wheel: Path, tmp_path: Path) -> None:
    """The command line, which needs no library; those that are compiled for the other version are hardly here."""
    python = python_of(version)
    if python is None:
        pytest.skip(f"there is no python{version} here")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "lib")
    for words in ("--version", "--help"):
        shown = run([python, "-m", "bench", words], tmp_path, PYTHONPATH=str(tmp_path / "lib"))
        assert "recbench" in shown
