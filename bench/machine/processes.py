"""The processes of a job: found by their group and session, and by a mark that whoever they start inherits.

Where there is ``/proc``, those that left the group are found, too, by the mark in their environment (as Jenkins finds
what a build left behind); elsewhere the group is all that is known.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "RECBENCH_JOB"
"""The variable in the environment of a job's processes; its value is the job's alone."""

_PROC = Path("/proc")

SAMPLE_SECONDS = 0.05 if _PROC.is_dir() else 1.0
"""How often a job's memory is looked at, where there is a limit; without ``/proc`` that takes a process each time."""

_ROUNDS = 50
"""How often what is left is looked for: a process that is being killed may just have started another."""


@dataclass(frozen=True)
class _Process:
    pid: int
    group: int
    session: int
    resident: int
    """Bytes."""


def held_bytes(leader: int) -> int:
    """Return the memory, in bytes, that the processes of a group hold; pages that they share are counted once.

    Parameters
    ----------
    leader
        The first process of the group and the session.
    """
    return sum(_proportional(process) for process in _of_group(leader))


def held_beyond(leader: int, limit: int) -> int | None:
    """Return what the processes of a group hold where that is more than ``limit`` bytes; cheap where it is far less."""
    if sum(process.resident for process in _of_group(leader)) <= limit:
        return None
    held = held_bytes(leader)
    return held if held > limit else None


def exit_code(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return a process's exit code once it has ended, minus the signal that did it; None if ``seconds`` pass before.

    It is left to be waited for: until then its number, which is its group's, is given to nobody else. Without
    ``os.waitid``, as on macOS before Python 3.13, it is waited for.
    """
    if not hasattr(os, "waitid"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
        return None
    end, delay = time.monotonic() + seconds, 0.0005
    while (found := os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)) is None:
        left = end - time.monotonic()
        if left <= 0:
            return None
        delay = min(2 * delay, left, 0.05)
        time.sleep(delay)
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def end_all(leader: int, mark: str) -> None:
    """Kill the processes of a group, and all that carry the mark; the calling process only as one of the group."""
    for _ in range(_ROUNDS):
        marked = list(_marked(mark))
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        # Where all of them are gone, there is no such group or, on macOS until they are waited for, no right to it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        if not marked:
            return
        time.sleep(0.01)


def _of_group(leader: int) -> Iterator[_Process]:
    return (process for process in _all() if leader in (process.group, process.session))


def _all() -> Iterator[_Process]:
    return _from_proc() if _PROC.is_dir() else _from_ps()


def _from_proc() -> Iterator[_Process]:
    page = os.sysconf("SC_PAGE_SIZE")
    for pid in _pids():
        try:
            # proc(5): the command, in parentheses, may hold anything; behind it stand state, parent, group, session.
            fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue  # It has ended meanwhile.
        yield _Process(pid, int(fields[2]), int(fields[3]), int(fields[21]) * page)


def _from_ps() -> Iterator[_Process]:
    command = ["ps", "-A", "-o", "pid=", "-o", "pgid=", "-o", "rss="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, group, kib = map(int, line.split())
        yield _Process(pid, group, group, kib * 2**10)


def _proportional(process: _Process) -> int:
    """Return what a process holds, shared pages by its share; where the system does not tell, all that is resident."""
    try:
        lines = (_PROC / str(process.pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return process.resident
    kib = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)
    return process.resident if kib is None else kib * 2**10


def _marked(mark: str) -> Iterator[int]:
    """Yield the processes, but for this one, that carry the mark; none where there is no ``/proc``."""
    wanted = f"{MARK}={mark}".encode()
    for pid in _pids():
        with contextlib.suppress(OSError):
            if pid != os.getpid() and wanted in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                yield pid


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(_PROC) if name.isdecimal()] if _PROC.is_dir() else []  # noqa: PTH208 - names only
