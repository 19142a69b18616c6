"""One inspecting process (see `recommenders.registry.inspection.inspector`): its start, its answers and its end."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from protocol.processes.keeper import ENDING_SECONDS, KEEPS
from protocol.processes.lifeline import Lifeline
from protocol.scratch import scratch_folder
from recommenders.registry.failing import last_line_text, with_reason
from recommenders.registry.foreseeing import Foreseen
from recommenders.registry.inspection.answers import ANSWERS, REQUEST, read_answers
from recommenders.registry.inspection.outcome import Inspection
from recommenders.registry.search_space import DeclaredSpace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from recommenders.registry.inspection.outcome import Outcome

_MARK = "RECBENCH_INSPECTING"
"""Set in the environment of an inspecting process, and so in that of every process that a plug-in starts there."""

_LOG_LENGTH = 4000
"""How many of the last bytes that a process printed are kept."""

_ADVICE = "; move what takes long into fit, so that importing only defines classes and functions"
"""What to do where importing takes too long."""


@contextmanager
def started(
    place: str, folder: str, names: Sequence[str], timeout_s: float, asked: Mapping[str, Any] | None = None
) -> Iterator[Inspecting]:
    """Start a process that inspects classes of a file or module; at the end, kill what is left of it.

    Parameters
    ----------
    asked
        What the only class is asked about its memory (see `recommenders.registry.inspection.inspector.ask_class`).

    Raises
    ------
    RecommenderError
        If this process is itself inspecting a plug-in, which would never end.
    """
    if _MARK in os.environ:
        raise RecommenderError(
            f"{place} is asked for by a plug-in that is being imported to see what it holds; put what a script does "
            "below `if __name__ == '__main__':`"
        )
    with scratch_folder() as scratch:
        token = secrets.token_hex(16)
        request = {
            "place": place,
            "folder": folder,
            "names": [*names],
            "timeout_s": timeout_s,
            "token": token,
            "asked": asked,
        }
        (scratch / REQUEST).write_text(json.dumps(request), encoding="utf-8")
        # A plug-in may set a umask under which this process could not read a file that the other one makes.
        (scratch / ANSWERS).touch()
        lifeline = Lifeline(
            # -P keeps the current folder off the path, as for jobs; -u lets nothing that is printed wait in a buffer.
            [sys.executable, "-P", "-u", "-m", "recommenders.registry.inspection.inspector", str(scratch)],
            forwarded=signal.SIGTERM,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, _MARK: "1"},
        )
        inspecting = Inspecting(place, len(names), timeout_s, scratch / ANSWERS, token, lifeline)
        try:
            yield inspecting
        finally:
            inspecting.end()


@dataclass
class Inspecting:
    """A process that inspects classes of a file or module.

    Parameters
    ----------
    n_names
        How many classes.
    file
        That of its answers.
    token
        What each of its answers begins with.
    """

    place: str
    n_names: int
    timeout_s: float
    file: Path
    token: str
    lifeline: Lifeline
    _printed: bytes = b""
    _reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._limit = time.monotonic() + self.timeout_s
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Read what the process prints, however much, and keep the end of it."""
        printed = self.lifeline.process.stdout
        assert printed is not None  # noqa: S101 - `started` gives it a pipe
        with printed as stream:
            while chunk := os.read(stream.fileno(), 2**16):
                self._printed = (self._printed + chunk)[-_LOG_LENGTH:]

    def answers(self) -> list[Inspection]:
        """Wait for the process, at most until its time is up; return an inspection for each class."""
        try:
            code = self.lifeline.process.wait(max(0.0, self._limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            outcome: Outcome = "timed out"
            event, advice = f"took longer than {self.timeout_s:g} s", _ADVICE
        else:
            outcome = "ended"
            event, advice = f"ended the process {_manner(code)}", ""
        self.end()
        printed = self._printed.decode(errors="replace")
        event += last_line_text(printed)
        unanswered = Inspection(outcome, problem=f"{self.place} cannot be loaded: importing it {event}{advice}")
        found = read_answers(self.file, self.token)
        inspections = [_completed(found.get(number, unanswered), f"it {event}") for number in range(self.n_names)]
        return [replace(each, problem=with_reason(each.problem, printed)) for each in inspections]

    def end(self) -> None:
        """Kill the process and all that it started; where there are no keepers, those of its group."""
        process = self.lifeline.process
        self.lifeline.let_go()
        if KEEPS:
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS + 0.5)
        if process.returncode is None or not KEEPS:
            with suppress(ProcessLookupError, PermissionError):  # All of them have ended.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # A process that left the group may still hold the other end of the pipe.
        self._reader.join(timeout=1.0)


def _completed(inspection: Inspection, reason: str) -> Inspection:
    """Return an inspection; if the process ended before it gave its second answer, with the reason for that."""
    if inspection.outcome != "described" or inspection.space is not None or inspection.foreseen is not None:
        return inspection
    return replace(inspection, space=DeclaredSpace(problem=reason), foreseen=Foreseen(problem=reason))


def _manner(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
