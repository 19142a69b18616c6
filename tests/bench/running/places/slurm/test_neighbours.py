"""How many jobs of a run a machine ran at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.running.places.slurm import neighbours
from bench.running.places.slurm.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_one_alone_has_no_neighbours(tmp_path: Path) -> None:
    with Neighbours(tmp_path) as found:
        pass
    assert found.most == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_one_that_comes_later_counts(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    with Neighbours(tmp_path) as found:
        (here,) = tmp_path.iterdir()
        (here / str(other.pid)).touch()
    assert found.most == 2


def test_one_that_was_there_between_counts(
    tmp_path: Path, other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "LOOK_SECONDS", 0.01)
    with Neighbours(tmp_path) as found:
        file = next(tmp_path.iterdir()) / str(other.pid)
        file.touch()
        while found.most == 1:
            pass
        file.unlink()
    assert found.most == 2


def test_one_that_was_killed_counts_no_more(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    other.kill()
    other.wait()
    with Neighbours(tmp_path) as found:
        (next(tmp_path.iterdir()) / str(other.pid)).touch()
    assert found.most == 1
