"""Checks in a process of their own: what hangs or ends it fails one check by name, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from bench.checks import CHECKS, apart, check_apart
from bench.machine.environment import physical_cores
from recommenders import registry

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """
import os
import numpy as np

class Popular:
    deterministic = True
    personalised = False
    def fit(self, train, *, rng):
        AT_START
        self.counts = np.bincount(train.items, minlength=train.n_items)
        return self
    def score(self, users, items):
        return self.counts[items]
"""

HANGS_ON_ONE_ITEM = """
        seen = set(zip(train.users.tolist(), train.items.tolist()))
        for user in {user for user, _ in seen}:
            item = 0
            while (user, item) in seen:
                item = rng.integers(train.n_items)
        if train.n_users == 1:
            os._exit(3)
"""


@pytest.fixture
def _few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a failure start no more processes than the test needs: the checks after degenerate data are left out."""
    names = [*CHECKS]
    last = names.index("degenerate data: all users alike")
    monkeypatch.setattr(apart, "CHECKS", dict.fromkeys(names[: last + 1]))


def plugin(folder: Path, at_start: str) -> registry.Entry:
    path = folder / "popular.py"
    path.write_text(MODEL.replace("        AT_START", at_start))
    return registry.plugin_entry(str(path))


@pytest.mark.usefixtures("_few_checks")
def test_what_hangs_or_ends_the_process_fails_one_check_by_name(tmp_path: Path) -> None:
    found = {}
    for result in check_apart(plugin(tmp_path, HANGS_ON_ONE_ITEM), {}, seconds=2.5):
        found[result.name] = result
        if result.name == "degenerate data: all users alike":
            break
    failed = {name: result.message for name, result in found.items() if result.status == "fail"}
    assert list(failed) == ["degenerate data: one user", "degenerate data: one item"]
    assert failed["degenerate data: one user"].startswith("ended the process of the checks with exit code 3; ")
    assert failed["degenerate data: one item"].startswith("stopped after 2.5 s (popular.py, line 1")
    assert "--timeout SECONDS" in failed["degenerate data: one item"]
    assert found["degenerate data: all users alike"].status == "ok"


def test_threads_are_those_of_a_job_and_nothing_is_left_behind(tmp_path: Path) -> None:
    wrote = tmp_path / "wrote"
    at_start = f"""
        import pathlib, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        pathlib.Path({str(wrote)!r}).write_text(f"{{os.environ['OMP_NUM_THREADS']}} {{child.pid}}")
"""
    results = check_apart(plugin(tmp_path, at_start), {})
    assert next(results).status == "ok"
    results.close()  # type: ignore[attr-defined]
    threads, child = map(int, wrote.read_text().split())
    assert threads == physical_cores()
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
