"""The processes of jobs: started, watched, and stopped with all their children when they take too much."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from bench.machine.environment import thread_variables
from bench.machine.job_mark import MARK
from bench.machine.memory import size_text
from bench.machine.processes import SAMPLE_SECONDS, end_all, exit_code, held_beyond
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.handing import Handing
from bench.running.hearing import Log, Watch
from bench.running.job import STOP_SIGNAL
from bench.running.vetting import vetted
from protocol.scratch import scratch_folder

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.handing import TrainingData
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress

LAST_WORDS_SECONDS = 1.0
"""The seconds that a stopped process has to print its stack traces."""


@dataclass(frozen=True)
class Limits:
    """The most that a job may take.

    Parameters
    ----------
    seconds
        After which it is stopped.
    memory
        Bytes that its processes may hold together; None for no limit.
    """

    seconds: float
    memory: int | None


class Supervisor:
    """Runs jobs, each in a process of its own, and can stop all that are running.

    Parameters
    ----------
    training
        The training interactions of the jobs' tasks.
    """

    def __init__(
        self,
        training: TrainingData,
        limits: Limits,
        progress: Progress,
    ) -> None:
        self._progress = progress
        self._training, self._limits = training, limits
        # Each with the mark that it and all that it starts carry.
        self._processes: dict[subprocess.Popen[bytes], str] = {}
        self._stopped = False
        self._lock = threading.Lock()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def stop(self) -> None:
        """Kill the running jobs, and start no others."""
        with self._lock:
            self._stopped = True
            for process, mark in self._processes.items():
                end_all(process.pid, mark)

    def run(self, job: Job) -> Record:
        """Run one job until it ends or fails, and return its record.

        Raises
        ------
        KeyboardInterrupt
            If `stop` has stopped the jobs meanwhile.
        """
        with scratch_folder() as scratch:
            out, own = scratch / "record", scratch / "tmp"
            own.mkdir()
            channel, their_end = socket.socketpair()
            with channel:
                handing = Handing(job, job.spec(out), self._training, channel)
                watch, log = Watch(job, self._progress, handing.answer), Log()
                with their_end:
                    process = self._start(their_end, job.threads, own)
                failure = self._wait(process, channel, watch, log)
            if self._stopped:
                raise KeyboardInterrupt
            if out.exists():
                return vetted(out, job, handing.asked_at, handing.refused)
            return failed_record(job.document, structs.replace(failure, detail=log.text))

    def _start(self, channel: socket.socket, threads: int, own: Path) -> subprocess.Popen[bytes]:
        """Start a process that gets its answers from a channel, and has a folder of its own for what it writes."""
        # -P keeps the current folder off the path: a random.py of the user's there is not Python's.
        command = [sys.executable, "-P", "-m", "bench.running.job"]
        mark = secrets.token_hex(16)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "OLDPWD"},
            **thread_variables(threads),
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(own),
            "PWD": str(own),
            MARK: mark,
        }
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            process = subprocess.Popen(
                command,
                stdin=channel.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
            self._processes[process] = mark
        return process

    def _wait(self, process: subprocess.Popen[bytes], channel: socket.socket, watch: Watch, log: Log) -> Failure:
        """Wait for a process to end; return the failure that the job is if it left no record."""
        listeners = [
            threading.Thread(target=listen, args=(stream,), daemon=True)
            for listen, stream in ((watch.listen, process.stdout), (log.listen, process.stderr))
        ]
        for listener in listeners:
            listener.start()
        try:
            return self._outcome(process, watch)
        finally:
            with self._lock:
                end_all(process.pid, self._processes.pop(process))
            process.wait()
            # An answer that waits to be read ends here.
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
            for listener in listeners:
                # A process that was not found may still hold the other end.
                listener.join(timeout=1.0)

    def _outcome(self, process: subprocess.Popen[bytes], watch: Watch) -> Failure:
        """Wait for a process to end, or to take too much; return it as a failure."""
        started = time.monotonic()
        while (left := started + self._limits.seconds - time.monotonic()) > 0:
            code = exit_code(process, left if self._limits.memory is None else min(left, SAMPLE_SECONDS))
            if code is not None:
                return Failure("died", f"{_cause_of_death(code)}, {watch.phase}")
            limit = self._limits.memory
            if limit is not None and (held := held_beyond(process.pid, limit)) is not None:
                message = f"stopped at {size_text(held)}, over the limit of {size_text(limit)}, {watch.phase}"
                _ask_for_last_words(process)
                return Failure("memory", message, time.monotonic() - started)
        message = f"stopped after {self._limits.seconds:g} s, {watch.phase}"
        _ask_for_last_words(process)
        return Failure("timeout", message, self._limits.seconds)


def _ask_for_last_words(process: subprocess.Popen[bytes]) -> None:
    """Ask a process for its stack traces; wait until it exits or `LAST_WORDS_SECONDS` pass."""
    os.kill(process.pid, STOP_SIGNAL)  # Not by `process`, which would wait for it if it has ended.
    exit_code(process, LAST_WORDS_SECONDS)


def _cause_of_death(code: int) -> str:
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    # Where memory runs out, Linux kills the largest process.
    hint = " (perhaps memory ran out)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
