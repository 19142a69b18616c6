"""Workers of dask on machines of their own: other networks, other disks, and a driver that dies."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dask_cluster import DaskCluster
from network_apart import Networks, why_not
from waiting import wait_until

from bench.records.store import Store
from bench.running.places.dask_place import DaskPlace
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dask_cluster import Started

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

PLUGIN = """
from pathlib import Path
import time

class Fills:
    deterministic = True
    def __init__(self, driver: str = "", sleep: float = 0.0, marks: str = ""):
        self.driver, self.sleep, self.marks = driver, sleep, marks
    def fit(self, train, *, rng):
        assert not self.driver or not list(Path(self.driver).iterdir()), "the driver's disk is seen"
        if self.marks:
            Path(self.marks).touch()
        time.sleep(self.sleep)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.fixture
def networks() -> Iterator[Networks]:
    if reason := why_not():
        pytest.skip(reason)
    with Networks() as networks:
        yield networks


class Told(Silence):
    """Remembers the explanations."""

    def __init__(self) -> None:
        self.explanations: list[str] = []

    def explained(self, reason: str) -> None:
        self.explanations.append(reason)


def fill(worker: Started) -> None:
    """Fill the disk of a worker."""
    filler = Path(f"/proc/{worker.process.pid}/root{worker.folder}/filler")
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"-" * 4096):
            pass


def test_no_disk_is_shared_and_a_full_one_costs_a_retry_elsewhere(
    plan: Plan, plugin: Plugin, networks: Networks, tmp_path: Path
) -> None:
    driver, path, told = tmp_path / "driver", Path(plugin(PLUGIN)), Told()
    driver.mkdir()
    with DaskCluster(tmp_path / "dask", networks.host) as cluster:
        workers = []
        for number in range(2):
            apart, disk = networks.add(), tmp_path / f"disk-{number}"
            disk.mkdir()
            command = partial(apart.command, disks={disk: "8m", driver: "1m", path.parent: "1m"})
            workers.append(cluster.add_worker(apart.address, command=command, folder=disk))
        cluster.wait_for_workers(*workers)
        fill(workers[1])
        jobs = plan([f"fills:driver={driver}", "random"], [str(path)], elsewhere=True)
        records = run_jobs(
            jobs, Store(driver / "results"), timeout=60.0, progress=told, place=DaskPlace(cluster.address)
        )
    assert [record.failure for record in records] == [None] * 2
    (explanation,) = told.explanations
    assert "is tried again: its worker" in explanation
    assert "its disk is full" in explanation


def test_a_killed_driver_leaves_no_job_behind(plugin: Plugin, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    path = plugin(PLUGIN)
    with DaskCluster(tmp_path / "dask") as cluster:
        worker = cluster.add_worker()
        cluster.wait_for_workers(worker)
        command = [sys.executable, "-m", "bench", "run", "--dataset", "synthetic:60x80x900", "--negatives", "20"]
        command += ["-r", "popularity", "-r", f"fills:sleep=600,marks={marks}", "--plugin", path]
        command += ["--on", f"dask:{cluster.address}", "--out", str(tmp_path / "results")]
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(marks.exists)
            assert worker.jobs()
        finally:
            driver.kill()
            driver.wait()
        wait_until(lambda: not worker.jobs())
        assert worker.process.poll() is None
    assert [record.recommender.label for record in Store(tmp_path / "results").records()] == ["popularity"]
