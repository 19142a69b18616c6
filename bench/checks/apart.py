"""The checks run in a process of their own, so that a recommender that never returns, or ends it, fails one check."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError, Struct
from msgspec.json import decode

from bench.checks.check import CheckResult
from bench.checks.examination import CHECKS
from bench.findings import Judgement
from bench.machine.devices.choosing import ON_CPU, Asked, Placement, placement
from bench.machine.devices.variables import device_variables
from bench.machine.environment import physical_cores, thread_variables
from bench.machine.job_mark import MARK
from bench.machine.kept import end_kept
from bench.machine.processes import exit_code
from bench.options import DEFAULT_CHECK_TIMEOUT
from protocol.processes.lifeline import Lifeline
from protocol.processes.waiting import readable
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REQUEST, PLACES = "request.json", "places.txt"
"""Files through which the process is asked, and says where each of its threads is when `WHERE_SIGNAL` arrives."""

WHERE_SIGNAL = signal.SIGUSR1

_START_SECONDS = 60.0
"""How long the process may take to start, where a check may not take as long: it imports the harness."""

_LAST_WORDS_SECONDS = 0.3
"""How long a process that says nothing has to end, and a stopped one to say where it is."""


def check_apart(
    entry: registry.Entry,
    parameters: Mapping[str, Any],
    seconds: float = DEFAULT_CHECK_TIMEOUT,
    known: Mapping[str, CheckResult] | None = None,
    asked: Asked = ON_CPU,
) -> Iterator[CheckResult]:
    """Yield the result of each check as soon as it is known.

    The checks run in another process, with as many threads as a run's jobs have. A check that takes longer than
    ``seconds``, or ends the process, fails, and the others go on in a new process.

    Parameters
    ----------
    entry, parameters
        As of `bench.checks.check_recommender`.
    known
        Results of an earlier examination, by the check's name; these are not run.
    asked
        The device and the precision, for a recommender that takes them.

    Raises
    ------
    RecommenderError
        If there is no such device.
    """
    registry.prepare(entry)
    where = _placement(entry, asked)
    found = dict(known or {})
    while waiting := [name for name in CHECKS if name not in found]:
        with _started(entry, parameters, found, where) as process:
            for result in process.results(waiting, seconds):
                found[result.name] = result
                yield result


def _placement(entry: registry.Entry, asked: Asked) -> Placement:
    """Return where the recommender is checked: on the processor, unless it takes a device."""
    description = registry.description_of(entry)
    if description is None or not description.takes_device:
        return Placement()
    return placement(asked, takes_precision=description.takes_precision)


@contextmanager
def _started(
    entry: registry.Entry, parameters: Mapping[str, Any], known: Mapping[str, CheckResult], where: Placement
) -> Iterator[_Examiner]:
    """Start a process that runs the checks without a result; at the end, kill it and all that it started."""
    with tempfile.TemporaryDirectory(prefix="recbench-check-", ignore_cleanup_errors=True) as scratch:
        request = {
            "entry": asdict(entry),
            "parameters": dict(parameters),
            "placement": where.arguments,
            "tf32": where.tf32,
            "known": {name: [result.status, result.message] for name, result in known.items()},
        }
        Path(scratch, REQUEST).write_text(json.dumps(request), encoding="utf-8")
        reading, writing = os.pipe()
        mark = secrets.token_hex(16)
        try:
            lifeline = Lifeline(
                # As `bench.running` starts a job: the current folder is not on the path.
                [sys.executable, "-P", "-m", "bench.checks.examiner", scratch, str(writing)],
                forwarded=WHERE_SIGNAL,
                passed=[writing],
                stdin=subprocess.PIPE,
                stdout=2,
                env={
                    **os.environ,
                    **thread_variables(physical_cores()),
                    **device_variables(on_device=where.device is not None),
                    "TMPDIR": scratch,
                    MARK: mark,
                },
            )
        finally:
            os.close(writing)
        process = lifeline.process
        try:
            yield _Examiner(process, reading, Path(scratch), _file_of(entry))
        finally:
            end_kept(lifeline, mark)
            process.wait()
            if process.stdin:
                process.stdin.close()
            os.close(reading)


@dataclass
class _Examiner:
    """A process that runs checks.

    Parameters
    ----------
    events
        The open file from which its events are read.
    file
        The end of the recommender's file, as a traceback names it.
    """

    process: subprocess.Popen[bytes]
    events: int
    scratch: Path
    file: str

    def results(self, names: Sequence[str], seconds: float) -> Iterator[CheckResult]:
        """Yield the results of some checks in their order; the last is that of a check that did not end by itself."""
        events = self._heard(seconds)
        for name in names:
            told = next((told for told in events if told is not None and told.name == name and told.result), None)
            if told is None or told.result is None:
                code = exit_code(self.process, _LAST_WORDS_SECONDS)
                yield CheckResult(name, "fail", self._stopped(seconds) if code is None else _ended(code))
                return
            yield CheckResult(name, *told.result)

    def _heard(self, seconds: float) -> Iterator[_Told | None]:
        """Yield events, and None for each line that is none.

        Stop where nothing comes for so many seconds, or nothing can come any more.
        """
        unread, limit = b"", time.monotonic() + max(seconds, _START_SECONDS)
        while (left := limit - time.monotonic()) > 0:
            if not readable(self.events, seconds=left):
                return
            chunk = os.read(self.events, 2**16)
            if not chunk:
                return
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                yield _event(line)
            limit = time.monotonic() + seconds

    def _stopped(self, seconds: float) -> str:
        with suppress(ProcessLookupError):  # It may have ended just now.
            os.kill(self.process.pid, WHERE_SIGNAL)
        exit_code(self.process, _LAST_WORDS_SECONDS)
        return (
            f"stopped after {seconds:g} s{self._place()}; look for a loop that waits for what these data do not have, "
            "such as an item that a user has not touched; if it is only slow, give it more time with --timeout SECONDS"
        )

    def _place(self) -> str:
        """Return the line of the recommender's file that was running, as `` (sound.py, line 20)``; empty if unknown."""
        places = self.scratch / PLACES
        if not places.exists():  # It has not come as far as the first check.
            return ""
        for line in places.read_text(encoding="utf-8", errors="replace").splitlines():
            place, found, rest = line.strip().removeprefix("File ").partition(", line ")
            if found and place.strip('"').endswith(self.file):
                return f" ({Path(self.file).name}, line {rest.partition(' ')[0]})"
        return ""


class _Told(Struct):
    """That a check begins or, with a result, that it has ended."""

    name: str
    result: Judgement | None = None


def _event(line: bytes) -> _Told | None:
    """Return the event of a line; None for what a recommender wrote into the open file by mistake."""
    try:
        return decode(line, type=_Told)
    except (MsgspecError, RecursionError):
        return None


def _file_of(entry: registry.Entry) -> str:
    place = entry.reference.rpartition(":")[0]
    return place if entry.is_file else f"/{place.replace('.', '/')}.py"


def _ended(code: int) -> str:
    manner = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
    return f"ended the process of the checks {manner}; a recommender may raise an error, and may not end its process"
