"""Modules are found without being run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from recommenders.registry.locating import find_module, is_installed, root_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a package that must not be run."""
    package = tmp_path / "lying_there" / "inner"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("raise RuntimeError('nothing is run')\n")
    (package / "__init__.py").write_text("raise RuntimeError('nothing is run')\n")
    (package / "model.py").write_text("raise RuntimeError('nothing is run')\n")
    return tmp_path


def origin(name: str, folder: str = "") -> Path | None:
    spec = find_module(name, folder)
    return None if spec is None or spec.origin is None else Path(spec.origin)


def test_inner_modules_are_found_in_a_folder_and_on_the_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = folder / "lying_there" / "inner" / "model.py"
    assert find_module("lying_there.inner.model") is None
    assert origin("lying_there.inner.model", str(folder)) == expected
    monkeypatch.syspath_prepend(folder)
    assert origin("lying_there.inner.model") == expected
    assert "lying_there" not in sys.modules


def test_packages_need_no_init(tmp_path: Path) -> None:
    (tmp_path / "spacious" / "inner").mkdir(parents=True)
    (tmp_path / "spacious" / "inner" / "model.py").write_text("")
    assert origin("spacious.inner.model", str(tmp_path)) == tmp_path / "spacious" / "inner" / "model.py"
    assert find_module("spacious.inner", str(tmp_path)) is not None
    assert find_module("spacious.other", str(tmp_path)) is None


@pytest.mark.parametrize(
    "name", ["nowhere_at_all", "nowhere_at_all.model", "lying_there.model", "lying_there.inner.model.more", "json.nope"]
)
def test_what_is_not_there_is_not_found(folder: Path, name: str) -> None:
    assert find_module(name, str(folder)) is None


def test_the_root_is_the_folder_of_the_top(folder: Path) -> None:
    spec = find_module("lying_there", str(folder))
    assert spec is not None
    assert root_of(spec) == folder.resolve()


def test_a_module_without_a_file_has_no_root() -> None:
    spec = find_module("sys")
    assert spec is not None
    assert root_of(spec) is None


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("lib/python3.11/site-packages/example/core.py", True),
        ("share/example.json", True),
        ("src/example/core.py", False),
        ("../repository/core.py", False),
    ],
)
def test_what_is_installed_is_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, expected: bool
) -> None:
    """An editable installation from a repository lies in ``src`` of the virtual environment."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    path = (tmp_path / "environment" / place).resolve()
    assert is_installed(path) == expected
    assert is_installed(Path(os.__file__).resolve())
