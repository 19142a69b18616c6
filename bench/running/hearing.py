"""Listen to a job's process: pass its events on to the progress, and keep the end of what it prints."""

from __future__ import annotations

import os
import time
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, MsgspecError, Struct, convert
from msgspec.json import decode

from bench.records.outcome import Amount
from bench.running.handing import Part
from bench.running.progress.listening import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from bench.running.progress.texts import Event

LOG_LENGTH = 4000
"""The number of bytes that are kept of what a process prints, the last ones."""


LINE_LENGTH = 2**16
"""The most bytes of a line that are read at once; the longest event has some hundred."""

_MOST = 2**53
"""The largest number of an epoch."""


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

    Parameters
    ----------
    answer
        Is called with each part that the job asks for (see `bench.running.handing`).

    Attributes
    ----------
    phase
        Where the job was at the last event, as a message continues: "while it was fitting, after epoch 4 of 30".
    doing
        The phase of the last event: ``"selection"``, ``"fit"``, ``"score"`` or ``"save"``; empty before the first.
    saving_since
        When the job began to save its model, in seconds of `time.monotonic`; None before. Its record is there then.
    """

    def __init__(self, job: Job, progress: Progress, answer: Callable[[Part], None]) -> None:
        self._job, self._answer = job, answer
        self._progress: Progress = progress
        self.doing = ""
        self.phase = "while it was starting"
        self.saving_since: float | None = None

    def listen(self, events: IO[bytes]) -> None:
        """Read events until there are no more."""
        with events:
            while line := events.readline(LINE_LENGTH):
                asked, event = _asked(line), event_of(line)
                if asked is not None:
                    self._answer(asked)
                elif event is not None:
                    self.phase, self.doing = _phase_text(event), event["phase"]
                    if self.doing == "save" and self.saving_since is None:
                        self.saving_since = time.monotonic()
                    self._report(event)

    def _report(self, event: Event) -> None:
        """Pass an event on to the progress."""
        try:
            self._progress.reported(self._job, event)
        except OSError:
            # Nothing can be shown any more, as below `| head`. The job still needs its data; the run ends when it
            # cannot show how the job went.
            self._progress = Silence()


_NO_EVENT = (MsgspecError, RecursionError)
"""What is raised by a line that is no event: no JSON, other JSON, or JSON that is nested without end."""


class _Asked(Struct):
    asks: Part


class _Begun(Struct):
    phase: Literal["selection", "fit", "score", "save"]


class _Trained(_Begun):
    epoch: Annotated[int, Meta(ge=1, le=_MOST)]
    epochs: Annotated[int, Meta(ge=0, le=_MOST)] | None
    loss: float | None
    seconds: Amount


def _asked(line: bytes) -> Part | None:
    """Return what a line asks for; None where it asks for nothing."""
    try:
        return decode(line, type=_Asked).asks
    except _NO_EVENT:
        return None


def event_of(line: bytes) -> Event | None:
    """Return the event that a line holds; None where it holds none.

    A process that dies may leave half a line, and a recommender may write into any file that is open.
    """
    try:
        event: Event = decode(line, type=dict[str, Any])
        convert(event, _Trained if "epoch" in event else _Begun)
    except _NO_EVENT:
        return None
    return event


def _phase_text(event: Mapping[str, Any]) -> str:
    """Return where a job was at an event: "while it was fitting, after epoch 4 of 30"."""
    doing = {"selection": "choosing its epochs", "fit": "fitting", "score": "scoring", "save": "saving its model"}[
        event["phase"]
    ]
    if "epoch" not in event:
        return f"while it was {doing}"
    most = f" of {event['epochs']}" if event["epochs"] else ""
    return f"while it was {doing}, after epoch {event['epoch']}{most}"
