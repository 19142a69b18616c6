"""Interpreters: the running one, one of a range, and errors that say what was found but not where."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import python_discovery

from protocol.errors import RecommenderError
from protocol.interpreters import interpreter

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = "{}.{}.{}".format(*sys.version_info[:3])


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide the interpreters of this machine, but for the running one; return the one folder on ``PATH``."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


@pytest.mark.parametrize("python", ["", "python{}.{}".format(*sys.version_info[:2])])
def test_the_running_one_needs_no_search(python: str) -> None:
    assert interpreter(python, "mine") == (sys.executable, sys.version)


def test_the_running_one_fits_a_range(alone: Path) -> None:
    path, version = interpreter(f">={RUNNING},<4", "mine")
    assert version == sys.version
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("python", [">=9.9,<10", "python0.1"])
def test_where_none_fits_the_error_says_what_was_found_but_not_where(alone: Path, python: str) -> None:
    with pytest.raises(RecommenderError) as caught:
        interpreter(python, "mine")
    said = str(caught.value)
    assert said.startswith(f"mine needs an interpreter that is {python}; found ")
    assert f"CPython {RUNNING}" in said
    assert "install one that fits and put it on PATH" in said
    assert not {str(alone), sys.prefix, sys.base_prefix} & set(said.split())
    assert os.sep not in said


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(RecommenderError, match=r"^mine: python is '>=new', expected a name, such as python3\.11, or a"):
        interpreter(">=new", "mine")


def test_one_that_does_not_run_is_named(alone: Path) -> None:
    broken = alone / "python7.1"
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(RecommenderError, match=r"^mine: .*python7\.1 does not run: "):
        interpreter(str(broken), "mine")


@pytest.mark.parametrize(("python", "taken"), [(">=3.12", "usual"), ("python3.13t", "free-threaded")])
def test_a_free_threaded_build_is_taken_only_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch, python: str, taken: str
) -> None:
    builds = [
        SimpleNamespace(executable="free-threaded", version="3.13", free_threaded=True),
        SimpleNamespace(executable="usual", version="3.13", free_threaded=False),
    ]
    monkeypatch.setattr(
        python_discovery, "get_interpreter", lambda key, predicate: next(filter(predicate, builds), None)
    )
    assert interpreter(python, "mine")[0] == taken
