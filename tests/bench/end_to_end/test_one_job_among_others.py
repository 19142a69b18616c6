"""A job cannot see, before it has fitted, what it is measured by; and it changes no row but its own."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from jobs_here import jobs_here

from bench.machine.interrupting import one_interrupt
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

SPY = """
import gc, json, os, sys
from pathlib import Path

def links(process):
    found = []
    for fd in os.listdir(f"/proc/{process}/fd"):
        try:
            found.append(os.readlink(f"/proc/{process}/fd/{fd}"))
        except OSError:
            pass
    return found

class Spy:
    deterministic = True
    def __init__(self, out: str = "", temporary: str = ""):
        self.out, self.temporary = out, temporary
    def look(self, train):
        files = [path for path in Path(self.temporary).rglob("*") if path.is_file()]
        memories = sum("memfd" in link for link in links("self"))
        arrays = [o for o in gc.get_objects() if type(o).__name__ in ("Task", "Candidates")]
        return {
            "argv": sys.argv + sys.orig_argv + Path("/proc/self/cmdline").read_text().split("\\0"),
            "environ": [*os.environ.values(), *Path("/proc/self/environ").read_text().split("\\0")],
            "cwd": [os.getcwd(), *os.listdir()],
            "descriptors": links("self"),
            "files": [str(path) for path in files],
            "candidates": len(arrays),
            "memories": memories,
            "parent": sum("memfd" in link for link in links(os.getppid())),
            "collects": [gc.isenabled(), gc.get_freeze_count() > 0],
            "writable": any(array.flags.writeable for array in train.arrays.values()),
        }
    def fit(self, train, *, rng):
        seen = self.look(train)
        with open(self.out, "w") as file:
            json.dump(seen, file)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a temporary folder of the test's own, in which the run makes its scratch folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def run(planned: list[Job], folder: Path, *, timeout: float = 60.0, **options: Any) -> list[Record]:
    return run_jobs(planned, Store(folder), timeout=timeout, progress=Silence(), **options)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
