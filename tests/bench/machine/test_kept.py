"""A command under a keeper: nothing of it is left, however it ends and however the harness does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from waiting import is_alive, wait_until

from bench.machine.kept import KeptProcess
from bench.machine.meter import Meter
from protocol.processes.descendants import children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[str], KeptProcess]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs have keepers on Linux alone")

DAEMON = """
import os, subprocess, sys, time
from pathlib import Path

def daemon(code):
    '''Start Python with an empty environment and a session of its own, as a child of no process of the job.'''
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for stream in range(3):
                os.dup2(os.open(os.devnull, os.O_RDWR), stream)
            os.execve(sys.executable, [sys.executable, "-S", "-c", code], {})
        os._exit(0)
    os.wait()

note = "import os, time; open(%r, 'a').write(f'{os.getpid()}\\\\n'); " % sys.argv[1]

def noted(number):
    while len(Path(sys.argv[1]).read_text().split()) < number:
        time.sleep(0.005)

Path(sys.argv[1]).touch()
"""

SLEEPS = DAEMON + "daemon(note + 'time.sleep(600)'); noted(1); "

CHAIN = (
    DAEMON
    + '''
# Each starts the next, in a session of its own, and ends.
daemon(note + """
while True:
    if os.fork():
        os._exit(0)
    os.setsid()
""")
noted(1)
'''
)

STATES = {
    "stopped": "import signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "holding the interpreter's lock": "import re; re.match('(a*)*b', 'a' * 40)",
    "without its streams": "os.closerange(0, 64); time.sleep(600)",
}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return what starts a command of Python that is ended with the test; its first argument is the file ``pids``."""
    started: list[KeptProcess] = []

    def start_one(code: str) -> KeptProcess:
        command = [sys.executable, "-c", code, str(tmp_path / "pids")]
        started.append(
            KeptProcess(command, dict(os.environ), stdin=subprocess.PIPE, n_threads=64, last_words=signal.SIGUSR1)
        )
        return started[-1]

    yield start_one
    for kept in started:
        close(kept)


def written(pids: Path) -> list[int]:
    return [int(pid) for pid in pids.read_text().split()] if pids.exists() else []


def close(kept: KeptProcess) -> None:
    if kept.process.returncode is not None:
        return
    kept.end()
    kept.process.wait()
    for stream in (kept.process.stdin, kept.process.stdout, kept.process.stderr):
        assert stream is not None
        stream.close()


@pytest.mark.parametrize(
    ("ending", "expected"),
    [("sys.exit(3)", 3), ("sys.exit(0)", 0), ("os.kill(os.getpid(), 11)", -11), ("os.kill(os.getpid(), 9)", -9)],
)
def test_a_daemon_ends_with_the_command_and_the_exit_code_is_the_commands(
    start: Start, ending: str, expected: int, tmp_path: Path
) -> None:
    kept = start(SLEEPS + ending)
    assert kept.exit_code(30.0) == expected
    assert [is_alive(pid) for pid in written(tmp_path / "pids")] == [False]


def test_a_daemon_ends_where_the_command_is_ended(start: Start, tmp_path: Path) -> None:
    kept = start(SLEEPS + "time.sleep(600)")
    wait_until(lambda: bool(written(tmp_path / "pids")))
    close(kept)
    assert [is_alive(pid) for pid in written(tmp_path / "pids")] == [False]


def test_what_starts_the_next_and_ends_is_caught(start: Start, tmp_path: Path) -> None:
    kept = start(CHAIN)
    assert kept.exit_code(30.0) == 0
    close(kept)
    sessions = [pid for pid in _everyone() if "while True:" in _command_of(pid) and str(tmp_path) in _command_of(pid)]
    assert sessions == []


@pytest.mark.parametrize("order", ["os.kill(os.getppid(), 9)", "os.kill(os.getppid(), 15)"])
def test_a_command_that_kills_its_keeper_ends_with_it(start: Start, order: str, tmp_path: Path) -> None:
    kept = start(f"{DAEMON}{note_itself()}; {order}; time.sleep(600)")
    assert kept.exit_code(30.0) in (-9, -15)
    wait_until(lambda: not any(map(is_alive, written(tmp_path / "pids"))))


def test_a_command_that_stops_its_keeper_is_ended_all_the_same(start: Start, tmp_path: Path) -> None:
    kept = start(f"{SLEEPS}{note_itself()}; os.kill(os.getppid(), 19); time.sleep(600)")
    wait_until(lambda: len(written(tmp_path / "pids")) == 2)
    close(kept)
    assert not any(map(is_alive, written(tmp_path / "pids")))


HARNESS = """
import os, signal, subprocess, sys, threading, time
from bench.machine.kept import KeptProcess

def run():
    command = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
    kept = KeptProcess(command, dict(os.environ), stdin=subprocess.PIPE, n_threads=64, last_words=signal.SIGUSR1)

# The thread that starts a job ends before the job does.
thread = threading.Thread(target=run)
thread.start()
thread.join()
time.sleep(600)
"""


@pytest.mark.parametrize("state", STATES)
def test_nothing_outlives_a_harness_that_is_killed(state: str, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"{SLEEPS}{note_itself()}; {STATES[state]}"
    with subprocess.Popen([sys.executable, "-c", HARNESS, code, str(pids)]) as harness:
        try:
            wait_until(lambda: len(written(pids)) == 2)
            time.sleep(0.1)
            assert all(map(is_alive, written(pids))), "the end of a thread of the harness is not the job's"
        finally:
            harness.kill()
    wait_until(lambda: not any(map(is_alive, written(pids))))


def test_the_memory_of_a_daemon_counts_and_what_is_shared_counts_once(start: Start, tmp_path: Path) -> None:
    holds = "held = b'x' * 100_000_000; " + "open(%r, 'a').write('ready\\n'); time.sleep(600)"
    code = f"{DAEMON}daemon(note + {holds!r} % sys.argv[1]); noted(2); held = b'x' * 60_000_000; os.fork(); "
    kept = start(code + note_itself() + "; time.sleep(600)")
    wait_until(lambda: (tmp_path / "pids").exists() and len((tmp_path / "pids").read_text().split()) == 4)
    meter, limited = Meter(None), Meter(150_000_000)
    assert meter.look(kept.pid, "fit") is None
    assert 160 <= meter.peaks_mib["fit"] * 2**20 / 1e6 < 220, "though each of the two holds 60 MB"
    beyond = limited.look(kept.pid, "score")
    assert beyond is not None
    assert beyond > 160_000_000
    assert dict(limited.peaks_mib) == {"score": beyond / 2**20}


def test_children_are_found_where_the_kernel_does_not_list_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in children(os.getpid())
        monkeypatch.setattr(Path, "exists", lambda path: path.name != "children")
        assert child.pid in children(os.getpid())


def note_itself() -> str:
    return "open(sys.argv[1], 'a').write(f'{os.getpid()}\\n')"


def _everyone() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
