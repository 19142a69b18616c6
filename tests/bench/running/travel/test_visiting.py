"""A job on a worker: in any process, whatever its standard streams, threads and signals; and ended with its driver."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs
from sleepy import SLEEPY
from waiting import is_written, live_processes, wait_until

from bench.running.travel import lease, visiting
from bench.running.travel.acceptance import accepted
from bench.running.travel.answer import Answer, read_answer
from bench.running.travel.blobs import Blobs
from bench.running.travel.bundle import BundleError, unbundled
from bench.running.travel.identity import identity
from bench.running.travel.parcel import read_parcel
from bench.running.travel.visiting import BEGUN, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]
    ParcelOf = Callable[[Job], bytes]

STRANGE = """
import multiprocessing, os, signal, sys, threading
from pathlib import Path
from bench.running.travel.blobs import Blobs
from bench.running.travel.visiting import visit

how, parcel, blobs, answer = sys.argv[1:]

def run():
    found = visit(Path(parcel).read_bytes(), Blobs(Path(blobs)))
    Path(answer).write_bytes(found.encoded())

if "signals" in how:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if "closed" in how:
    for number in (0, 1, 2):
        os.close(number)
if "daemon" in how:
    worker = multiprocessing.get_context("fork").Process(target=run, daemon=True)
else:
    worker = threading.Thread(target=run)
worker.start()
worker.join()
"""


@pytest.mark.parametrize("how", ["closed streams, signals ignored", "daemon, empty input", "thread, an open pipe"])
def test_a_job_runs_whatever_the_process_of_the_worker_is_like(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path, how: str
) -> None:
    (job,) = plan(["popularity"])
    (tmp_path / "parcel").write_bytes(parcel_of(job))
    (tmp_path / "strange.py").write_text(STRANGE)
    answer = tmp_path / "answer"
    command = [sys.executable, "strange.py", how, "parcel", str(blobs.folder), str(answer)]
    stdin = subprocess.PIPE if "pipe" in how else subprocess.DEVNULL
    environment = {**os.environ, "PYTHONPATH": str(Path(visiting.__file__).parents[3])}
    with subprocess.Popen(command, cwd=tmp_path, stdin=stdin, env=environment, stderr=subprocess.PIPE) as process:
        _, printed = process.communicate() if stdin == subprocess.DEVNULL else (process.wait(200), b"")
    assert process.returncode == 0, printed
    record, _ = accepted(read_answer(answer.read_bytes()).bundle, job)
    assert record.failure is None
    assert record.ranks is not None


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_a_job_ends_with_its_lease_and_all_that_it_started_does(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.05)
    mark = tmp_path / "pids"
    (job,) = plan([f"sleepy:mark={mark}"], [plugin(SLEEPY)])
    renewal = lease.FileRenewal(tmp_path / "lease")

    def withdraw() -> None:
        wait_until(lambda: is_written(mark))
        renewal.withdraw()

    threading.Thread(target=withdraw, daemon=True).start()
    answer = visit(parcel_of(job), blobs, lease=lease.FileLease(tmp_path / "lease"))
    assert (answer.kind, answer.bundle) == ("stopped", b"")
    assert not live_processes(mark)


@pytest.fixture
def popular(plan: Plan, in_this_process: None) -> Job:
    return plan(["popularity"])[0]


def test_events_come_in_order_and_the_record_is_of_this_machine(
    popular: Job, parcel_of: ParcelOf, blobs: Blobs
) -> None:
    events: list[Any] = []
    answer = visit(parcel_of(popular), blobs, on_event=events.append, at_once=3)
    assert events[0] == BEGUN
    assert [event["phase"] for event in events[1:]] == ["fit", "score"]
    record, _ = accepted(answer.bundle, popular)
    assert record.environment.cpu == visiting.environment_here()["cpu"] != "A_CPU"
    assert record.usage is not None
    assert record.usage.at_once == 3


def test_a_worker_with_other_code_runs_nothing(popular: Job, parcel_of: ParcelOf, blobs: Blobs) -> None:
    parcel = read_parcel(parcel_of(popular))
    other = structs.replace(identity(), versions={**identity().versions, "numpy": "0.1"})
    events: list[Any] = []
    answer = visit(structs.replace(parcel, identity=other).encoded(), blobs, on_event=events.append)
    assert answer.kind == "refused"
    assert "numpy is 0.1 at the driver" in answer.reason
    assert events == []


def test_files_that_a_worker_lacks_or_has_damaged_are_named(
    popular: Job, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path
) -> None:
    content = parcel_of(popular)
    needed = read_parcel(content).blobs
    assert set(visit(content, Blobs(tmp_path / "none")).missing) == set(needed)
    (blobs.folder / needed[0]).write_bytes(b"damaged")
    assert visit(content, Blobs(blobs.folder)).missing == (needed[0],)


def test_a_worker_without_a_place_for_its_files_says_that_it_is_unfit(
    popular: Job, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path
) -> None:
    answer = visit(parcel_of(popular), blobs, scratch=tmp_path / "not" / "there")
    assert answer.kind == "unfit"
    assert "cannot start a job" in answer.reason


def test_a_package_that_the_worker_lacks_costs_the_row_and_names_the_worker(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs
) -> None:
    (job,) = plan([], [plugin(SLEEPY)])
    parcel = read_parcel(parcel_of(job))
    for entry, said in (
        (structs.replace(parcel.entry, reference="no_such_package.model:Mine", files={}), "is not installed on the"),
        (structs.replace(parcel.entry, reference="msgspec.json:Mine", files={}), "install the same version there"),
    ):
        answer = visit(structs.replace(parcel, entry=entry).encoded(), blobs)
        record, _ = unbundled(answer.bundle)
        assert record.failure is not None
        assert said in record.failure.message


def test_a_library_of_another_version_costs_the_row_and_both_are_named(
    popular: Job, parcel_of: ParcelOf, blobs: Blobs
) -> None:
    for name, here in (("psutil", metadata.version("psutil")), ("no-such-library", "not installed")):
        parcel = structs.replace(read_parcel(parcel_of(popular)), libraries={name: "0.0.1"})
        record, _ = unbundled(visit(parcel.encoded(), blobs).bundle)
        assert record.failure is not None
        assert record.failure.message.startswith(f"{name} is 0.0.1 at the driver and {here} on the worker ")


def test_a_record_of_another_job_is_not_accepted(plan: Plan, popular: Job, parcel_of: ParcelOf, blobs: Blobs) -> None:
    answer = visit(parcel_of(popular), blobs)
    for other in plan(["ease"]) + plan(["popularity"], threads=2):
        with pytest.raises(BundleError, match="is of something else: its"):
            accepted(answer.bundle, other)


def test_an_answer_that_was_damaged_on_its_way_is_refused() -> None:
    content = Answer(kind="stopped").encoded()
    assert read_answer(content).kind == "stopped"
    with pytest.raises(BundleError):
        read_answer(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.usefixtures("in_this_process")
def test_a_job_that_fails_on_a_full_disk_is_for_another_worker_and_the_reason_is_short(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "LEAST_FREE_BYTES", 2**62)
    source = "class Fails:\n    deterministic = True\n    def fit(self, train, *, rng): raise OSError(28, 'no space')\n"
    path = plugin(source + "    def score(self, users, items): return -items * 1.0\n")
    answer = visit(parcel_of(plan(["fails"], [path])[0]), blobs)
    assert (answer.kind, answer.bundle) == ("unfit", b"")
    assert answer.reason.startswith("its disk is full, and the job failed: ")
    assert "Traceback" not in answer.reason
    assert "\n" not in answer.reason
