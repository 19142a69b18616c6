"""Take the model that a job's process saved, in the run: check what it is, and copy it to where the store can have it.

By then the job's processes have ended. Nothing of a model is run or read as code.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from bench.machine.memory import size_text
from bench.records.capping import MESSAGE_LENGTH
from bench.records.kept_model import KeptFile, KeptModel, is_path_within
from bench.records.reading import opened_file, read_file
from bench.running.keeping import problem_file
from bench.running.pickles import is_pickle
from protocol.errors import RecbenchError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

MOST_BYTES = 16 * 2**30
"""The largest model that is kept, all files together."""

MOST_FILES = 1_000
"""The most files and folders of a model."""

_MOST_PROBLEM_BYTES = 2**16
_CHUNK = 2**20


class NotTakenError(RecbenchError):
    """A model is not kept; the message says why."""


def with_taken_model(record: Record, job: Job, saved: Path, models: Path | None, ending: str) -> Record:
    """Return a job's record with what is kept of its model; without, where none is asked for or the job failed.

    Parameters
    ----------
    models
        See `bench.running.supervisor.Supervisor`.
    saved, ending
        See `take_model`.
    """
    if models is None or record.failed:
        return record.with_model(None)
    return record.with_model(take_model(saved, models / job.key, ending))


def take_model(saved: Path, place: Path, ending: str) -> KeptModel:
    """Copy the model that a job saved to ``place``, and return what is kept; or why nothing is.

    Parameters
    ----------
    saved
        Where the job's process had to save it (see `bench.running.keeping.keep`).
    place
        A new folder.
    ending
        How the process ended, for a process that left neither a model nor a reason.
    """
    try:
        if not os.path.lexists(saved):
            raise NotTakenError(_reason(saved) or ending)
        return KeptModel(_copied(saved, place))
    except (RecbenchError, ValueError) as error:
        problem = str(error)
    except OSError as error:
        problem = f"it could not be copied into the results: {error.strerror or error}"
    except Exception as error:  # noqa: BLE001 - a stranger wrote these files, and they must not cost the row
        problem = f"what it saved cannot be checked: {registry.error_text(error)}"
    return KeptModel(problem=" ".join(problem.split())[:MESSAGE_LENGTH])


def _reason(saved: Path) -> str:
    """Return why the job's process did not save a model, as it says itself; empty where it does not."""
    try:
        return read_file(problem_file(saved), _MOST_PROBLEM_BYTES).decode(errors="replace")
    except (ValueError, RecbenchError):
        return ""


def _copied(saved: Path, place: Path) -> dict[str, KeptFile]:
    paths = list(_checked(saved))
    files = {}
    for path in paths:
        name = path.relative_to(saved).as_posix()
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        files[name] = _copy(path, target)
    if not files:
        raise NotTakenError("save wrote no file")
    return files


def _copy(path: Path, target: Path) -> KeptFile:
    digest, size = hashlib.sha256(), 0
    with opened_file(path) as source, target.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += sink.write(chunk)
    return KeptFile(size, digest.hexdigest())


def _checked(saved: Path) -> Iterator[Path]:
    """Yield the files of a model.

    Raises
    ------
    NotTakenError
        If it has something else than files and folders, a pickle, a name that not every system has, or too much.
    """
    if saved.is_symlink() or not saved.is_dir():
        raise NotTakenError("save left no folder")
    n_entries, n_bytes, folders = 0, 0, [saved]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            name, state = path.relative_to(saved).as_posix(), path.lstat()
            n_entries += 1
            n_bytes += state.st_size
            if n_entries > MOST_FILES:
                raise NotTakenError(f"save wrote more than {MOST_FILES:,} files")
            if n_bytes > MOST_BYTES:
                raise NotTakenError(f"save wrote more than {size_text(MOST_BYTES)}")
            if not is_path_within(name):
                raise NotTakenError(f"save wrote {name!a}, a name that cannot be kept")
            if stat.S_ISDIR(state.st_mode):
                folders.append(path)
                continue
            if not stat.S_ISREG(state.st_mode) or state.st_nlink > 1:
                raise NotTakenError(f"{name} is a link or no regular file; only regular files are kept")
            if is_pickle(path):
                raise NotTakenError(
                    f"{name} is a pickle, and reading one runs what it holds; write arrays instead, as with safetensors"
                )
            yield path
