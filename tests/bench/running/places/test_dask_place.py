"""Jobs on a real cluster of dask."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from dask_cluster import DaskCluster
from jobs_here import jobs_here
from waiting import live_processes, wait_until

from bench.records.store import Store
from bench.running.places import dask_session, dask_worker
from bench.running.places.choosing import place_of
from bench.running.places.dask_errands import Errands
from bench.running.places.dask_place import DaskPlace
from bench.running.places.place import PlaceLostError
from bench.running.places.waiting import Waiting, WaitingLine
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from dask_cluster import Started
    from distributed import Client

    from bench.records.record import Record
    from bench.running.places.dask_member import Member
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

SLOW = """
import os, subprocess, sys, time
from pathlib import Path

class Slow:
    def __init__(self, marks: str = "", wait: float = 600.0, times: int = 1):
        self.marks, self.wait, self.times = Path(marks), wait, times
    def fit(self, train, *, rng):
        started = len(list(self.marks.iterdir()))
        deserter = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        draft = self.marks.parent / f"{os.getpid()}.draft"
        draft.write_text(f"{os.getpid()} {deserter.pid}")
        draft.rename(self.marks / str(os.getpid()))
        if started < self.times:
            time.sleep(self.wait)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture
def workers(cluster: DaskCluster) -> Iterator[list[Started]]:
    """Add two workers for one test; a test adds others to the list."""
    # With a limit, dask pauses them, and lets them go on, by their memory.
    started = [cluster.add_worker(options=["--memory-limit", "0"]) for _ in range(2)]
    cluster.wait_for_workers(*started)
    yield started
    for worker in started:
        worker.kill_all()


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Return a folder in which each start of a slow job leaves a file with the numbers of its processes."""
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


class Told(Silence):
    """Remembers what a run says."""

    def __init__(self) -> None:
        self.explanations: list[str] = []
        self.started_jobs: list[str] = []
        self.phases: list[str] = []

    def explained(self, reason: str) -> None:
        self.explanations.append(reason)

    def started(self, job: Job) -> None:
        self.started_jobs.append(job.choice.label)

    def reported(self, job: Job, event: dict[str, Any]) -> None:
        self.phases.append(event["phase"])


def run(planned: list[Job], folder: Path, place: DaskPlace, timeout: float = 60.0, **options: Any) -> list[Record]:
    told = options.pop("told", Told())
    return run_jobs(planned, Store(folder), timeout=timeout, progress=told, place=place, **options)


def in_background(*arguments: Any, **options: Any) -> Future[list[Record]]:
    """Run jobs in another thread; return the future of their records."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(run, *arguments, **options)
    pool.shutdown(wait=False)
    return future


def none_lives(marks: Path) -> bool:
    """Return whether all processes of slow jobs have ended; a zombie has."""
    return not any(map(live_processes, marks.iterdir()))


def worker_process(marks: Path) -> psutil.Process:
    """Return the process of the worker that runs the job which left its mark last; a nanny is above it."""
    newest = max(marks.iterdir(), key=lambda mark: mark.stat().st_mtime_ns)
    above = psutil.Process(int(newest.name)).parents()
    return next(one for one in above if re.search("dask_worker|spawn_main", " ".join(one.cmdline())))


def test_records_are_those_of_this_machine(
    plan: Plan, cluster: DaskCluster, workers: list[Started], tmp_path: Path
) -> None:
    jobs = plan(["popularity", "als:epochs=2"], elsewhere=True, seeds=(0, 1))
    told = Told()
    there = run(jobs, tmp_path / "there", DaskPlace(cluster.address), told=told)
    with jobs_here():
        here = run_jobs(jobs, Store(tmp_path / "here"), timeout=60.0, progress=Silence())
    assert [record.contents.files for record in there] == [record.contents.files for record in here]
    assert all(record.environment.cpu != "A_CPU" for record in there), "the worker's, not the driver's"
    assert [record.usage.at_once for record in there if record.usage] == [2, 2, 2]
    assert sorted(told.started_jobs) == ["als:epochs=2", "als:epochs=2", "popularity"]
    assert {"fit", "score"} <= set(told.phases)
    again = Told()
    assert len(run(jobs, tmp_path / "there", DaskPlace("tcp://127.0.0.1:1"), told=again)) == 3
    assert again.started_jobs == [], "what is stored needs no cluster"


def test_a_killed_worker_costs_a_retry_elsewhere(
    plan: Plan, plugin: Plugin, cluster: DaskCluster, workers: list[Started], marks: Path, tmp_path: Path
) -> None:
    jobs = plan([f"slow:marks={marks}", "popularity"], [plugin(SLOW)], elsewhere=True)
    future = in_background(jobs, tmp_path / "results", DaskPlace(cluster.address))
    wait_until(lambda: list(marks.iterdir()))
    worker_process(marks).kill()
    slow, popularity = future.result(100)
    assert not slow.failed
    assert not popularity.failed
    assert len(list(marks.iterdir())) == 2
    wait_until(lambda: none_lives(marks))


