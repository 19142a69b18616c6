"""The workers of any executor: only ``submit`` and futures are used, and what they lose is tried elsewhere."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jobs_here import jobs_here
from sleepy import SLEEPY
from waiting import is_written, live_processes, wait_until

import bench
from bench.records.conditions import jobs_at_once
from bench.records.store import Store
from bench.running.folder_view import FolderView
from bench.running.places.executor import ExecutorPlace
from bench.running.places.place import PlaceLostError, RunOfJobs
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.supervisor import Limits
from bench.running.travel import visiting
from bench.running.travel.blobs import Blobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]


class Submits:
    """An executor with nothing but ``submit``; calls and results are pickled, as on their way to another process."""

    def __init__(self, act: Callable[[int, Any], Any] = lambda _, call: call()) -> None:
        self._act, self.n_calls = act, 0

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        future: Future[Any] = Future()
        number = self.n_calls
        self.n_calls += 1

        def run() -> None:
            try:
                result = self._act(number, lambda: function(*arguments))
                future.set_result(pickle.loads(pickle.dumps(result)))
            except BaseException as error:  # noqa: BLE001 - as executors do
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


def run(jobs: list[Job], folder: Path, executor: Any, **options: Any) -> list[Record]:
    return run_jobs(jobs, Store(folder), timeout=60.0, progress=Silence(), place=ExecutorPlace(executor), **options)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_pool_of_processes_gives_the_same_table(plan: Plan, tmp_path: Path, method: str) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as executor:
        found = bench.run("synthetic:60x80x900", ["als:epochs=1"], negatives=20, executor=executor, out=tmp_path / "a")
    with jobs_here():
        local = bench.run("synthetic:60x80x900", ["als:epochs=1"], negatives=20, threads=1, out=tmp_path / "b")
    (one,), (other,) = found.records, local.records
    assert one.key == other.key
    assert (one.ranks.n_better == other.ranks.n_better).all()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [".lock", "manifest.json", "records"]


@pytest.mark.usefixtures("in_this_process")
def test_submit_is_enough_and_models_come_along(plan: Plan, tmp_path: Path) -> None:
    (record,) = run(plan(["popularity"]), tmp_path, Submits(), keep_models=True)
    assert jobs_at_once(record) is None, "an executor does not say so"
    assert record.model is not None
    assert record.model.is_in(Store(tmp_path).folder_of(record))


@pytest.mark.usefixtures("in_this_process")
def test_threads_run_one_job_at_a_time_in_their_process(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    most: list[int] = []
    real = visiting._Visit.answer

    def answer(visit: Any) -> Any:
        running.append(1)
        most.append(len(running))
        found = real(visit)
        running.pop()
        return found

    monkeypatch.setattr(visiting._Visit, "answer", answer)
    with ThreadPoolExecutor(4) as executor:
        records = run(plan(["popularity", "ease", "als:epochs=1"], seeds=(0, 1)), tmp_path, executor)
    assert [record.failure for record in records] == [None] * 4
    assert max(most) == 1


@pytest.mark.usefixtures("in_this_process")
def test_a_worker_that_sees_no_file_of_the_driver_is_sent_them_once(
    plan: Plan, plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.running.places import executor as module

    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache")
    real, sent = module.work, []

    def elsewhere(parcel: bytes, where: Any, files: Any) -> bytes:
        sent.append(len(files))
        return real(parcel, replace(where, folder="/not/on/this/machine"), files)

    monkeypatch.setattr(module, "work", elsewhere)
    monkeypatch.setattr(pickle, "dumps", lambda value: value)
    monkeypatch.setattr(pickle, "loads", lambda value: value)
    executor = Submits()
    source = "class Mine:\n    deterministic = True\n    def fit(self, train, *, rng):\n        return self\n"
    source += "    def score(self, users, items):\n        return -items * 1.0\n"
    for name, plugins in (("popularity", []), ("mine", [plugin(source)])):
        (record,) = run(plan([name], plugins), tmp_path / name, executor)
        assert record.failure is None
    assert sent == [0, 2, 0, 1], "the task's two files, and then the source alone"


@pytest.mark.usefixtures("in_this_process")
def test_a_worker_that_loses_the_files_it_is_sent_costs_the_row(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Blobs, "missing", lambda _, digests: list(digests))
    executor = Submits()
    (record,) = run(plan(["popularity"]), tmp_path, executor)
    assert record.failure is not None
    assert "lacks 2 files), the third time" in record.failure.message
    assert executor.n_calls == 4


@pytest.mark.usefixtures("in_this_process")
def test_a_worker_that_dies_costs_a_try_and_the_third_one_the_row(plan: Plan, tmp_path: Path) -> None:
    def dies(times: int) -> Callable[[int, Any], Any]:
        def act(number: int, call: Any) -> Any:
            if number < times:
                raise RuntimeError("the worker node7 was killed")
            return call()

        return act

    twice = Submits(dies(2))
    (record,) = run(plan(["popularity"]), tmp_path / "twice", twice)
    assert (record.failure, twice.n_calls) == (None, 3)
    always = Submits(dies(99))
    (record,) = run(plan(["popularity"]), tmp_path / "always", always)
    assert record.failure is not None
    assert record.failure.kind == "lost"
    assert record.failure.message == (
        "its worker died (RuntimeError: the worker node7 was killed), the third time; it is not tried again"
    )
    assert always.n_calls == 3


@pytest.mark.usefixtures("in_this_process")
def test_what_was_damaged_on_its_way_is_tried_again(plan: Plan, tmp_path: Path) -> None:
    def act(number: int, call: Any) -> Any:
        content = bytearray(call())
        content[len(content) // 2] ^= number == 0
        return bytes(content)

    executor = Submits(act)
    (record,) = run(plan(["popularity"]), tmp_path, executor)
    assert (record.failure, executor.n_calls) == (None, 2)


@pytest.mark.usefixtures("in_this_process")
def test_an_executor_that_breaks_ends_the_run_and_what_is_finished_is_kept(plan: Plan, tmp_path: Path) -> None:
    def act(number: int, call: Any) -> Any:
        if number == 0:
            return call()
        wait_until(Store(tmp_path).documents)
        raise BrokenExecutor("gone")

    with pytest.raises(PlaceLostError, match=r"runs no more jobs \(BrokenExecutor: gone\); what is finished is kept"):
        run(plan(["popularity", "ease"]), tmp_path, Submits(act))
    assert [record.recommender.name for record in Store(tmp_path).records()] == ["popularity"]
    records = run(plan(["popularity", "ease"]), tmp_path, Submits())
    assert [record.failure for record in records] == [None, None]


@pytest.mark.usefixtures("in_this_process")
def test_other_code_ends_the_run_before_a_job_runs(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec import structs

    from bench.running.travel.identity import OtherCodeError, identity

    monkeypatch.setattr(visiting, "identity", lambda: structs.replace(identity(), versions={"python": "2.7"}))
    with pytest.raises(OtherCodeError, match=r"python is .* at the driver .* and 2\.7 at the worker"):
        run(plan(["popularity"]), tmp_path, Submits())


@pytest.mark.usefixtures("in_this_process")
def test_a_stored_record_of_another_processor_answers_elsewhere_alone(plan: Plan, tmp_path: Path) -> None:
    other = {"cpu": "B", "versions": {"python": "3.11"}, "instructions": "another"}
    (stored,) = run_jobs(plan(["ease"], environment=other), Store(tmp_path), timeout=60, progress=Silence())
    executor = Submits()
    (record,) = run(plan(["ease"]), tmp_path, executor)
    assert (record.key, executor.n_calls) == (stored.key, 0)
    (here,) = run_jobs(plan(["ease"]), Store(tmp_path), timeout=60, progress=Silence())
    assert here.key != stored.key


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
@pytest.mark.usefixtures("ctrl_c_interrupts")
def test_ctrl_c_ends_the_job_at_its_worker_with_all_that_it_started(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    mark = tmp_path / "pids"

    def interrupt() -> None:
        wait_until(lambda: is_written(mark))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    jobs = plan([f"sleepy:mark={mark}", "popularity"], [plugin(SLEEPY)])
    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        run(jobs, tmp_path / "out", executor)
    assert not live_processes(mark)
    assert Store(tmp_path / "out").is_empty


class Fetches:
    """An executor that has fetched its calls, so that none can be cancelled, and runs them when a test says so."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self.calls.append(lambda: future.set_result(function(*arguments)))
        return future


def opened(job: Job, folder: Path, executor: Any) -> ExecutorPlace:
    place = ExecutorPlace(executor)
    place.open(RunOfJobs([job], Limits(60.0, None), Silence(), FolderView.of(folder, folder), folder))
    return place


def test_a_call_that_was_fetched_before_ctrl_c_runs_no_job(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.running.places import executor as module

    visits: list[object] = []
    monkeypatch.setattr(module, "visit", lambda *arguments, **_: visits.append(arguments))
    (job,), executor = plan(["popularity"]), Fetches()
    place = opened(job, tmp_path, executor)
    returned = place.submit(job)
    place.stop()
    late = threading.Timer(0.1, executor.calls[0])
    late.start()
    place.close()
    late.join()
    assert visits == []
    assert isinstance(returned.exception(0), KeyboardInterrupt)
    assert [*tmp_path.iterdir()] == []


def test_a_call_that_does_not_end_keeps_no_run_from_ending(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.running.places.executor.ENDING_SECONDS", 0.05)
    (job,) = plan(["popularity"])
    place = opened(job, tmp_path, Fetches())
    place.submit(job)
    place.stop()
    place.close()
    assert [*tmp_path.iterdir()] == []
