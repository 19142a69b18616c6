"""Listen to a job's process: pass its events on to the progress, and keep the end of what it prints."""

from __future__ import annotations

import json
import os
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.running.plan import Job
    from bench.running.progress.listening import Progress

LOG_LENGTH = 4000
"""The number of bytes that are kept of what a process prints, the last ones."""


class Log:
    """Keeps the end of what a job's process prints, however much that is."""

    def __init__(self) -> None:
        self._kept = b""

    def listen(self, printed: IO[bytes]) -> None:
        """Read until there is no more."""
        with printed:
            while chunk := os.read(printed.fileno(), 2**16):
                self._kept = (self._kept + chunk)[-LOG_LENGTH:]

    @property
    def text(self) -> str:
        """The last bytes that it printed."""
        return self._kept.decode(errors="replace")


class Watch:
    """Receives the events of a job's process and passes them on to the progress.

    Attributes
    ----------
    phase
        Where the job was at the last event, as a message continues: "while it was fitting, after epoch 4 of 30".
    """

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
                self._progress.reported(self._job, event)


def _phase_text(event: Mapping[str, Any]) -> str:
    """Return where a job was at an event: "while it was fitting, after epoch 4 of 30"."""
    doing = {"selection": "choosing its epochs", "fit": "fitting", "score": "scoring"}[event["phase"]]
    if "epoch" not in event:
        return f"while it was {doing}"
    most = f" of {event['epochs']}" if event["epochs"] else ""
    return f"while it was {doing}, after epoch {event['epoch']}{most}"
