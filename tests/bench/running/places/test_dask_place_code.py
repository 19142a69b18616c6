"""Workers of dask with other code than the driver, or on other machines."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dask_cluster import DaskCluster

from bench.machine.environment import physical_cores
from bench.records.store import Store
from bench.running.places.choosing import place_of
from bench.running.places.place import PlaceLostError
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]

ROOT = Path(__file__).parents[4]

LIBRARY = """
import helper

class Popular(helper.Base):
    deterministic = True
"""

HELPER = """
class Base:
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items * 1.0
"""


class Told(Silence):
    """Remembers the explanations."""

    def __init__(self) -> None:
        self.explanations: list[str] = []

    def explained(self, reason: str) -> None:
        self.explanations.append(reason)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture
def cluster(scheduler: DaskCluster) -> Iterator[DaskCluster]:
    """Return a cluster without workers; a test's own end with it."""
    yield scheduler
    scheduler.stop_workers()


@pytest.fixture(scope="module")
def other_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with recbench in which one line differs."""
    folder = tmp_path_factory.mktemp("other")
    for room in ("bench", "protocol", "recommenders"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    popularity = folder / "recommenders" / "popularity.py"
    popularity.write_text(popularity.read_text() + "\nNEW = 1\n")
    return folder


@pytest.fixture(scope="module")
def no_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that hides recbench from Python."""
    folder = tmp_path_factory.mktemp("none")
    (folder / "bench.py").write_text("")
    return folder


def run(planned: list[Job], folder: Path, cluster: DaskCluster, *, same_machine: bool = False) -> tuple[Any, Told]:
    told, place = Told(), place_of(f"dask:{cluster.address}", same_machine=same_machine)
    return run_jobs(planned, Store(folder), timeout=60.0, progress=told, place=place), told


def test_a_worker_with_other_code_is_refused_and_the_others_go_on(
    plan: Plan, cluster: DaskCluster, other_code: Path, no_code: Path, tmp_path: Path
) -> None:
    jobs = plan(["popularity"], elsewhere=True, seeds=(0,))
    others = [cluster.add_worker(environment={"PYTHONPATH": str(folder)}) for folder in (other_code, no_code)]
    cluster.wait_for_workers(*others)
    with pytest.raises(PlaceLostError, match="no worker of dask may run jobs") as refused:
        run(jobs, tmp_path / "results", cluster)
    reasons = str(refused.value)
    assert " at the driver " in reasons
    assert " at the worker " in reasons
    assert "its code is not that of the driver: the code of recbench" in reasons
    assert "'bench' is not a package" in reasons
    cluster.wait_for_workers(cluster.add_worker())
    (record,), told = run(jobs, tmp_path / "results", cluster)
    assert not record.failed
    assert len(told.explanations) == 2


@pytest.mark.slow
def test_all_jobs_on_one_kind_of_machine(plan: Plan, cluster: DaskCluster, tmp_path: Path) -> None:
    if physical_cores() < 2 or shutil.which("taskset") is None:
        pytest.skip("a machine of another kind needs two cores and taskset")
    usual = [cluster.add_worker(), cluster.add_worker()]
    small = cluster.add_worker(command=lambda command: ["taskset", "--cpu-list", "0", *command])
    cluster.wait_for_workers(*usual, small)
    jobs = plan(["random"], elsewhere=True, seeds=range(3))
    records, told = run(jobs, tmp_path / "results", cluster, same_machine=True)
    assert {record.environment.cores for record in records} == {physical_cores()}
    (explanation,) = told.explanations
    assert ", 1 core, " in explanation
    assert "--same-machine" in explanation


@pytest.mark.slow
def test_a_plugin_travels_with_its_files_and_once(
    plan: Plan, cluster: DaskCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    from bench.running.places.dask_errands import Errands

    send = Errands._send_files

    async def noted(errands: Errands, member: Any, digests: Any) -> None:
        sent.extend(digests)
        await send(errands, member, digests)

    monkeypatch.setattr(Errands, "_send_files", noted)
    source = tmp_path / "driver"
    source.mkdir()
    (source / "popular.py").write_text(LIBRARY)
    (source / "helper.py").write_text(HELPER)
    cluster.wait_for_workers(cluster.add_worker())
    jobs = plan(["popular", "random"], [f"{source / 'popular.py'}:Popular"], elsewhere=True, seeds=(0, 1))
    records, _ = run(jobs, tmp_path / "results", cluster)
    assert [record.failed for record in records] == [False, False, False]
    assert len(sent) == len(set(sent)) == 4, "two files of the task, two of the plug-in"
    run(jobs[:1], tmp_path / "again", cluster)
    assert len(sent) == 4, "the worker has them"
