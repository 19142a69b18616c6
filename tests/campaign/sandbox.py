"""A place for a case: home, temporary files and current folder of all that it starts lie below one folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from cases import CampaignError, require
from pace import Deadline

from protocol.processes.descendants import descendants as below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]

ENDING_SECONDS = 5.0
"""The seconds after the end of a command in which what it started may still end."""

RECBENCH = (sys.executable, "-m", "bench")


@dataclass(frozen=True)
class Finished:
    """A command that has ended: exit code, what it printed, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    def said(self) -> str:
        """Return the last lines of standard error, for a failure."""
        return " | ".join(self.err.splitlines()[-4:])[-600:]


@dataclass
class Running:
    """A command that runs, in a session of its own."""

    process: subprocess.Popen[bytes]
    streams: tuple[Path, Path]
    started: float = field(default_factory=time.monotonic)

    def wait(self, seconds: float) -> Finished:
        """Wait for its end; it has to come within some seconds of a quiet machine."""
        deadline = Deadline(seconds)
        while (code := self.process.poll()) is None:
            if deadline.is_over():
                end_descendants()
                self.process.wait()
                raise CampaignError(f"it hung: no end within {deadline}; it said: {self._finished(0).said()}")
            time.sleep(0.01)
        return self._finished(code)

    def _finished(self, code: int) -> Finished:
        out, err = (stream.read_text(encoding="utf-8", errors="replace") for stream in self.streams)
        return Finished(code, out, err, time.monotonic() - self.started)


class Sandbox:
    """The folder of a case.

    Attributes
    ----------
    work, home, tmp
        The current folder, the home and the temporary folder of what is started here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work, self.home, self.tmp = (folder / name for name in ("work", "home", "tmp"))
        for made in (self.work, self.home, self.tmp):
            made.mkdir(parents=True, exist_ok=True)
        self._n_started = 0

    def environment(self) -> dict[str, str]:
        """Return what a command knows: no variable of the user's but the path of programs."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "RECBENCH_CACHE": str(self.home / "cache"),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }

    def start(
        self,
        arguments: Sequence[str],
        *,
        program: Sequence[str] = RECBENCH,
        environment: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
        stdout: int | None = None,
        work: Path | None = None,
    ) -> Running:
        """Start recbench, or another program, in the current folder of this place."""
        self._n_started += 1
        streams = (self.folder / f"{self._n_started}.out", self.folder / f"{self._n_started}.err")
        with streams[0].open("wb") as out, streams[1].open("wb") as err:
            process = subprocess.Popen(
                [*program, *arguments],
                cwd=work or self.work,
                env=self.environment() if environment is None else environment,
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=err,
                start_new_session=True,
                preexec_fn=before,
            )
        return Running(process, streams)

    def run(self, arguments: Sequence[str], seconds: float = 60.0) -> Finished:
        """Run recbench to its end."""
        return self.start(arguments).wait(seconds)

    def check_nothing_left(self, *, folders: bool = True) -> None:
        """Check that no process is left behind and, if asked to, no file in the temporary folder and the cache."""
        deadline = Deadline(ENDING_SECONDS)
        while left := descendants():
            if deadline.is_over():
                told = "; ".join(describe(process) for process in left)
                end_descendants()
                raise CampaignError(f"left behind: {told}")
            time.sleep(0.02)
        if folders:
            found = sorted(path.name for path in self.tmp.iterdir())
            require(not found, f"left in the temporary folder: {', '.join(found[:5])}")
            cache = self.home / "cache"
            found = sorted(path.name for path in cache.glob("*scratch*"))
            require(not found, f"left in the cache: {', '.join(found[:5])}")


def descendants() -> list[psutil.Process]:
    """Return the living processes below this one; orphans among them, where this one is a subreaper."""
    found = []
    for number in below(os.getpid()):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(number)
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_descendants() -> None:
    """Kill every process below this one."""
    while left := descendants():
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(left, timeout=1)


def describe(process: psutil.Process) -> str:
    """Return the number, state and command of a process."""
    try:
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())[:160]}"
    except psutil.Error:
        return str(process.pid)
