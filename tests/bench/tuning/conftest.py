"""Fixtures for searches that run in a folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here

from bench.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DATA = ("--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1")


TUNABLE = """
class Mine:
    deterministic = True
    def __init__(self, reg: float = 1.0, size: int = 8, layers: tuple[int, ...] = (64, 32), share: bool = False):
        self.reg = reg
    @classmethod
    def search_space(cls):
        return {"reg": {"low": 0.1, "high": 10, "log": True}, "size": [4, 8], "share": True}
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -abs(items - 10.0 * self.reg)
"""


@pytest.fixture
def tunable_source() -> str:
    """The source of a plug-in that declares a search space."""
    return TUNABLE


@pytest.fixture
def no_processes() -> Iterator[None]:
    """Run a test's jobs in this process: what is tested is what is made of their records."""
    with jobs_here():
        yield


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def recbench(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command, and returns its exit code and what it printed on both streams.

    `run` and `tune` get small data.
    """

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        code = main([command, *(DATA if command in ("run", "tune") else ()), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
