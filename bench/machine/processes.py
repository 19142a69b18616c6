"""The processes of a job: those of its group and session, and those that inherited its mark.

A process that leaves the group still has the mark in its environment; Jenkins finds what a build left behind in the
same way. A process whose environment cannot be read is found by its group alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

import psutil

from bench.machine.job_mark import MARK

SAMPLE_SECONDS = 0.05
"""The seconds between two measurements of a job's memory, if there is a limit."""

_ROUNDS = 50
"""The number of rounds in which the remaining processes are killed: one may just have started another."""


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
    if sum(_resident(process) for process in _of_group(leader)) <= limit:
        return None
    held = held_bytes(leader)
    return held if held > limit else None


def exit_code(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return a process's exit code once it has ended, minus the signal that did it; None if ``seconds`` pass before.

    The process is not reaped, so that its pid, which is also its group's, cannot be reused. Without ``os.waitid``, as
    on macOS before Python 3.13, it is reaped.
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
        marked = _marked(mark)
        for process in marked:
            with contextlib.suppress(psutil.Error):
                process.kill()
        # The group may be gone; macOS then forbids the signal until the processes have been waited for.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        if not marked:
            return
        time.sleep(0.01)


def _of_group(leader: int) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():
        # A process may end while it is looked at.
        with contextlib.suppress(OSError, psutil.Error):
            if leader in (os.getpgid(pid), os.getsid(pid)):
                found.append(psutil.Process(pid))
    return found


def _marked(mark: str) -> list[psutil.Process]:
    """Return the processes that carry the mark, without this one."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def _resident(process: psutil.Process) -> int:
    """Return what is resident of a process, in bytes; 0 if it has ended, or the system does not show it."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    """Return what a process holds, in bytes: shared pages by its share; on systems without that, what is resident."""
    try:
        return getattr(process.memory_full_info(), "pss", None) or _resident(process)
    except psutil.AccessDenied:
        return _resident(process)
    except psutil.NoSuchProcess:
        return 0
