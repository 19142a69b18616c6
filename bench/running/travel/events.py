"""The events of jobs through a folder that driver and workers share: each job appends lines to a file of its own."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import TYPE_CHECKING

from bench.running.hearing import event_of
from bench.running.travel.visiting import BEGUN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from bench.running.progress.texts import Event

LOOK_SECONDS = 0.5
"""How often the driver looks."""


class EventFile:
    """Appends the events of one job to its file; a disk that cannot be written costs the events, not the job.

    Parameters
    ----------
    folder
        See `EventFolder`.
    name
        Of the job there.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name

    def write(self, event: Event) -> None:
        """Append an event."""
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(event)}\n")


class EventFolder:
    """Passes the events of a folder on to a progress, in a thread of its own.

    Parameters
    ----------
    folder
        With a file for each job that runs.
    jobs
        By the names of their files; more may be added.
    """

    def __init__(self, folder: Path, jobs: Mapping[str, Job], progress: Progress) -> None:
        self._folder, self._jobs, self._progress = folder, jobs, progress
        self._read: dict[str, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _keep_looking(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            # A shared disk may be away for a moment, and a terminal for good: neither ends the run.
            with contextlib.suppress(OSError):
                self._look()

    def _look(self) -> None:
        for path in self._folder.iterdir():
            job = self._jobs.get(path.name)
            if job is not None and path.stat().st_size > self._read.get(path.name, 0):
                self._pass_on(path, job)

    def _pass_on(self, path: Path, job: Job) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path.name, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read[path.name] = self._read.get(path.name, 0) + len(line)
                tell(self._progress, job, line)


def tell(progress: Progress, job: Job, line: bytes) -> None:
    """Pass an event of a worker on to a progress; a line that is no event is left out."""
    event = event_of(line)
    if event is not None:
        progress.reported(job, event)
    elif line.strip() == _BEGUN_LINE:
        progress.started(job)


_BEGUN_LINE = json.dumps(BEGUN).encode()
