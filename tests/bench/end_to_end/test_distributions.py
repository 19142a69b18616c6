"""What the wheel and the source distribution hold."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

BUILD = """
from setuptools import build_meta
build_meta.build_sdist("built")
build_meta.build_wheel("built")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both, built from a copy of the repository."""
    pytest.importorskip("setuptools", minversion="77")
    copy = tmp_path_factory.mktemp("repository") / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("bench", "protocol", "recommenders", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return copy / "built"


@pytest.fixture(scope="module")
def in_wheel(built: Path) -> set[str]:
    (wheel,) = built.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.slow
def test_the_source_distribution_has_no_part_of_the_tests(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        inside = {name.partition("/")[2] for name in opened.getnames()}
    assert {"pyproject.toml", "bench/__main__.py"} < inside
    assert not any(name.partition("/")[0] == "tests" for name in inside)


@pytest.mark.slow
def test_the_wheel_has_every_module_once(in_wheel: set[str]) -> None:
    modules = {name for name in in_wheel if name.endswith(".py")}
    own = {
        path.relative_to(ROOT).as_posix()
        for package in ("bench", "protocol", "recommenders")
        for path in (ROOT / package).rglob("*.py")
    }
    free = "bench/machine/clash_free/"
    assert modules == {name.removeprefix(free) for name in own}
    assert {"recbench/__init__.py", "recbench/__main__.py"} < modules


@pytest.mark.slow
def test_the_wheel_has_the_script_and_the_pages(in_wheel: set[str]) -> None:
    assert {"bench/timing/guard.sh", "bench/timing/README.md", "protocol/README.md"} < in_wheel
