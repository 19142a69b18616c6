"""What processes hold, how they ended, and that all are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.machine import processes
from bench.machine.job_mark import MARK
from bench.machine.processes import NO_EXIT_CODE, end_all, exit_code, held_beyond, held_bytes, processes_of

HOLDS = """
import os, sys, time
held = b"x" * 60_000_000
os.fork()
os.write(1, b"ready\\n")
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
@pytest.mark.skipif(not hasattr(os, "waitid"), reason="there is no os.waitid")
@pytest.mark.parametrize(("ending", "expected"), [("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", -9)])
@pytest.mark.parametrize("is_told", [True, False], ids=["told at once", "looking again and again"])
def test_whose_exit_code_is_known_keeps_its_number_until_it_is_waited_for(
    ending: str, expected: int, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    if not is_told:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    process = subprocess.Popen([sys.executable, "-c", f"import os, sys, time; time.sleep(0.2); {ending}"])
    assert exit_code(process, 0.0) is None
    assert exit_code(process, 60.0) == expected
    os.kill(process.pid, 0)
    assert process.wait() == expected


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_to_look_for_an_exit_code_leaves_no_file_open() -> None:
    """A run looks twenty times a second, for as long as a job takes."""
    before = {path.name for path in Path("/proc/self/fd").iterdir()}
    with subprocess.Popen(["sleep", "60"]) as process:
        assert [exit_code(process, seconds) for seconds in (0.0, 0.001)] == [None, None]
        process.kill()
        assert exit_code(process, 60.0) == -signal.SIGKILL
    assert exit_code(process, 0.0) == NO_EXIT_CODE
    assert {path.name for path in Path("/proc/self/fd").iterdir()} == before


def test_a_group_holds_what_its_processes_share_once_and_ends_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where jobs have no keeper, its group is the job."""
    monkeypatch.setattr(processes, "KEEPS", False)
    mark = "a mark of this test"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, MARK: mark},
    ) as leader:
        assert leader.stdout is not None
        lines = [leader.stdout.readline(), leader.stdout.readline()]
        pids = processes_of(leader.pid)
        held, little, much = held_bytes(pids), *(held_beyond(pids, n) for n in (60_000_000, 110_000_000))
        end_all(leader.pid, mark)
        assert leader.stdout.read() == b"", "no process holds the other end"
    assert lines == [b"ready\n"] * 2
    assert 60_000_000 < held < 110_000_000
    assert little is not None
    assert much is None, "though each of the two holds 60 MB"
    assert leader.returncode == -signal.SIGKILL
    assert held_bytes(pids) == 0


def test_exit_codes_are_kept_where_the_parent_ignores_them() -> None:
    """As below a program that does not wait for its children."""
    code = (
        "import signal, subprocess, sys; from bench.machine.processes import exit_code, keep_exit_codes; "
        "keep_exit_codes(); child = subprocess.Popen([sys.executable, '-S', '-c', 'raise SystemExit(3)']); "
        "print(exit_code(child, 60.0))"
    )
    ignoring = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
    )
    assert ignoring.stdout == "3\n"


def test_an_exit_code_that_something_else_took_is_none_and_never_an_error() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitpid(process.pid, 0)
    assert exit_code(process, 5.0) == NO_EXIT_CODE
    process.wait()
