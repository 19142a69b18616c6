"""The folder of a run on Slurm, which its jobs share: in the results folder, and gone when the run is over.

::

    RESULTS/.slurm-NAME/
        driver.json         the process of the run; whether all jobs run on one kind of machine
        lease               renewed by the driver: without it all jobs end
        withdrawn/ARRAY.N   an element that the driver does not want any more
        arrays/ARRAY        the parcels of an array, one a line
        blobs/              the files that jobs need
        events/KEY          what a job reports
        running/HOST/PID    an element that runs
        kind                the kind of machine of the first job, where all run on one
        done/KEY.N.NODE     the answer for a job; N jobs of the run shared the node
        logs/               what Slurm and the elements print

A job is named here for its parcel: a run that follows one that was killed knows finished jobs again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.running.travel.lease import PATIENCE_SECONDS
from bench.running.travel.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PREFIX = ".slurm-"
"""How the names of such folders begin."""

_PARTS = ("arrays", "blobs", "done", "events", "logs", "running", "withdrawn")


_ANSWER = re.compile(r"([0-9a-f]{32})\.([0-9]{1,6})\.(.+)")


@dataclass(frozen=True)
class AnswerFile:
    """The file of an answer.

    Parameters
    ----------
    n_at_once
        The most jobs of the run that its node ran at once.
    """

    path: Path
    n_at_once: int
    node: str


def parcel_key(parcel: bytes) -> str:
    """Return the name of a job in the folder."""
    return hashlib.sha256(parcel).hexdigest()[:32]


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run.

    Parameters
    ----------
    path
        Absolute, as the nodes see it, too.
    """

    path: Path

    @classmethod
    def made(cls, results: Path, *, same_machine: bool = False) -> RunFolder:
        """Make the folder of a new run."""
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=results.resolve()))
        for part in _PARTS:
            (path / part).mkdir()
        process = psutil.Process()
        about = {"host": platform.node(), "pid": process.pid, "started": process.create_time()}
        about["same_machine"] = same_machine
        write_whole(path / "driver.json", [json.dumps(about).encode()])
        return cls(path)

    @property
    def is_of_one_kind(self) -> bool:
        """Whether all jobs run on one kind of machine."""
        return bool(json.loads((self.path / "driver.json").read_bytes())["same_machine"])

    @property
    def lease(self) -> Path:
        """The file that the driver renews."""
        return self.path / "lease"

    @property
    def name(self) -> str:
        """What the names of the run's arrays begin with."""
        return f"recbench-{self.path.name.removeprefix(PREFIX)}"

    def part(self, name: str) -> Path:
        """Return one of the folders in it."""
        return self.path / name

    def claim_kind(self, kind: str) -> str:
        """Return the kind of machine that the run's jobs run on: the first element says which that is."""
        place, draft = self.path / "kind", self.path / f".kind-{platform.node()}-{os.getpid()}"
        write_whole(draft, [kind.encode()])
        try:
            with contextlib.suppress(FileExistsError):
                os.link(draft, place)
        finally:
            draft.unlink()
        return place.read_text()

    def write_array(self, name: str, parcels: Iterable[bytes]) -> None:
        """Write the parcels of an array, in the order of its elements."""
        write_whole(self.part("arrays") / name, (parcel + b"\n" for parcel in parcels))

    def drop_array(self, name: str) -> None:
        """Remove the parcels of an array."""
        (self.part("arrays") / name).unlink()

    def parcel(self, name: str, index: int) -> bytes:
        """Return the parcel of an element."""
        return (self.part("arrays") / name).read_bytes().split(b"\n")[index]

    def arrays(self) -> list[str]:
        """Return the names of all arrays."""
        return sorted(path.name for path in self.part("arrays").iterdir())

    def withdrawal(self, name: str, index: int) -> Path:
        """Return the file that ends an element."""
        return self.part("withdrawn") / f"{name}.{index}"

    def answer(self, key: str, content: bytes, n_at_once: int, node: str) -> None:
        """Write the answer for a job."""
        write_whole(self.part("done") / f"{key}.{n_at_once}.{node}", [content])

    def look_anew(self) -> None:
        """Let `answers` see what other machines wrote: a network file system may list a folder from memory."""
        done = self.part("done")
        done.chmod(done.stat().st_mode)

    def answers(self) -> dict[str, AnswerFile]:
        """Return the answers by the keys of their jobs."""
        done = self.part("done")
        names = [_ANSWER.fullmatch(path.name) for path in done.iterdir()]
        return {name[1]: AnswerFile(done / name[0], int(name[2]), name[3]) for name in names if name}

    def forget(self, key: str) -> None:
        """Remove what was written about a job."""
        for path in (self.part("events") / key, *self.part("done").glob(f"{key}.*")):
            path.unlink(missing_ok=True)

    def log(self, job: str) -> str | None:
        """Return the end of what an element printed, by Slurm's number of it; None where there is no log."""
        try:
            return (self.part("logs") / f"{job}_0_log.err").read_text(errors="replace")[-2000:]
        except OSError:
            return None

    def remove(self) -> None:
        """Remove the folder, with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def is_abandoned(self) -> bool:
        """Whether its run is gone."""
        try:
            about = json.loads((self.path / "driver.json").read_bytes())
            if about["host"] == platform.node():
                return not _runs(int(about["pid"]), float(about["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return self._age() > 2 * PATIENCE_SECONDS

    def _age(self) -> float:
        """Return for how many seconds the lease was not renewed, by the clock of the file system."""
        newest = _modified(self.lease) or _modified(self.path)
        try:
            with tempfile.TemporaryFile(dir=self.path) as now:
                return os.fstat(now.fileno()).st_mtime - newest
        except OSError:
            return 0.0


def abandoned(results: Path) -> Iterator[RunFolder]:
    """Yield the folders that runs left which are gone."""
    for path in sorted(results.resolve().glob(f"{PREFIX}*")):
        folder = RunFolder(path)
        if path.is_dir() and not path.is_symlink() and folder.is_abandoned:
            yield folder


def newest_answers(folders: Sequence[RunFolder]) -> dict[str, AnswerFile]:
    """Return the answers in some folders, by the keys of their jobs."""
    found: dict[str, AnswerFile] = {}
    for folder in folders:
        try:
            found |= folder.answers()
        except OSError:
            continue
    return found


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _runs(pid: int, started: float) -> bool:
    """Whether a process of this machine still runs."""
    try:
        return abs(psutil.Process(pid).create_time() - started) < 1.0
    except psutil.Error:
        return False
