"""ml-100k is taken out of a package's wheel when its publisher does not answer."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from grouplens import DATA, INTER, WHEEL_MEMBER, Server, files_in, put, zipped

from protocol.data import package_index
from protocol.data.fetching import fetch
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path


RECBOLE = REGISTERED["ml-100k"].sources[-1].package


def test_the_package_index_comes_last(cache: Path, grouplens: Server, monkeypatch) -> None:
    """The wheel's file has a header line above the original bytes."""
    monkeypatch.setattr(
        package_index, "download_wheel", lambda _, folder: put(folder / "any.whl", zipped(**{WHEEL_MEMBER: INTER}))
    )
    assert fetch("ml-100k").read_bytes() == DATA
    assert grouplens.n_requests == 1
    assert files_in(cache) == ["ml-100k/u.data"]


def test_only_the_smallest_is_in_the_package_index(offline) -> None:
    with pytest.raises(DatasetError, match="put it into a folder") as error:
        fetch("ml-1m")
    assert "package index" not in str(error.value)
    assert "folder: none named (--data-dir or RECBENCH_DATA)" in str(error.value)


def wheel() -> bytes:
    """Return the smallest wheel that pip takes for recbole's."""
    info = "recbole-1.2.1.dist-info"
    return zipped(
        **{
            WHEEL_MEMBER: INTER,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: recbole\nVersion: 1.2.1\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
    )


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip look into a folder and nowhere else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "wheels"


def test_pip_fetches_the_wheel_from_where_it_is_configured_to_look(tmp_path: Path, wheels: Path) -> None:
    put(wheels / "recbole-1.2.1-py3-none-any.whl", wheel())
    fetched = package_index.download_wheel(RECBOLE, tmp_path)
    assert fetched == tmp_path / "recbole-1.2.1-py3-none-any.whl"
    assert fetched.read_bytes() == wheel()


def test_the_error_has_the_last_line_of_pip(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(
        UnavailableError, match=r"pip download recbole==1\.2\.1 failed: ERROR: No matching distribution"
    ):
        package_index.download_wheel(RECBOLE, tmp_path)


@pytest.mark.parametrize(("said", "n_attempts"), [("Connection refused", 1), ("Read timed out.", 2)])
def test_only_an_index_that_is_there_is_waited_for(said: str, n_attempts: int, tmp_path: Path, monkeypatch) -> None:
    """The first attempt is impatient: no retries, and 5 seconds."""
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", f"WARNING: {said}\nERROR: no\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(UnavailableError, match="failed: ERROR: no"):
        package_index.download_wheel(RECBOLE, tmp_path)
    assert len(commands) == n_attempts
    assert commands[0][-4:] == ["--retries", "0", "--timeout", "5"]
    assert all("--timeout" not in command for command in commands[1:])
