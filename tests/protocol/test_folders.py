"""The cache folder: one for datasets and environments, named by the user or the system's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from protocol.folders import cache_folder
from recommenders.adapters.environments import folder_of_environments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RECBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return tmp_path


def test_the_user_names_the_folder_and_a_tilde_is_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    monkeypatch.setenv("RECBENCH_CACHE", "~/mine")
    assert cache_folder() == home / "mine"


def test_environments_are_built_in_the_same_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECBENCH_CACHE", "~/mine")
    assert folder_of_environments() == home / "mine" / "environments"


@pytest.mark.skipif(sys.platform != "linux", reason="the system's cache folder of Linux")
@pytest.mark.parametrize("named", [None, ""])
def test_without_a_name_it_is_in_the_cache_folder_of_the_system(
    named: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if named is not None:
        monkeypatch.setenv("RECBENCH_CACHE", named)
    assert cache_folder() == home / ".cache" / "recbench"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    assert cache_folder() == home / "xdg" / "recbench"
