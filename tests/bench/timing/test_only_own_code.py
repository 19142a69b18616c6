"""A session that imports the other version's code fails."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from bench.timing.only_own_code import VARIABLE, pytest_sessionfinish

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a module that is loaded, and must not be."""
    module = ModuleType("of_the_other_version")
    module.__file__ = str(tmp_path / "src" / "module.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def test_it_is_named(loaded: Path) -> None:
    with pytest.raises(pytest.exit.Exception, match=r"imported .*src/module\.py, .* INSTALL hold a command") as caught:
        pytest_sessionfinish()
    assert caught.value.returncode == 2


@pytest.mark.usefixtures("loaded")
def test_what_is_installed_beside_it_is_not_its_code(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment often lies in the project's own folder."""
    monkeypatch.setattr(sys, "prefix", str(loaded / "src"))
    pytest_sessionfinish()


def test_without_a_folder_all_may_be_imported(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    pytest_sessionfinish()
    monkeypatch.setenv(VARIABLE, str(loaded / "other"))
    pytest_sessionfinish()