@pytest.mark.slow
def test_a_third_lost_worker_is_a_row(
    plan: Plan,
    plugin: Plugin,
    cluster: DaskCluster,
    workers: list[Started],
    marks: Path,
    tmp_path: Path,
) -> None:
    workers.append(cluster.add_worker(nanny=True))
    cluster.wait_for_workers(*workers)
    jobs = plan([f"slow:marks={marks},times=9"], [plugin(SLOW)], elsewhere=True)
    future = in_background(jobs, tmp_path / "results", DaskPlace(cluster.address))
    for number in range(1, 4):
        wait_until(lambda number=number: len(list(marks.iterdir())) == number)
        worker_process(marks).kill()
    (record,) = future.result(100)
    assert record.failure is not None
    assert record.failure.kind == "lost"
    assert "the third time" in record.failure.message
    time.sleep(1.0)
    assert len(list(marks.iterdir())) == 3, "dask does not run it again"


def test_stop_ends_the_jobs_there_with_all_that_they_started(
    plan: Plan, plugin: Plugin, cluster: DaskCluster, workers: list[Started], marks: Path, tmp_path: Path
) -> None:
    place = DaskPlace(cluster.address)
    jobs = plan([f"slow:marks={marks},times=9,wait={wait}" for wait in (500, 600)], [plugin(SLOW)], elsewhere=True)
    future = in_background(jobs, tmp_path / "results", place)
    wait_until(lambda: len(list(marks.iterdir())) == 2)
    place.stop()
    with pytest.raises(KeyboardInterrupt):
        future.result(100)
    wait_until(lambda: none_lives(marks))
    assert all(worker.process.poll() is None for worker in workers), "the workers are not ours"


def test_limits_are_those_of_a_local_run(
    plan: Plan, plugin: Plugin, cluster: DaskCluster, workers: list[Started], marks: Path, tmp_path: Path
) -> None:
    jobs = plan([f"slow:marks={marks}"], [plugin(SLOW)], elsewhere=True)
    (record,) = run(jobs, tmp_path / "results", DaskPlace(cluster.address), timeout=3.0)
    assert record.failure is not None
    assert record.failure.kind == "timeout"
    assert record.failure.message.startswith("stopped after 3 s, while it was ")
    wait_until(lambda: none_lives(marks))


def test_a_scheduler_that_goes_away_ends_the_run_and_what_is_finished_is_kept(
    plan: Plan, plugin: Plugin, marks: Path, tmp_path: Path
) -> None:
    with DaskCluster(tmp_path / "dask") as cluster:
        worker = cluster.add_worker()
        cluster.wait_for_workers(worker)
        jobs = plan(["popularity", f"slow:marks={marks}"], [plugin(SLOW)], elsewhere=True)
        future = in_background(jobs, tmp_path / "results", DaskPlace(cluster.address))
        wait_until(lambda: list(marks.iterdir()))
        cluster.scheduler.kill()
        with pytest.raises(PlaceLostError, match=r"the scheduler of dask is gone .*finished jobs are kept"):
            future.result(100)
        wait_until(lambda: none_lives(marks))
    assert [record.recommender.label for record in Store(tmp_path / "results").records()] == ["popularity"]


def of_cluster(cluster: DaskCluster, ask: Callable[[Client], Awaitable[Any]]) -> Any:
    """Return what a cluster answers to a client as the driver has it."""

    async def answer() -> Any:
        client = await dask_session.connected(cluster.address)
        try:
            return await ask(client)
        finally:
            await client.close()

    return asyncio.run(answer())


def address_of(cluster: DaskCluster, pid: int) -> str:
    """Return the address of the worker with a process."""
    pids = of_cluster(cluster, lambda client: client.run(eval, "str(__import__('os').getpid())"))
    return next(address for address, found in pids.items() if found == str(pid))


def test_the_driver_reads_no_pickle(cluster: DaskCluster, workers: list[Started]) -> None:
    with pytest.raises(TypeError, match="serialize"):
        of_cluster(cluster, lambda client: client.submit(eval, "__import__('fractions').Fraction(1, 2)"))


def test_a_retired_worker_costs_a_retry_elsewhere(
    plan: Plan, plugin: Plugin, cluster: DaskCluster, workers: list[Started], marks: Path, tmp_path: Path
) -> None:
    jobs, told = plan([f"slow:marks={marks}"], [plugin(SLOW)], elsewhere=True), Told()
    future = in_background(jobs, tmp_path / "results", DaskPlace(cluster.address), told=told)
    wait_until(lambda: list(marks.iterdir()))
    address = address_of(cluster, worker_process(marks).pid)
    of_cluster(cluster, lambda client: client.retire_workers([address]))
    (record,) = future.result(100)
    assert not record.failed
    (text,) = told.explanations
    assert f" is tried again: its worker {address} " in text
    assert len(list(marks.iterdir())) == 2
    wait_until(lambda: none_lives(marks), 60)


