"""Running jobs: each in a process of its own, watched, and stopped with all its children when it takes too much."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bench.machine.environment import thread_variables
from bench.machine.memory import size_text
from bench.machine.processes import MARK, SAMPLE_SECONDS, end_all, exit_code, held_beyond
from bench.records.groups import check_same_task
from bench.records.inputs import failed_record, task_document
from bench.records.store import DOCUMENT, Record, Store, read_record
from bench.running.job import MESSAGE_LENGTH, STOP_SIGNAL
from protocol.errors import ProtocolError, RecbenchWarning, RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.running.plan import Job
    from bench.running.progress.listening import Progress

LOG_LENGTH = 4000
"""How many of the last bytes that a dead process printed are kept."""

LAST_WORDS_SECONDS = 1.0
"""How long a process that is stopped has for saying where it is."""


def run_jobs(
    jobs: Sequence[Job],
    store: Store,
    *,
    timeout: float,
    progress: Progress,
    memory: int | None = None,
    n_parallel: int = 1,
) -> list[Record]:
    """Return the record of each job: the stored one, or what a process makes of it now.

    A failure is stored, too, and tried again the next time.

    Parameters
    ----------
    timeout
        Seconds after which a job is stopped.
    memory
        Bytes; a job whose processes are seen to hold more is stopped. None for no limit.
    n_parallel
        How many jobs run at once; more than one disturb each other's times.

    Raises
    ------
    ProtocolError
        If the store has records of another task or schema: no table could be made of both.
    """
    what = f"the records in {store.folder}, and those that are to be made,"
    check_same_task(f"{what} would be", [*store.tasks(), *(task_document(job.task) for job in jobs)])
    store.prepare()
    jobs = list({job.key: job for job in jobs}.values())
    records = {job.key: record for job in jobs if (record := _stored(store, job)) is not None}
    missing = [job for job in jobs if job.key not in records]
    unprepared = _prepare(missing)
    with tempfile.TemporaryDirectory(prefix="recbench-") as scratch, progress:
        progress.begin(missing, n_stored=len(records), folder=store.folder)
        folders = _save_tasks(missing, Path(scratch, "tasks"))
        running = _Running(Path(scratch), folders, _Limits(timeout, memory), progress, unprepared)
        executor = ThreadPoolExecutor(n_parallel)
        try:
            for job, record in zip(missing, executor.map(lambda job: _run(job, running, store), missing), strict=True):
                records[job.key] = record
        except BaseException:
            running.stop()
            raise
        finally:
            executor.shutdown(cancel_futures=True)
    return [records[job.key] for job in jobs]


def _stored(store: Store, job: Job) -> Record | None:
    """Return a job's record if it is there, whole, and no failure; by the name and the tuning that it has by now.

    What tuning took is stored where it is another than was known: a table of the folder shows it, too.
    """
    try:
        record = store.find(job.key)
    except ProtocolError as error:
        warnings.warn(f"{error}. The job is run again now.", RecbenchWarning, stacklevel=2)
        return None
    if record is None or record.failed:
        return None
    tuning_seconds = job.choice.tuning_seconds
    if tuning_seconds is not None and record.document.get("tuning_seconds") != tuning_seconds:
        record = replace(record, document={**record.document, "tuning_seconds": tuning_seconds})
        store.add(record)
    named = {**record.document["recommender"], "label": job.choice.label}
    return replace(record, document={**record.document, "recommender": named})


def _prepare(jobs: Sequence[Job]) -> dict[str, dict[str, str]]:
    """Let programs make ready what they need once, off the clock; return the failures of those that cannot.

    Each failure stands under the reference of its recommender's class.
    """
    failures = {}
    for entry in {job.choice.entry.reference: job.choice.entry for job in jobs}.values():
        try:
            registry.prepare(entry)
        except RecommenderError as error:
            failures[entry.reference] = {"kind": "raised", "message": str(error)[:MESSAGE_LENGTH], "detail": str(error)}
    return failures


def _save_tasks(jobs: Sequence[Job], folder: Path) -> dict[str, Path]:
    """Save the tasks of some jobs; return where each is, by its digest."""
    tasks = {task.digest: task for job in jobs for task in (job.task, job.validation) if task is not None}
    for digest, task in tasks.items():
        task.save(folder / digest)
    return {digest: folder / digest for digest in tasks}


def _run(job: Job, running: _Running, store: Store) -> Record:
    running.progress.started(job)
    record = running.run(job)
    store.add(record)
    running.progress.ended(job, record)
    return record


@dataclass(frozen=True)
class _Limits:
    """What a job may take: seconds, and bytes, of which None are no limit."""

    seconds: float
    memory: int | None


class _Running:
    """Starts processes, and knows those that are under way."""

    def __init__(
        self,
        scratch: Path,
        tasks: Mapping[str, Path],
        limits: _Limits,
        progress: Progress,
        unprepared: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.progress = progress
        self._unprepared = unprepared
        self._scratch, self._tasks, self._limits = scratch, tasks, limits
        # Each job's, with the mark that it and all that it starts carry.
        self._processes: dict[subprocess.Popen[bytes], str] = {}
        self._stopped = False
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Kill what runs, and let nothing more begin."""
        with self._lock:
            self._stopped = True
            for process, mark in self._processes.items():
                end_all(process.pid, mark)

    def run(self, job: Job) -> Record:
        """Run one job to its end, whatever that is, and return its record."""
        failure = self._unprepared.get(job.choice.entry.reference)
        if failure is not None:
            return failed_record(job.document, failure)
        temporary = tempfile.TemporaryDirectory(prefix="recbench-job-")
        with temporary, tempfile.TemporaryDirectory(dir=self._scratch) as name:
            folder = Path(name)
            spec, out = folder / "spec.json", folder / "record"
            spec.write_text(json.dumps(job.spec(self._tasks, out)), encoding="utf-8")
            watch = _Watch(job, self.progress)
            process, log = self._start(spec, job.threads, temporary.name), _Log()
            failure = self._wait(process, watch, log)
            if self._stopped:
                raise KeyboardInterrupt
            if (out / DOCUMENT).exists():
                return read_record(out)
            return failed_record(job.document, {**failure, "detail": log.text})

    def _start(self, spec: Path, threads: int, temporary: str) -> subprocess.Popen[bytes]:
        # -P keeps the current folder off the path: a random.py of the user's there is not Python's.
        command = [sys.executable, "-P", "-m", "bench.running.job", str(spec)]
        mark = secrets.token_hex(16)
        environment = {
            **os.environ,
            **thread_variables(threads),
            "PYTHONHASHSEED": "0",
            "TMPDIR": temporary,
            MARK: mark,
        }
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
            self._processes[process] = mark
        return process

    def _wait(self, process: subprocess.Popen[bytes], watch: _Watch, log: _Log) -> dict[str, Any]:
        """Wait for a process to end; return the failure that it is if there is no record."""
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
            if process.stdin:
                process.stdin.close()
            for listener in listeners:
                # Whoever could not be found may still hold the other end.
                listener.join(timeout=1.0)

    def _outcome(self, process: subprocess.Popen[bytes], watch: _Watch) -> dict[str, Any]:
        """Wait for a process to end, or to take too much; return what kind of failure that is."""
        started = time.monotonic()
        while (left := started + self._limits.seconds - time.monotonic()) > 0:
            code = exit_code(process, left if self._limits.memory is None else min(left, SAMPLE_SECONDS))
            if code is not None:
                return {"kind": "died", "message": f"{_cause_of_death(code)}, {watch.phase}"}
            limit = self._limits.memory
            if limit is not None and (held := held_beyond(process.pid, limit)) is not None:
                message = f"stopped at {size_text(held)}, over the limit of {size_text(limit)}, {watch.phase}"
                _ask_for_last_words(process)
                return {"kind": "memory", "message": message, "seconds": time.monotonic() - started}
        message = f"stopped after {self._limits.seconds:g} s, {watch.phase}"
        _ask_for_last_words(process)
        return {"kind": "timeout", "message": message, "seconds": self._limits.seconds}


