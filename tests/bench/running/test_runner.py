"""Jobs in processes: whatever becomes of one, the others are run, and what is done is not done again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from jobs_here import jobs_here
from waiting import is_written, live_processes, wait_until

from bench.cli.main import main
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.tuning.trials import trial_of
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.store import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

BAD = """
import ctypes, os, signal, subprocess, sys, time
from pathlib import Path
from types import SimpleNamespace
import numpy as np

class Bad:
    def __init__(self, how: str = "", mark: str = ""):
        self.how, self.mark = how, mark
    def fit_epochs(self, train, *, rng):
        print("this goes to the log, not among the events")
        os.write(1, b"{\\"neither\\": \\"does this\\"}\\n")
        yield 0.5
        if self.how == "hang":
            sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
            child, deserter = subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)
            Path(self.mark).write_text(f"{os.getpid()} {child.pid} {deserter.pid}\\n")
            time.sleep(600)
        if self.how == "asks":
            assert sys.stdin.read() == ""
            assert subprocess.run(["cat"], capture_output=True).stdout == b""
        if self.how == "segfault":
            ctypes.string_at(0)
        if self.how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "exits":
            os._exit(3)
        yield 0.25
    def fit(self, train, *, rng):
        list(self.fit_epochs(train, rng=rng))
        return self
    def score(self, users, items):
        if self.how == "nan":
            return np.full(items.shape, np.nan)
        return -items * 1.0
"""


POPULAR = """
class Popular:
    deterministic = True
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items * 1.0
    def score_all(self, users):
        raise AssertionError