_DASK = "__import__('distributed')"
PAUSE, GO_ON = (
    f"[setattr(one, 'status', {_DASK}.Status.{status}) for one in {_DASK}.Worker._instances]"
    for status in ("paused", "running")
)
"""Makes a worker that evaluates it pause, as it does when its memory is full; or go on."""


def test_paused_workers_keep_no_job_waiting(
    plan: Plan, cluster: DaskCluster, workers: list[Started], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is paused before, and one while it gets the files of its job; the third runs all."""
    workers.append(cluster.add_worker())
    cluster.wait_for_workers(*workers)
    before, meanwhile = (address_of(cluster, worker.process.pid) for worker in workers[:2])
    send, rejoin, recalled = Errands._send_files, WaitingLine.rejoin, []

    async def pause_and_send(errands: Errands, member: Member, digests: Any) -> None:
        if member.address == meanwhile:
            await errands._client.run(eval, PAUSE, workers=[meanwhile])
        await send(errands, member, digests)

    def noted(line: WaitingLine, waiting: Waiting) -> None:
        recalled.append(waiting)
        rejoin(line, waiting)

    monkeypatch.setattr(Errands, "_send_files", pause_and_send)
    monkeypatch.setattr(WaitingLine, "rejoin", noted)
    of_cluster(cluster, lambda client: client.run(eval, PAUSE, workers=[before]))
    jobs, told = plan(["random"], elsewhere=True, seeds=range(3)), Told()
    records = run(jobs, tmp_path / "results", DaskPlace(cluster.address), told=told)
    assert [record.failed for record in records] == [False] * 3
    assert told.explanations == []
    assert len(recalled) == 1
    assert [any(one.folder.rglob("recbench-blobs")) for one in workers] == [False, True, True]


def test_a_run_whose_workers_are_all_paused_says_so_and_goes_on_when_one_comes_back(
    plan: Plan, cluster: DaskCluster, workers: list[Started], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.running.places.dask_pauses.PAUSED_SECONDS", 0.0)
    of_cluster(cluster, lambda client: client.run(eval, PAUSE))
    told = Told()
    future = in_background(
        plan(["popularity"], elsewhere=True), tmp_path / "results", DaskPlace(cluster.address), told=told
    )
    wait_until(lambda: told.explanations)
    one = address_of(cluster, workers[1].process.pid)
    of_cluster(cluster, lambda client: client.run(eval, GO_ON, workers=[one]))
    (record,) = future.result(100)
    assert not record.failed
    waiting, going_on = told.explanations
    assert waiting.startswith("1 job waits: all 2 workers of dask are paused")
    assert going_on == "a worker of dask takes jobs again: the run goes on"


def test_without_the_library_it_says_how_to_add_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("bench.running.places.dask")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RecbenchError, match="needs the library distributed"):
        place_of("dask:tcp://127.0.0.1:8786")


def test_an_error_that_dask_leaves_behind_is_not_printed(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As `distributed.client.AllExit` is, where the wait for a job is cancelled because its worker is gone."""

    async def fails() -> None:
        raise ConnectionError("left behind")

    async def leaves_an_error(_: str) -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        del task
        gc.collect()
        raise PlaceLostError("it is gone")

    monkeypatch.setattr(dask_session, "connected", leaves_an_error)
    with pytest.raises(PlaceLostError, match="it is gone"):
        run(plan(["popularity"], elsewhere=True), tmp_path, DaskPlace("tcp://127.0.0.1:1"))
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == []


def test_without_an_address_it_says_how_to_write_it() -> None:
    with pytest.raises(ProtocolError, match="write --on dask:tcp://HOST:8786"):
        place_of("dask:")


@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://", "tcp://:8786", "tcp://host", "tcp://host:1x", "what://host:1"]
)
def test_an_address_that_cannot_be_one_is_refused_at_once(address: str) -> None:
    with pytest.raises(ProtocolError, match=f"dask:{address} names no scheduler; write --on dask:tcp://HOST:8786"):
        place_of(f"dask:{address}")


@pytest.mark.filterwarnings("error")
def test_what_dask_cannot_connect_is_said_in_words_and_leaves_nothing_open() -> None:
    with pytest.raises(PlaceLostError, match=r"no scheduler of dask answers at tls://127\.0\.0\.1:1 \(TLS expects "):
        asyncio.run(dask_session.connected("tls://127.0.0.1:1"))
    gc.collect()


def test_a_task_that_dask_gives_to_another_process_is_not_run() -> None:
    assert dask_worker.run("name", "the process that died", b"", 1) == b""


def test_without_a_scheduler_or_a_worker_nothing_begins(
    plan: Plan, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("bench.running.places.dask_session.CONNECTING_SECONDS", 0.5)
    jobs = plan(["popularity"], elsewhere=True)
    with pytest.raises(PlaceLostError, match=r"no scheduler of dask answers at tcp://127.0.0.1:1 .*dask scheduler"):
        run(jobs, tmp_path / "results", DaskPlace("tcp://127.0.0.1:1"))
    with pytest.raises(PlaceLostError, match="there is no worker; start some with `dask worker"):
        run(jobs, tmp_path / "results", DaskPlace(cluster.address))
