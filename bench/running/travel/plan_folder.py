"""A plan on disk, for any scheduler: specifications of jobs, the files that they need, and the records that come.

::

    DIR/plan.json           the jobs by index, with the SHA-256 of each specification
    DIR/parcels/N.json      what the job of index N is to do
    DIR/blobs/SHA256        arrays of tasks, and sources of plug-ins
    DIR/claims/N            locked by the process that runs the job
    DIR/done/N.bundle       its record; a failure is a record, too
    DIR/done/N.refused      what came in its place, and is not of this job
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import MsgspecError, Struct, convert, structs, to_builtins

from bench.records.kept_model import is_path_within
from bench.records.reading import parsed, read_file
from bench.running.travel.blobs import Blobs
from bench.running.travel.bundle import BundleError, unsealed
from bench.running.travel.identity import Identity, identity
from bench.running.travel.parcel import FORM, Packing
from bench.running.travel.read_once import ReadOnce
from bench.running.travel.whole import drafts_in, write_whole
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bench.running.plan import Job
    from bench.running.supervisor import Limits

PLAN = "plan.json"
_WHAT = "recbench plan"
_BUNDLE = "bundle"


class PlannedJob(Struct, frozen=True):
    """A job of a plan.

    Parameters
    ----------
    title
        See `bench.running.plan.Job.title`.
    folder
        Of its record, within that of the results; empty for that folder itself.
    sha256
        Of its specification.
    """

    title: str
    folder: str
    sha256: str

    def __post_init__(self) -> None:
        """Refuse a folder that leads out of the results."""
        if self.folder and not is_path_within(self.folder):
            raise ValueError(f"{self.folder!r} is no folder within the results")


class Contents(Struct, frozen=True, kw_only=True):
    """What ``plan.json`` says.

    Parameters
    ----------
    what
        That this is a plan.
    form
        Of the specifications.
    identity
        Of what made the plan.
    jobs
        By index.
    """

    what: str = _WHAT
    form: int = FORM
    identity: Identity
    jobs: Sequence[PlannedJob]

    def __post_init__(self) -> None:
        """Refuse a plan without a job."""
        if not self.jobs:
            raise ValueError("it lists no job")


class PlanFolder:
    """A plan on disk.

    Parameters
    ----------
    folder
        With ``plan.json``.

    Raises
    ------
    ProtocolError
        If it holds no plan, a damaged one, or one of another form.
    """

    def __init__(self, folder: Path) -> None:
        # A job, which loads its source from there, starts in another folder than this process.
        self.folder, self.blobs = folder, Blobs(folder.resolve() / "blobs")
        self.contents = _read(folder)
        self._bundles = ReadOnce(_is_whole)

    @classmethod
    def write(
        cls,
        folder: Path,
        jobs: Mapping[str, Sequence[Job]],
        limits: Limits,
        *,
        keeps_models: bool,
    ) -> PlanFolder:
        """Write a plan; the same one, written again, keeps the records that are there.

        Parameters
        ----------
        jobs
            By the folder of their records within that of the results.

        Raises
        ------
        ProtocolError
            If the folder holds another plan, or something else.
        RecommenderError
            If a plug-in cannot travel.
        """
        _check_free(folder)
        for place in (folder / "parcels", folder / "done", folder / "claims"):
            place.mkdir(parents=True, exist_ok=True)
        present = _read(folder) if (folder / PLAN).exists() else None
        made_by = identity()
        # Made again on another machine, with the same code, it is the same plan.
        if present is not None and structs.replace(present.identity, host=made_by.host) == made_by:
            made_by = present.identity
        packing = Packing(Blobs(folder / "blobs"), limits, keeps_models=keeps_models, made_by=made_by)
        parcels = [(name, job, packing.parcel(job).encoded()) for name, some in jobs.items() for job in some]
        planned = [PlannedJob(job.title, name, hashlib.sha256(parcel).hexdigest()) for name, job, parcel in parcels]
        contents = Contents(identity=made_by, jobs=planned)
        if present is not None and present != contents:
            raise ProtocolError(
                f"{folder} holds another plan already; name a new folder with --out, or remove that one"
            )
        for index, (_, _, parcel) in enumerate(parcels):
            write_whole(folder / "parcels" / f"{index}.json", [parcel])
        write_whole(folder / PLAN, [json.dumps(to_builtins(contents), indent=1).encode()])
        return cls(folder)

    @property
    def jobs(self) -> Sequence[PlannedJob]:
        """The jobs by index."""
        return self.contents.jobs

    @property
    def missing(self) -> list[int]:
        """The indices of the jobs that have no whole record yet."""
        return [index for index in range(len(self.jobs)) if not self.is_done(index)]

    def check_index(self, index: int) -> None:
        """Refuse an index that no job has.

        Raises
        ------
        ProtocolError
            Naming those that there are.
        """
        if not 0 <= index < len(self.jobs):
            last = len(self.jobs) - 1
            raise ProtocolError(
                f"{self.folder} has the jobs 0 to {last}, found the index {index}; give --index, or an array such as "
                f"--array=0-{last}"
            )

    def parcel(self, index: int) -> bytes:
        """Return the specification of a job.

        Raises
        ------
        ProtocolError
            If it is missing or damaged.
        """
        path = self.folder / "parcels" / f"{index}.json"
        try:
            content = read_file(path)
        except ValueError as error:
            raise ProtocolError(f"{path}: {error}; make the plan again, into a new folder") from error
        if hashlib.sha256(content).hexdigest() != self.jobs[index].sha256:
            raise ProtocolError(
                f"{path} is damaged: its SHA-256 is another one; make the plan again, into a new folder"
            )
        return content

    def place_of(self, index: int) -> Path:
        """Return the path of a job's record."""
        return self.folder / "done" / f"{index}.{_BUNDLE}"

    def is_done(self, index: int) -> bool:
        """Return whether the record of a job is there, and whole."""
        return self._bundles.is_whole(self.place_of(index))

    def keep(self, index: int, bundle: bytes) -> None:
        """Write the record of a job; a reader finds it whole or not at all."""
        write_whole(self.place_of(index), [bundle])

    def refuse(self, index: int) -> None:
        """Put a record aside that is not of its job, so that the job runs again; nothing where a process runs it."""
        with self.claimed(index) as is_ours:
            if is_ours:
                self.place_of(index).replace(self.place_of(index).with_suffix(".refused"))

    def clear_drafts(self) -> None:
        """Remove the drafts of records whose writers are gone; a living one has the claim."""
        with contextlib.suppress(OSError, ProtocolError):
            for draft, name in drafts_in(self.folder / "done"):
                index, _, ending = name.partition(".")
                if ending == _BUNDLE and index.isdecimal():
                    with self.claimed(int(index)) as is_ours:
                        if is_ours:
                            draft.unlink(missing_ok=True)

    @contextlib.contextmanager
    def claimed(self, index: int) -> Iterator[bool]:
        """Yield whether this process may run a job; no other may meanwhile, and the claim ends with the process.

        Raises
        ------
        ProtocolError
            If the file system cannot lock.
        """
        with (self.folder / "claims" / str(index)).open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_ours = True
            except BlockingIOError:
                is_ours = False
            except OSError as error:
                raise ProtocolError(
                    f"files in {self.folder} cannot be locked ({error.strerror}), so that two processes might run one "
                    "job; put the plan on a file system with locks"
                ) from error
            yield is_ours