"""


class Noted(Silence):
    """Remembers the jobs that were started, and their events."""

    def __init__(self) -> None:
        self.started_jobs: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.n_stored = 0

    def begin(self, jobs: Any, *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        self.n_stored = n_stored

    def started(self, job: Job) -> None:
        self.started_jobs.append(job.choice.label)

    def reported(self, job: Job, event: dict[str, Any]) -> None:
        self.events.append(event)


def run(
    planned: list[Job], folder: Path, *, timeout: float = 60.0, progress: Any = None, **options: Any
) -> list[Record]:
    return run_jobs(planned, Store(folder), timeout=timeout, progress=progress or Silence(), **options)


def wait_for(mark: Path, command: subprocess.Popen[Any]) -> None:
    """Wait until a job has left its mark; that its run ends before is seen at once."""
    wait_until(lambda: is_written(mark) or command.poll() is not None)
    assert is_written(mark), "the run ended before its job began"


def test_whatever_becomes_of_one_the_others_are_run(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    path = plugin(BAD)
    names = ["segfault", "killed", "exits", "nan"]
    jobs = plan(["popularity", *(f"bad:how={how}" for how in names), "bad:how=well"], [path])
    records = run(jobs, tmp_path / "results")
    assert [record.document["status"] for record in records] == ["ok", *["failed"] * 4, "ok"]
    failures = [record.failure for record in records[1:-1]]
    assert [failure.kind for failure in failures] == ["died", "died", "died", "scores"]
    where = "while it was fitting, after epoch 1"
    assert [failure.message for failure in failures[:3]] == [
        f"its process was killed by SIGSEGV, {where}",
        f"its process was killed by SIGKILL (perhaps memory ran out), {where}",
        f"its process ended with exit code 3, {where}",
    ]
    assert "this goes to the log" in failures[2].detail


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak of a process outlasts that it begins anew")
def test_what_compiles_a_recommender_is_not_in_its_memory(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job that compiles begins anew, so it holds as much before it fits as the next one, within 4 MiB."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "empty"))
    jobs = plan(["ease"], full_limit=0)
    cold, warm = (run(jobs, tmp_path / name)[0].memory.before_fit_mib for name in ("cold", "warm"))
    assert list((tmp_path / "empty").rglob("gram.*.nbi"))
    assert cold == pytest.approx(warm, abs=4)


def test_half_a_line_in_all_open_files_keeps_no_job_from_its_data(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    junk = (
        "import os\nfor number in range(3, 64):\n    try:\n        os.write(number, b'junk {')\n"
        "    except OSError:\n        pass\n"
    )
    path = plugin(junk + POPULAR.replace("score_all", "_other")) + ":Popular"
    (record,) = run(plan(["popular"], [path]), tmp_path / "results")
    assert record.document["status"] == "ok"


def test_a_plugin_that_was_planned_blindly_has_no_row_without_a_full_ranking(
    plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    """Its import failed once, as where the system killed the process that looked at it; its job can import it."""
    once = f"import os, pathlib\nmark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
    once += "if not mark.exists():\n    mark.touch()\n    os.kill(os.getpid(), 9)\n"
    path = plugin(once + POPULAR) + ":Popular"
    (record,) = run(plan(["popular"], [path]), tmp_path / "results")
    assert record.failure is not None
    assert "SIGKILL" in record.failure.message
    assert "run again" in record.failure.message


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_what_hangs_is_stopped_with_its_children(
    plan: Plan, plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, noted = tmp_path / "pids", Noted()

    def clock() -> float:
        """Ten minutes pass at once when the job hangs."""
        hangs = is_written(mark) and any("epoch" in event for event in noted.events)
        return time.monotonic() + (600.0 if hangs else 0.0)

    monkeypatch.setattr("bench.running.supervisor.time", SimpleNamespace(monotonic=clock))
    monkeypatch.setattr("bench.running.supervisor.LAST_WORDS_SECONDS", 60.0)
    jobs = plan([f"bad:how=hang,mark={mark}", "popularity"], [plugin(BAD)])
    hung, popularity = run(jobs, tmp_path / "results", timeout=300.0, progress=noted)
    assert hung.failure.kind == "timeout"
    assert hung.failure.message == "stopped after 300 s, while it was fitting, after epoch 1"
    assert re.search(r'plugin\.py", line \d+ in fit_epochs', hung.failure.detail), "where it was"
    assert trial_of({}, hung).seconds == 300.0, "which a search has spent"
    assert not popularity.failed
    wait_until(lambda: not live_processes(mark))


@pytest.mark.usefixtures("in_this_process")
def test_done_is_done_and_failures_are_tried_again(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    jobs = plan(["popularity", "als:epochs=1", "bad:how=nan"], [plugin(BAD)])
    first, second = Noted(), Noted()
    records = run(jobs, tmp_path / "results", progress=first)
    again = run(jobs, tmp_path / "results", progress=second)
    assert first.started_jobs == ["popularity", "als:epochs=1", "bad:how=nan"]
    assert second.started_jobs == ["bad:how=nan"]
    assert (first.n_stored, second.n_stored) == (0, 2)
    assert [r.time for r in again] == [r.time for r in records]
    assert len(Store(tmp_path / "results").records()) == 3


@pytest.mark.usefixtures("in_this_process")
def test_one_result_for_one_recommender_however_it_is_spelled(plan: Plan, tmp_path: Path) -> None:
    run(plan(["ease"]), tmp_path)
    noted = Noted()
    (record,) = run(plan(["ease:reg=200"]), tmp_path, progress=noted)
    assert noted.started_jobs == []
    assert record.recommender.label == "ease:reg=200"
    assert len(run(plan(["ease", "ease:reg=200"]), tmp_path)) == 1


@pytest.mark.usefixtures("in_this_process")
def test_a_damaged_record_is_made_again(plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity"])
    run(jobs, tmp_path)
    (ranks,) = tmp_path.rglob("ranks.npz")
    ranks.write_bytes(ranks.read_bytes()[:-30])
    with pytest.warns(RecbenchWarning, match="is damaged"):
        (record,) = run(jobs, tmp_path)
    assert record.ranks is not None
    assert len(Store(tmp_path).records()) == 1


def test_epochs_are_reported_as_they_pass(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    noted = Noted()
    run(plan([], [plugin(BAD)]), tmp_path, progress=noted)
    assert [(event["phase"], event.get("loss")) for event in noted.events] == [
        ("fit", None), ("fit", 0.5), ("fit", 0.25), ("score", None),
    ]  # fmt: skip


def test_a_recommender_that_reads_standard_input_finds_it_empty(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    (record,) = run(plan(["bad:how=asks"], [plugin(BAD)]), tmp_path)
    assert record.failure is None


@pytest.mark.usefixtures("in_this_process")
def test_a_parameter_that_json_cannot_hold_is_kept_as_text(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    source = BAD.replace('mark: str = ""', 'mark: float = float("nan"), thing=object()')
    (record,) = run(plan([], [plugin(source)]), tmp_path)
    noted = Noted()
    (again,) = run(plan([], [plugin(source)]), tmp_path, progress=noted)
    assert record.recommender.parameters == {"how": "", "mark": "nan", "thing": "<object object>"}
    assert again.time == record.time
    assert noted.n_stored == 1


def test_a_users_file_called_like_a_module_is_not_taken_for_it(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')")
    monkeypatch.chdir(tmp_path)
    (record,) = run(plan(["popularity"]), tmp_path / "results")
    assert not record.failed


@pytest.mark.usefixtures("ctrl_c_interrupts")
def test_ctrl_c_stops_the_job_and_stores_nothing_of_it(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    jobs = plan(["popularity", f"bad:how=hang,mark={mark}", "ease"], [plugin(BAD)])

    def interrupt() -> None:
        wait_until(lambda: is_written(mark))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        run(jobs, tmp_path / "results")
    stored = [record.recommender.name for record in Store(tmp_path / "results").records()]
    assert stored == ["popularity"]
    wait_until(lambda: not live_processes(mark))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_a_run_that_gets_a_signal_to_end_leaves_no_job_and_no_scratch(tmp_path: Path, number: signal.Signals) -> None:
    mark, scratch = tmp_path / "pids", tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "bad.py").write_text(BAD)
    command = [sys.executable, "-m", "bench", "run", "--dataset", "synthetic:60x80x900", "--negatives", "20"]
    command += ["--plugin", "bad.py", "--threads", "1", "--out", "results", "-r", f"bad:how=hang,mark={mark}"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(scratch)}
    ) as run:
        wait_for(mark, run)
        run.send_signal(number)
        assert run.stderr is not None
        assert run.stderr.read().splitlines()[-1].startswith("recbench: stopped; finished jobs are kept")
    assert run.returncode == 130
    wait_until(lambda: not live_processes(mark))
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_a_run_that_is_killed_takes_its_job_along_and_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "pids"
    (tmp_path / "bad.py").write_text(BAD)
    command = [sys.executable, "-m", "bench", "run", "--dataset", "synthetic:60x80x900", "--negatives", "20"]
    command += ["--plugin", "bad.py", "--threads", "1", "--out", "results", "-r", "popularity"]
    with subprocess.Popen(
        [*command, "-r", f"bad:how=hang,mark={mark}"], cwd=tmp_path, stderr=subprocess.DEVNULL
    ) as run:
        wait_for(mark, run)
        os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: not live_processes(mark))

    monkeypatch.chdir(tmp_path)
    assert main([*command[3:], "-r", "bad"]) == 0
    done = capfd.readouterr()
    assert done.err.splitlines()[0] == "1 job is stored in results already; 1 job to run"
    assert "popularity" in done.out


def test_jobs_two_at_once_make_the_records_of_those_that_run_in_turn_in_this_process(
    plan: Plan, tmp_path: Path
) -> None:
    """P19: so tests of what is made of records may run their jobs here (see the helper `jobs_here`)."""
    jobs = plan(["als:epochs=3", "ease"], seeds=(0, 1), patience=1)
    apart = run(jobs, tmp_path / "apart", jobs=2)
    with jobs_here():
        together = run(jobs, tmp_path / "together")
    assert len(apart) == 3
    for one, other in zip(apart, together, strict=True):
        assert one.document["files"] is not None
        for name in ("key", "status", "recommender", "task", "files"):
            assert one.document[name] == other.document[name]
