"""The keeper of a job, on Linux: a small process between harness and job that leaves nothing of the job behind.

A job is any command that runs code of a recommender: a job of a run, the checks, an inspection of a plug-in.

It starts the job and ends as the job ends. When the job has ended, or the harness has, it kills all that the job
started. It is a subreaper (prctl(2)): what a process of the job started becomes a child of the keeper when that process
ends, also in a session of its own and with an empty environment. The kernel kills the job if its keeper is killed.

`protocol.processes.lifeline.Lifeline` starts it, with the arguments LIFELINE SIGNAL CORES COMMAND... (see `keep`).
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
from typing import NoReturn

from protocol.processes.descendants import children
from protocol.processes.waiting import readable

KEEPS = sys.platform == "linux"
"""Whether jobs have keepers on this system."""

ENDING_SECONDS = 2.0
"""The seconds that the keeper takes to kill what a job started; a process that the kernel holds may outlive it."""

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
"""Options of prctl(2)."""


def keep(lifeline: int, forwarded: signal.Signals, cores: set[int], command: list[str]) -> NoReturn:
    """Run a job's command, kill all that it started, and end as it ended.

    Parameters
    ----------
    lifeline
        The end for reading of a pipe whose other end only the harness holds: when it closes, the job is killed.
    forwarded
        The signal that is passed on to the job.
    cores
        The logical cores that the job is held to; empty for all.
    """
    os.set_inheritable(lifeline, False)
    _prctl(_SET_CHILD_SUBREAPER, 1)
    woken = _woken_by_children()
    job = _start(cores, command)
    signal.signal(forwarded, lambda number, _: os.kill(job, number))
    _let_go_of_streams()
    statuses: dict[int, int] = {}
    while job not in statuses and not _wait(woken, lifeline):
        _reap(statuses)
    # From here on the job's number may be another process's.
    signal.signal(forwarded, signal.SIG_IGN)
    if job not in statuses:
        os.killpg(job, signal.SIGKILL)
    _end_children(woken, statuses)
    _end_like(statuses.get(job, signal.SIGKILL))


def _prctl(option: int, value: int) -> None:
    """Set a property of this process; where a sandbox forbids it, the job runs without."""
    # Here, because this module is imported on systems whose library has no such function, and for `KEEPS` alone.
    import ctypes

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _woken_by_children() -> int:
    """Return a pipe that can be read from when a child has ended."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    return woken


def _start(cores: set[int], command: list[str]) -> int:
    """Start the job in a group of its own; return its number."""
    keeper = os.getpid()
    job = os.fork()
    if job:
        return job
    try:
        os.setpgid(0, 0)
        _prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        # A container may take cores away meanwhile; the job then runs on those that are left.
        with contextlib.suppress(OSError):
            if cores:
                os.sched_setaffinity(0, cores)
        os.execv(command[0], command)  # noqa: S606 - there is no shell to need
    finally:
        os._exit(127)


def _let_go_of_streams() -> None:
    """Leave standard input, output and error to the job: the harness reads until all have closed them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def _wait(woken: int, lifeline: int) -> bool:
    """Wait until a child has ended; return whether the harness has."""
    ready = readable(woken, lifeline)
    if woken in ready:
        os.read(woken, 4096)
    return lifeline in ready


def _reap(statuses: dict[int, int]) -> bool:
    """Add the statuses of the children that have ended, by their number; return whether there are others."""
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[found[0]] = found[1]
    except ChildProcessError:
        return False
    return True


def _end_children(woken: int, statuses: dict[int, int]) -> None:
    """Kill the children until there are none, and add their statuses.

    A child's children become the keeper's when it ends, so that all descendants come in their turn. A whole group is
    killed at once: none of its processes can start another meanwhile.
    """
    until = time.monotonic() + ENDING_SECONDS
    while _reap(statuses) and time.monotonic() < until:
        for child in children(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                group = os.getpgid(child)
                os.kill(child, signal.SIGKILL)
                if group != os.getpgrp():
                    os.killpg(group, signal.SIGKILL)
        if readable(woken, seconds=0.001):
            os.read(woken, 4096)


def _end_like(status: int) -> NoReturn:
    """End with the exit code of the job, or by the signal that killed it."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def main() -> None:
    """Run the command that the command line names."""
    lifeline, forwarded, cores, *command = sys.argv[1:]
    keep(int(lifeline), signal.Signals(int(forwarded)), {int(core) for core in cores.split(",") if core}, command)