def _is_whole(path: Path) -> bool:
    """Return whether a record is there, and whole."""
    try:
        unsealed(read_file(path))
    except (ValueError, BundleError):
        return False
    return True


def _check_free(folder: Path) -> None:
    """Refuse a folder that holds something else than a plan.

    Raises
    ------
    ProtocolError
        Naming what it holds.
    """
    if folder.exists() and not folder.is_dir():
        raise ProtocolError(f"{folder} is no folder; name a new one with --out")
    found = [path.name for path in folder.iterdir()] if folder.exists() else []
    # A process that was killed while it wrote the plan leaves folders of it.
    others = [name for name in found if name not in {"parcels", "done", "claims", "blobs"}]
    if others and PLAN not in found:
        known = min(others, key=lambda name: (name.startswith("."), name))
        raise ProtocolError(f"{folder} holds {known} and no plan; name a new folder with --out")


def _read(folder: Path) -> Contents:
    path = folder / PLAN
    try:
        document = parsed(read_file(path).decode())
    except ValueError as error:
        raise ProtocolError(
            f"{folder} holds no plan ({PLAN}: {error}); `recbench plan --out {folder}` makes one"
        ) from error
    if not isinstance(document, dict) or document.get("what") != _WHAT:
        raise ProtocolError(f"{path} is no plan of recbench; `recbench plan --out DIR` makes one")
    if document.get("form") != FORM:
        raise ProtocolError(f"{path} has the form {document.get('form')}, expected {FORM}: another recbench wrote it")
    try:
        return convert(document, Contents)
    except MsgspecError as error:
        raise ProtocolError(f"{path} is damaged ({error}); make the plan again, into a new folder") from error
