"""The processes of jobs: started, watched, and stopped with all their children when they take too much."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from msgspec import structs, to_builtins

from bench.machine import collector
from bench.machine.devices.variables import device_variables
from bench.machine.environment import thread_variables
from bench.machine.kept import KeptProcess
from bench.machine.memory import size_text
from bench.machine.meter import Meter
from bench.machine.processes import NO_EXIT_CODE
from bench.machine.processor_time import seconds_below
from bench.machine.standard_streams import occupy_standard_streams
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.handing import Handing
from bench.running.hearing import Log, Watch
from bench.running.job import STOP_SIGNAL
from bench.running.standstill import Standstill
from bench.running.taking import with_taken_model
from bench.running.vetting import vetted
from protocol.scratch import scratch_folder
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.folder_view import FolderView
    from bench.running.handing import TrainingData
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress

SAVING_SECONDS = 600.0
"""The most seconds that a job may take to save its model; they are not in the job's own limit."""

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
    view
        What the jobs see as their current folder.
    models
        Where the fitted models go, each in a folder with the name of its job's key; None to keep none.
    scratch
        Where the jobs' own folders are made; by default in the temporary folder.
    """

    def __init__(
        self,
        training: TrainingData,
        limits: Limits,
        progress: Progress,
        view: FolderView,
        models: Path | None = None,
        scratch: Path | None = None,
    ) -> None:
        occupy_standard_streams()
        self._progress, self._view, self.models, self._scratch = progress, view, models, scratch
        self._training, self._limits = training, limits
        self._running: set[KeptProcess] = set()
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
            for kept in self._running:
                kept.end()

    def run(self, job: Job) -> Record:
        """Run one job until it ends or fails, and return its record.

        Raises
        ------
        KeyboardInterrupt
            If `stop` has stopped the jobs meanwhile.
        """
        with scratch_folder(self._scratch) as scratch:
            # What saves the model may take the folder above for its own, too.
            out, own, saved = scratch / "record", scratch / "tmp", scratch / "kept" / "model"
            own.mkdir()
            saved.parent.mkdir()
            channel, their_end = socket.socketpair()
            with channel:
                keep = None if self.models is None else saved
                folder = str(self._view.folder)
                spec = {**job.spec(out, keep), "folder": folder, "view": self._shown(scratch / "view")}
                handing = Handing(job, spec, self._training, channel)
                watch, log = Watch(job, self._progress, handing.answer), Log()
                meter = Meter(self._limits.memory)
                with their_end:
                    kept = self._start(their_end, job, own)
                standstill = Standstill(partial(seconds_below, kept.pid), job.threads)
                failure = self._wait(kept, channel, watch, log, meter, standstill)
            if self._stopped:
                raise KeyboardInterrupt
            if out.exists():
                record = vetted(out, job, handing.asked_at, handing.refused, watch.saving_since)
                record = with_taken_model(record, job, saved, self.models, failure.message)
                record = _with_peaks(_with_last_words(record, job, log.text), meter.peaks_mib)
                return _with_standstill(record, standstill.seconds)
            return failed_record(job.document, structs.replace(failure, detail=log.text))

    def _shown(self, at: Path) -> dict[str, str]:
        """Make the view of the user's folder, and return what it shows, where, and which place is the user's folder."""
        return {"folder": str(self._view.make(at)), "at": str(at), "base": str(self._view.base)}

    def _start(self, channel: socket.socket, job: Job, own: Path) -> KeptProcess:
        """Start a process that gets its answers from a channel, and has a folder of its own for what it writes."""
        # -P keeps the current folder off the path: a random.py of the user's there is not Python's. With -m, a worker
        # that a recommender spawns would import the job, too.
        command = [sys.executable, "-P", "-c", f"{collector.REST}; from bench.running.job import main; main()"]
        environment = {
            **{name: value for name, value in os.environ.items() if name != "OLDPWD"},
            **thread_variables(job.threads),
            **device_variables(on_device=job.placement is not None and job.placement.device is not None),
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(own),
            "PWD": str(own),
        }
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            kept = KeptProcess(
                command, environment, stdin=channel.fileno(), n_threads=job.threads, last_words=STOP_SIGNAL
            )
            self._running.add(kept)
        return kept

    def _wait(
        self, kept: KeptProcess, channel: socket.socket, watch: Watch, log: Log, meter: Meter, standstill: Standstill
    ) -> Failure:
        """Wait for a process to end; return the failure that the job is if it left no record."""
        process = kept.process
        listeners = [
            threading.Thread(target=listen, args=(stream,), daemon=True)
            for listen, stream in ((watch.listen, process.stdout), (log.listen, process.stderr))
        ]
        for listener in listeners:
            listener.start()
        try:
            return self._outcome(kept, watch, meter, standstill)
        finally:
            with self._lock:
                self._running.remove(kept)
                kept.end()
            process.wait()
            # An answer that waits to be read ends here.
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
            for listener in listeners:
                # A process that was not found may still hold the other end.
                listener.join(timeout=1.0)

    def _outcome(self, kept: KeptProcess, watch: Watch, meter: Meter, standstill: Standstill) -> Failure:
        """Wait for a process to end, or to take too much; return it as a failure. A standstill counts for no limit."""
        started = time.monotonic()
        while (left := _end(started + self._limits.seconds + standstill.seconds, watch) - time.monotonic()) > 0:
            waited = min(left, meter.pause)
            code = kept.exit_code(waited)
            standstill.look(waited)
            if code is not None:
                return Failure("died", f"{_cause_of_death(code)}, {watch.phase}")
            limit, excess = self._limits.memory, meter.look(kept.pid, watch.doing)
            if limit is not None and excess is not None:
                message = f"stopped at {size_text(excess)}, over the limit of {size_text(limit)}, {watch.phase}"
                kept.ask_for_last_words(LAST_WORDS_SECONDS)
                return Failure("memory", message, time.monotonic() - started)
        limit_seconds = self._limits.seconds if watch.saving_since is None else SAVING_SECONDS
        message = f"stopped after {limit_seconds:g} s, {watch.phase}"
        kept.ask_for_last_words(LAST_WORDS_SECONDS)
        return Failure("timeout", message, self._limits.seconds)


def _end(deadline: float, watch: Watch) -> float:
    """Return when a job is stopped; saving its model has a limit of its own."""
    return deadline if watch.saving_since is None else watch.saving_since + SAVING_SECONDS


def _with_last_words(record: Record, job: Job, printed: str) -> Record:
    """Return a record; if it is a failure, with what the process printed last."""
    failure = record.failure
    if failure is None or not printed.strip():
        return record
    message = registry.with_reason(failure.message, printed)
    detail = f"{failure.detail or ''}\nThe process printed last:\n{printed}"
    return failed_record(job.document, structs.replace(failure, message=message, detail=detail))


def _with_peaks(record: Record, seen: Mapping[str, float]) -> Record:
    """Return a record with the peaks of all processes together, by phase and in MiB, where they are higher."""
    memory, usage = record.memory, record.usage
    if memory is None or usage is None:
        return record
    memory = structs.replace(memory, peak_mib=max(memory.peak_mib, seen.get("fit", 0.0)))
    usage = structs.replace(
        usage, scoring_peak_mib=max(usage.scoring_peak_mib, seen.get("score", 0.0) - usage.ranking_mib)
    )
    return replace(record, document={**record.document, **to_builtins({"memory": memory, "usage": usage})})


def _with_standstill(record: Record, seconds: float) -> Record:
    """Return a record with for how long the job stood still at the most."""
    usage = record.usage
    if usage is None or not seconds:
        return record
    usage = structs.replace(usage, standstill_seconds=seconds)
    return replace(record, document={**record.document, "usage": to_builtins(usage)})


def _cause_of_death(code: int) -> str:
    if code == NO_EXIT_CODE:
        return "its process ended, and the system did not say how (something else in this process took its exit code)"
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    # Where memory runs out, Linux kills the largest process.
    hint = " (perhaps memory ran out)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
