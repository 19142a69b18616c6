"""A real scheduler of dask and workers, each a process of its own, stopped by its number."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from protocol.processes.descendants import descendants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STARTING_SECONDS = 60.0

_SET_PDEATHSIG = 1
"""An option of prctl(2)."""


@dataclass(frozen=True)
class Started:
    """A process of the cluster.

    Parameters
    ----------
    log
        What it prints.
    folder
        What it writes.
    """

    process: subprocess.Popen[bytes]
    log: Path
    folder: Path

    def said(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(errors="replace")

    def jobs(self) -> list[int]:
        """Return the numbers of the processes of jobs that live below it."""
        return [number for number in descendants(self.process.pid) if b"bench.running.job" in _command(number)]

    def kill(self) -> None:
        """Kill it alone, as a machine's failure does; what it started is left to itself."""
        self.process.kill()
        self.process.wait()

    def kill_all(self) -> None:
        """Kill it and all that it started."""
        if self.process.poll() is not None:
            return  # Its number may be that of another process by now.
        with contextlib.suppress(psutil.NoSuchProcess):
            for below in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    below.kill()
        self.kill()


def _end_with_parent() -> None:
    """Let the system kill this process when the thread ends that started it: a test may be killed, too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _command(number: int) -> bytes:
    """Return the command of a process; empty if it has ended."""
    try:
        return Path("/proc", str(number), "cmdline").read_bytes()
    except OSError:
        return b""


class DaskCluster:
    """A scheduler, and the workers that a test adds.

    Parameters
    ----------
    folder
        Where they write: logs, and what workers keep.
    host
        The address of this machine on which the scheduler listens.

    Attributes
    ----------
    address
        The address of the scheduler.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", *, environment: Mapping[str, str] | None = None) -> None:
        self._folder, self._environment = folder, dict(environment or {})
        self._started: list[Started] = []
        folder.mkdir(parents=True, exist_ok=True)
        at = ["--host", host, "--port", "0", "--dashboard-address", f"{host}:0"]
        # It has no option for this folder.
        scratch = {"DASK_TEMPORARY_DIRECTORY": str(folder / "scheduler-scratch")}
        self.scheduler = self._start("scheduler", at, environment=scratch)
        self.address = self._wait_for(self.scheduler, "Scheduler at:").split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add_worker(
        self,
        host: str = "127.0.0.1",
        *,
        name: str | None = None,
        nanny: bool = False,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        command: Callable[[Sequence[str]], Sequence[str]] = list,
        folder: Path | None = None,
    ) -> Started:
        """Start a worker of one thread; it may not have joined yet (see `wait_for_workers`).

        Parameters
        ----------
        options
            Further options of ``dask worker``.
        environment
            Further variables.
        command
            Makes of its command the one that is run.
        folder
            Where it keeps its files.
        """
        name = name or f"worker-{len(self._started)}"
        own = folder or self._folder / name
        arguments = [self.address, "--host", host, "--name", name, "--nthreads", "1", "--no-dashboard"]
        arguments += ["--nanny" if nanny else "--no-nanny", "--local-directory", str(own), *options]
        return self._start("worker", arguments, name=name, environment=environment, command=command, folder=own)

    def wait_for_workers(self, *workers: Started) -> None:
        """Wait until workers have joined."""
        for worker in workers:
            self._wait_for(worker, "Registered to:")

    def stop_workers(self) -> None:
        """Kill all processes of the workers and wait for their ends."""
        for worker in self._started[:0:-1]:
            worker.kill_all()

    def stop(self) -> None:
        """Kill all processes of the cluster and wait for their ends."""
        for started in reversed(self._started):
            started.kill_all()

    def _start(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        name: str = "",
        environment: Mapping[str, str] | None = None,
        command: Callable[[Sequence[str]], Sequence[str]] = list,
        folder: Path | None = None,
    ) -> Started:
        folder = folder or self._folder / program
        folder.mkdir(parents=True, exist_ok=True)
        # A worker has an empty current folder of its own: nothing of the driver's lies there.
        current = self._folder / f"{name or program}-current"
        current.mkdir(exist_ok=True)
        log = self._folder / f"{name or program}.log"
        with log.open("wb") as printed:
            process = subprocess.Popen(
                command([sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments]),
                cwd=current,
                env={**os.environ, **self._environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        started = Started(process, log, folder)
        self._started.append(started)
        return started

    @staticmethod
    def _wait_for(started: Started, words: str) -> str:
        """Wait until a process has printed some words; return their line."""
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until and started.process.poll() is None:
            line = next((line for line in started.said().splitlines() if words in line), None)
            if line is not None:
                return line
            time.sleep(0.02)
        raise RuntimeError(f"dask did not start: {started.said()[-2000:]}")
