"""The processes of a job: which they are, what they hold, and how they are ended.

On Linux they are the descendants of the job's keeper (see `protocol.processes.keeper`). Elsewhere they are those of its
group and session. Those that inherited its mark are ended besides; Jenkins finds what a build left behind in the same
way. A process whose environment cannot be read is then found by its group alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import psutil

from bench.machine.job_mark import MARK
from protocol.processes.descendants import descendants
from protocol.processes.keeper import KEEPS
from protocol.processes.waiting import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROUNDS = 50
"""The number of rounds in which the remaining processes are killed: one may just have started another."""


def processes_of(leader: int) -> list[int]:
    """Return the processes of a job without its keeper.

    Parameters
    ----------
    leader
        The job's keeper; where there are no keepers, the first process of the group and the session.
    """
    return descendants(leader) if KEEPS else _of_group(leader)


def held_bytes(pids: list[int]) -> int:
    """Return the memory, in bytes, that processes hold; pages that they share are counted once."""
    return sum(_proportional(pid) for pid in pids)


def held_beyond(pids: list[int], limit: int) -> int | None:
    """Return what processes hold where that is more than ``limit`` bytes; cheap where it is far less."""
    if sum(_resident(pid) for pid in pids) <= limit:
        return None
    held = held_bytes(pids)
    return held if held > limit else None


def keep_exit_codes() -> None:
    """Let this process get the exit codes of its children; a parent that ignores SIGCHLD hands that on."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


NO_EXIT_CODE = 256
"""In place of the exit code of a process that another part of this one has waited for; no process can end with it."""


def exit_code(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return a process's exit code once it has ended, minus the signal that did it; None if ``seconds`` pass before.

    `NO_EXIT_CODE` where it has ended and this process cannot learn how: where SIGCHLD is ignored, or other code in it
    waits for all children.

    The process is not reaped, so that its pid, which is also its group's, cannot be reused. Without ``os.waitid``, as
    on macOS before Python 3.13, it is reaped.
    """
    if not hasattr(os, "waitid"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
        return None
    end = time.monotonic() + seconds
    with _awaited(process.pid) as wait:
        try:
            while (found := os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)) is None:
                left = end - time.monotonic()
                if left <= 0:
                    return None
                wait(left)
        except ChildProcessError:
            return NO_EXIT_CODE
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


@contextlib.contextmanager
def _awaited(pid: int) -> Iterator[Callable[[float], object]]:
    """Yield what waits until a process of this one has ended, for so many seconds at most.

    Linux alone tells at once; elsewhere it returns after a short time, which becomes longer.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        delay = 0.0005

        def nap(seconds: float) -> None:
            nonlocal delay
            delay = min(2 * delay, seconds, 0.05)
            time.sleep(delay)

        yield nap
        return
    try:
        yield lambda seconds: readable(descriptor, seconds=seconds)
    finally:
        os.close(descriptor)


def end_all(leader: int, mark: str) -> None:
    """Kill the processes of a group, and all that carry the mark; the calling process only as one of the group."""
    for _ in range(_ROUNDS):
        marked = _marked(mark)
        for pid in marked:
            with contextlib.suppress(psutil.Error):
                psutil.Process(pid).kill()
        # The group may be gone; macOS then forbids the signal until the processes have been waited for.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        if not marked:
            return
        time.sleep(0.01)


def _of_group(leader: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        # A process may end while it is looked at.
        with contextlib.suppress(OSError):
            if leader in (os.getpgid(pid), os.getsid(pid)):
                found.append(pid)
    return found


def _marked(mark: str) -> list[int]:
    """Return the processes that carry the mark, without this one."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error):
            if pid != os.getpid() and psutil.Process(pid).environ().get(MARK) == mark:
                found.append(pid)
    return found


def _resident(pid: int) -> int:
    """Return what is resident of a process, in bytes; 0 if it has ended, or the system does not show it."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def _proportional(pid: int) -> int:
    """Return what a process holds, in bytes: shared pages by its share; on systems without that, what is resident."""
    try:
        return getattr(psutil.Process(pid).memory_full_info(), "pss", None) or _resident(pid)
    except psutil.AccessDenied:
        return _resident(pid)
    except psutil.NoSuchProcess:
        return 0
