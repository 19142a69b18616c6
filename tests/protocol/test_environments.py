"""Environments of programs: built once, from the requirements only, with a report; a failed build gives its reason."""

from __future__ import annotations

import logging
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from protocol import environments
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wheel(folder: Path, name: str) -> str:
    """Write a package of one module, and return the requirement that it is: no index is asked."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "answer = 42\n")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return f"{name} @ file://{path}"


def test_it_is_built_once_and_holds_the_requirements_alone(
    tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    requirements = [wheel(tmp_path, "tiny")]
    assert not environments.is_ready(requirements)
    folder = environments.ready(requirements, "", "mine")
    assert folder.parent == cache / "environments"
    assert environments.is_ready(requirements)
    assert caplog.messages[0].startswith(f"mine: building its environment, once, in {folder}")
    assert caplog.messages[-1] == "mine: its environment is ready."
    caplog.clear()
    code = "import importlib.util as find, tiny; print(tiny.answer, find.find_spec('numpy'))"
    done = subprocess.run(
        [folder / "bin" / "python", "-P", "-c", code], capture_output=True, text=True, check=True, env={}
    )
    assert done.stdout == "42 None\n"

    assert environments.ready(requirements, "", "mine") == folder
    assert caplog.messages == []
    (folder / ".complete").unlink()  # As an interrupted build leaves it.
    assert environments.ready(requirements, "", "mine") == folder
    assert "building" in caplog.messages[0]
    assert not environments.is_ready([*requirements, "more"])


def test_what_cannot_be_installed_is_named(tmp_path: Path) -> None:
    requirement = f"nowhere @ file://{tmp_path}/nowhere-1.0-py3-none-any.whl"
    with pytest.raises(RecommenderError, match=r"the environment of mine cannot be built \(.*pip.*\): .*nowhere-1\.0"):
        environments.ready([requirement], "", "mine")
    assert not environments.is_ready([requirement])


def test_another_interpreter_gets_another_environment() -> None:
    assert environments._folder(["tiny"], "3.11") != environments._folder(["tiny"], "3.12")
