"""Checks in a process of their own: what hangs or ends it fails one check by name, and the others go on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from fake_torch import fake_torch

from bench.checks import CHECKS, CheckResult, apart, check_apart
from bench.machine.devices.choosing import Asked
from bench.machine.environment import physical_cores
from protocol.errors import RecommenderError
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


def plugin(folder: Path, at_start: str) -> registry.Entry:
    path = folder / "popular.py"
    path.write_text(MODEL.replace("        AT_START", at_start))
    return registry.plugin_entry(str(path))


def test_what_hangs_or_ends_the_process_fails_one_check_by_name(tmp_path: Path) -> None:
    names = [f"degenerate data: {about}" for about in ("one user", "one item")]
    passed = {name: CheckResult(name, "ok") for name in CHECKS if name not in names}
    results = check_apart(plugin(tmp_path, HANGS_ON_ONE_ITEM), {}, seconds=1.5, known=passed)
    found = {result.name: result for result in results}
    assert list(found) == names
    failed = {name: result.message for name, result in found.items() if result.status == "fail"}
    assert list(failed) == ["degenerate data: one user", "degenerate data: one item"]
    assert failed["degenerate data: one user"].startswith("ended the process of the checks with exit code 3; ")
    assert failed["degenerate data: one item"].startswith("stopped after 1.5 s (popular.py, line 1")
    assert "--timeout SECONDS" in failed["degenerate data: one item"]


def test_a_recommender_is_checked_on_the_device_that_is_asked_for(tmp_path: Path) -> None:
    """Without one it is an error before any check; the processor is told to a class that takes a device."""
    file = tmp_path / "placed.py"
    file.write_text(
        "class Placed:\n"
        "    def __init__(self, *, device, precision='float32'):\n"
        "        self.place = device, precision\n"
        "    def fit(self, train, *, rng):\n"
        "        raise ValueError(self.place)\n"
        "    def score(self, users, items):\n"
        "        return items * 1.0\n"
    )
    entry = registry.plugin_entry(str(file))
    asked = Asked("cpu", "bf16")
    result = next(result for result in check_apart(entry, {}, asked=asked) if result.status == "fail")
    assert "('cpu', 'bf16')" in result.message
    with fake_torch(0), pytest.raises(RecommenderError, match="device: there is no cuda here"):
        next(check_apart(entry, {}, asked=Asked("cuda")))


def test_threads_are_those_of_a_job_and_nothing_is_left_behind(tmp_path: Path) -> None:
    wrote = tmp_path / "wrote"
    at_start = f"""
        import pathlib, subprocess, sys
        if pathlib.Path({str(wrote)!r}).exists():
            return self
        environment = {{}} if sys.platform == "linux" else None
        sleep = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
        child = subprocess.Popen(sleep, start_new_session=True, env=environment)
        pathlib.Path({str(wrote)!r}).write_text(f"{{os.environ['OMP_NUM_THREADS']}} {{child.pid}}")
"""
    results = check_apart(plugin(tmp_path, at_start), {})
    assert next(results).status == "ok"
    results.close()  # type: ignore[attr-defined]
    threads, child = map(int, wrote.read_text().split())
    assert threads == physical_cores()
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_what_a_recommender_writes_into_open_files_ends_nothing(tmp_path: Path) -> None:
    at_start = """
        event = b'{"name": "NAME", "result": 5}\\n'
        for number in range(3, 20):
            for line in (b"junk\\n", b"[1]\\n", b"{}\\n", event, b"junk without an end"):
                try:
                    os.write(number, line)
                except OSError:
                    pass
""".replace("NAME", next(iter(CHECKS)))
    results = check_apart(plugin(tmp_path, at_start), {})
    assert next(results).status == "ok"
    results.close()  # type: ignore[attr-defined]


def test_a_process_that_ended_just_before_it_was_stopped_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems find no process that has ended, and was not waited for yet."""

    def find_none(*_: object) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(apart.os, "kill", find_none)
    with subprocess.Popen([sys.executable, "-c", ""], start_new_session=True) as process:
        examiner = apart._Examiner(process, 0, tmp_path, "mine.py")
        assert examiner._stopped(2.0).startswith("stopped after 2 s; look for a loop")