def _ask_for_last_words(process: subprocess.Popen[bytes]) -> None:
    """Let a process say where it is, and wait until it has ended or its time for that is up."""
    os.kill(process.pid, STOP_SIGNAL)  # Not by `process`, which would wait for it if it has ended.
    exit_code(process, LAST_WORDS_SECONDS)


class _Log:
    """What a job's process prints: the end of it is kept, however much there is."""

    def __init__(self) -> None:
        self._kept = b""

    def listen(self, printed: IO[bytes]) -> None:
        """Read until there is no more."""
        with printed:
            while chunk := os.read(printed.fileno(), 2**16):
                self._kept = (self._kept + chunk)[-LOG_LENGTH:]

    @property
    def text(self) -> str:
        """The last that it printed."""
        return self._kept.decode(errors="replace")


class _Watch:
    """Hears what a job's process tells, and passes it on."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self._job, self._progress = job, progress
        self.phase = "while it was starting"

    def listen(self, events: IO[bytes]) -> None:
        """Read events until there are no more."""
        with events:
            for line in events:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # A process that dies may leave half a line.
                self.phase = _phase_text(event)
                self._progress.told(self._job, event)


def _phase_text(event: Mapping[str, Any]) -> str:
    """Return where a job was when it told an event: "while it was fitting, after epoch 4 of 30"."""
    doing = {"selection": "choosing its epochs", "fit": "fitting", "score": "scoring"}[event["phase"]]
    if "epoch" not in event:
        return f"while it was {doing}"
    most = f" of {event['epochs']}" if event["epochs"] else ""
    return f"while it was {doing}, after epoch {event['epoch']}{most}"


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