def test_while_it_fits_a_job_finds_neither_candidates_nor_results(
    plan: Plan, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P12."""
    home = tmp_path / "work" / "home"
    results, notes = home / "runs" / "results", tmp_path / "seen" / "notes.json"
    for folder in (home, notes.parent):
        folder.mkdir(parents=True)
    (home / "features.csv").touch()
    monkeypatch.chdir(home)
    own = tmp_path / "plugin.py"
    own.write_text(SPY)
    popularity, spy = run(plan(["popularity", f"spy:out={notes},temporary={temporary}"], [str(own)]), results)
    assert (popularity.failure, spy.failure) == (None, None)
    seen = json.loads(notes.read_text())
    for place in ("argv", "environ", "cwd", "descriptors", "files"):
        assert not [text for text in seen[place] if str(results) in text or str(Path.cwd()) == text], place
    assert {Path(file).name for file in seen["files"]} == {"features.csv", "plugin.py"}, "the user's own"
    assert sorted(seen["cwd"][1:]) == ["features.csv", "runs"]
    assert seen["candidates"] == 0
    # Its own training interactions, as received and as mapped, and those that the run keeps for further jobs.
    assert seen["memories"] <= 2
    assert seen["parent"] <= 1
    assert not seen["writable"]
    assert seen["collects"] == [True, True], "Python's collector works again, and not on what was imported"


VANDAL = """
import os, shutil, time
from pathlib import Path
class Vandal:
    deterministic = True
    def __init__(self, folder: str = "", how: str = ""):
        self.folder, self.how = folder, how
    def fit(self, train, *, rng):
        # It may only do harm within the folders of the test.
        assert not self.folder or "pytest-" in str(Path(self.folder).resolve())
        if self.how in ("records", "results", "rank", "scratch"):
            assert self.folder
        if self.how == "records":
            shutil.rmtree(Path(self.folder, "records"))
        if self.how == "results":
            shutil.rmtree(self.folder)
        if self.how == "rank":
            for path in Path(self.folder).rglob("ranks.npz"):
                path.write_bytes(path.read_bytes()[:-9])
        if self.how == "scratch":
            # Only what is in the folder that the test names: it is one of its own.
            for path in Path(self.folder).iterdir():
                shutil.rmtree(path)
        if self.how == "descriptors":
            for fd in range(3, 64):
                for write in (lambda: os.pwrite(fd, b"overwritten", 0), lambda: os.ftruncate(fd, 3)):
                    try:
                        os.lseek(fd, 0, 0) or write()
                    except OSError:
                        pass
        if self.how == "clock":
            time.perf_counter = lambda now=time.perf_counter: 1000 * now()
        if self.how == "asks":
            for fd in range(3, 64):
                try:
                    os.write(fd, b'{"asks": "candidates"}\\n')
                except OSError:
                    pass
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.mark.filterwarnings("ignore::protocol.errors.RecbenchWarning")
@pytest.mark.parametrize("how", ["records", "results", "rank"])
def test_a_job_that_removes_stored_records_loses_none(plan: Plan, plugin: Plugin, tmp_path: Path, how: str) -> None:
    results = tmp_path / "results"
    jobs = plan(["popularity", f"vandal:how={how},folder={results}", "ease"], [plugin(VANDAL)])
    with jobs_here(), pytest.warns(RecbenchWarning, match="the record of popularity .* stored again now"):
        printed = run(jobs, results)
    assert [record.failure for record in printed] == [None] * 3
    stored = {record.key: record for record in Store(results).records()}
    assert sorted(stored) == sorted(record.key for record in printed)
    for record in printed:
        assert stored[record.key].time == record.time
        assert sorted(stored[record.key].contents.files.values()) == sorted(record.contents.files.values())


def test_a_record_of_an_earlier_run_is_kept_too(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    path = plugin(VANDAL)
    with jobs_here():
        run(plan(["popularity"]), tmp_path)
        with pytest.warns(RecbenchWarning, match="is gone from"):
            run(plan(["popularity", f"vandal:how=records,folder={tmp_path}"], [path]), tmp_path)
    assert len(Store(tmp_path).records()) == 2


def test_what_a_job_overwrites_is_not_what_others_get(
    plan: Plan, plugin: Plugin, tmp_path: Path, temporary: Path
) -> None:
    path = plugin(VANDAL)
    alone = run(plan(["popularity"]), tmp_path / "alone")[0]
    others = [f"vandal:how={how}" for how in ("descriptors", "clock", "asks")]
    names = [f"vandal:how=scratch,folder={temporary}", *others, "popularity"]
    scratch, _, clock, asks, popularity = run(plan(names, [path]), tmp_path / "beside")
    assert popularity.failure is None
    assert popularity.contents.files == alone.contents.files
    assert [record.failure.kind for record in (scratch, clock, asks) if record.failure] == ["died", "record", "record"]
    assert "by the clock of the run" in clock.failure.message
    assert "the next one is" in asks.failure.message


@pytest.mark.usefixtures("ctrl_c_interrupts")
def test_a_run_that_waits_for_another_process_to_write_can_be_stopped(plan: Plan, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    scoring, held, ended = threading.Event(), threading.Event(), threading.Event()

    class Told(Silence):
        def reported(self, job: Any, event: dict[str, Any]) -> None:
            if event["phase"] == "score":
                scoring.set()
                held.wait()

    def hold_and_interrupt() -> None:
        scoring.wait()
        with FileLock(results / ".lock"):
            held.set()
            time.sleep(0.3)
            for _ in range(5):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            ended.wait()

    holder = threading.Thread(target=hold_and_interrupt, daemon=True)
    holder.start()
    jobs = plan(["popularity"])
    started = time.monotonic()
    with one_interrupt(), jobs_here(), pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, Store(results), timeout=60, progress=Told())
    assert time.monotonic() - started < 30, "a lock that is never given up would be waited for without end"
    ended.set()
    holder.join()
    assert list((results / "records").iterdir()) == []
