"""What jobs use, in processes of their own: memory, processor time and cores, and nothing of them stays."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from waiting import live_processes

from bench.machine.processes import held_bytes
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.usage import UsageMeter
from bench.tables.results import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs have keepers on Linux alone")

SOURCE = """
import os, subprocess, sys, threading, time
from pathlib import Path
import numpy as np

class Hungry:
    def __init__(self, how: str = "", mark: str = ""):
        self.how, self.mark = how, mark

    def fit(self, train, *, rng):
        if self.how == "workers":
            self.work(3)
        if self.how == "threads":
            self.compute()
        if self.how == "hides":
            self.hide(b"x" * 100_000_000)
        if self.how == "lingers":
            self.hide(b"")
        return self

    def score(self, users, items):
        if self.how == "workers":
            self.work(4)
        return -items * 1.0

    def work(self, number):
        code = "held = b'x' * (100 * 2**20); print(flush=True); input()"
        options = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env={})
        started = [subprocess.Popen([sys.executable, "-S", "-c", code], **options) for _ in range(number)]
        for worker in started:
            worker.stdout.readline()
        time.sleep(0.5)
        for worker in started:
            worker.communicate(b"\\n")

    def compute(self):
        def multiply():
            square = np.ones((300, 300))
            while time.perf_counter() < until:
                square @ square
        until = time.perf_counter() + 0.3
        threads = [threading.Thread(target=multiply) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def hide(self, held):
        if os.fork() == 0:
            os.setsid()
            os.environ.clear()
            Path(self.mark).write_text(f"{os.getpid()}\\n")
            held = held + b"y"
            time.sleep(600)
        while not Path(self.mark).exists():
            time.sleep(0.01)
        if held:
            time.sleep(600)
"""


def run(plan: Plan, plugin: Plugin, folder: Path, *hows: str, **limits: object) -> list[Record]:
    jobs = plan([f"hungry:how={how},mark={folder / how}" for how in hows], [plugin(SOURCE)])
    return run_jobs(jobs, Store(folder / "records"), progress=Silence(), **{"timeout": 60.0, **limits})


def test_the_memory_of_workers_counts_while_fitting_and_while_scoring(
    plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    """P22."""
    (record,) = run(plan, plugin, tmp_path, "workers")
    assert 300 < record.memory.peak_mib < 400 < record.usage.scoring_peak_mib < 600
    (row,) = [line for line in render([record]).splitlines() if line.startswith("hungry")]
    assert int(row.split()[-1]) == round(record.usage.scoring_peak_mib), "the table has the higher one"


def test_the_memory_of_a_worker_that_outlives_a_short_fit_counts() -> None:
    """Where the harness looks for the first time when fitting is over; the system knows no peak of what still lives."""
    meter = UsageMeter(0.0)
    code = "held = b'x' * (100 * 2**20); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()
        own = held_bytes([os.getpid()]) / 2**20
        meter.fitted(ranks_all=False)
        worker.communicate(b"\n")
    memory, _ = meter.scored()
    assert memory.peak_mib > own + 90


@pytest.mark.usefixtures("free_cores")
def test_a_job_is_held_to_as_many_cores_as_it_has_threads(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    """P22: this one starts two threads and has one."""
    (record,) = run(plan, plugin, tmp_path, "threads")
    assert record.threads == 1
    assert record.usage.cores == 1
    assert record.usage.fit_cpu_seconds > 0.02


def test_a_daemon_without_the_jobs_environment_counts_for_the_limit_and_ends_with_the_job(
    plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    hidden, lingering = run(plan, plugin, tmp_path, "hides", "lingers", memory=200_000_000)
    assert hidden.failure.kind == "memory"
    assert re.match(r"stopped at \d+ MiB, over the limit of 191 MiB, while it was fitting", hidden.failure.message)
    assert not lingering.failed
    assert [live_processes(tmp_path / how) for how in ("hides", "lingers")] == [[], []]
