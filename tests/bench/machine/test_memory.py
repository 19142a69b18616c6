"""Amounts of memory, and what processes hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.machine.job_mark import MARK
from bench.machine.memory import parse_size, size_text
from bench.machine.processes import end_all, exit_code, held_beyond, held_bytes
from protocol.errors import ProtocolError


@pytest.mark.parametrize(
    ("text", "expected"), [("4GiB", 4 * 1024**3), ("500MB", 500 * 1000**2), ("1.5 KiB", 1536), ("2kB", 2000)]
)
def test_amounts_are_read(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["4", "GiB", "-1GiB", "0MB", "4gib", "4 G", "KB", "1KB", f"{10**400}GB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="is no amount of memory; write 4GiB or 500MB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("n_bytes", "expected"),
    [
        (3 * 2**29, "1.5 GiB"),
        (400_000_000, "381 MiB"),
        (2**20, "1 MiB"),
        (1010 * 2**20, "1010 MiB"),
        (1500 * 2**30, "1500 GiB"),
    ],
)
def test_amounts_are_written(n_bytes: int, expected: str) -> None:
    assert size_text(n_bytes) == expected


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
def test_whose_exit_code_is_known_keeps_its_number_until_it_is_waited_for(ending: str, expected: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", f"import os, sys, time; time.sleep(0.2); {ending}"])
    assert exit_code(process, 0.0) is None
    assert exit_code(process, 60.0) == expected
    os.kill(process.pid, 0)
    assert process.wait() == expected


def test_a_group_holds_what_its_processes_share_once_and_ends_as_one() -> None:
    mark = "a mark of this test"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, MARK: mark},
    ) as leader:
        assert leader.stdout is not None
        lines = [leader.stdout.readline(), leader.stdout.readline()]
        held, little, much = held_bytes(leader.pid), *(held_beyond(leader.pid, n) for n in (60_000_000, 110_000_000))
        end_all(leader.pid, mark)
        assert leader.stdout.read() == b"", "no process holds the other end"
    assert lines == [b"ready\n"] * 2
    assert 60_000_000 < held < 110_000_000
    assert little is not None
    assert much is None, "though each of the two holds 60 MB"
    assert leader.returncode == -signal.SIGKILL
    assert held_bytes(leader.pid) == 0
