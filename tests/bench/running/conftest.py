"""What tests of jobs share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bench.machine import environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def free_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let all cores be free for a test, whichever other runs of this machine hold: what is locked are these files."""
    for core in os.sched_getaffinity(0):
        folder = tmp_path / "cores" / f"cpu{core}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{core}\n")
    monkeypatch.setattr(environment, "_CPUS", tmp_path / "cores")
