"""The cache folder: one for datasets and environments, named by the user or the system's own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from bench.cli.main import main
from protocol.environments import folder_of_environments
from protocol.errors import RecbenchError
from protocol.folders import cache_folder, expanded

if TYPE_CHECKING:
    from collections.abc import Callable
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


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be a user without an entry in the password file and without ``HOME``; return the folder for temporary files."""

    def no_entry(user: object) -> None:
        raise KeyError(user)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_user_without_a_home_has_a_cache_among_the_temporary_files(homeless: Path) -> None:
    folder = cache_folder()
    assert folder == homeless / f"cache-of-recbench-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cache_folder() == folder


@pytest.mark.parametrize("theirs", [lambda folder: folder.mkdir(0o777), lambda folder: folder.symlink_to("/")])
def test_a_folder_that_others_may_write_is_no_cache(homeless: Path, theirs: Callable[[Path], None]) -> None:
    place = homeless / f"cache-of-recbench-{os.getuid()}"
    theirs(place)
    if place.is_dir() and not place.is_symlink():
        place.chmod(0o777)
    with pytest.raises(RecbenchError, match=r"may be written by others; name a folder .* RECBENCH_CACHE"):
        cache_folder()


def test_without_a_home_a_command_works(homeless: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert main(["verify", "~nouser/x"]) == 2
    assert main(["run", "--dataset", "~nouser/x.csv", "--out", str(homeless / "out")]) == 2
    assert main(["run", "--dataset", "synthetic", "--plugin", "~nouser/x.py", "--out", str(homeless / "out")]) == 2
    assert main(["run", "--dataset", "ncf:~nouser/x", "--out", str(homeless / "out")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_home_of_an_unknown_user_is_a_name_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(expanded("~nouser/x")) == "~nouser/x"
    monkeypatch.setenv("RECBENCH_CACHE", "~nouser/x")
    with pytest.raises(RecbenchError, match="RECBENCH_CACHE is '~nouser/x', and there is no such home"):
        cache_folder()
