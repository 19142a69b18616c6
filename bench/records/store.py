"""Records on disk: one folder per job, named for what went into it, written whole or not at all.

::

    RESULTS/manifest.json                   the SHA-256 of every file below
    RESULTS/records/NAME-KEY/record.json    figures; `SCHEMA` says in which form
    RESULTS/records/NAME-KEY/ranks.npz      per-user ranks, lists of best items, counts; absent for a failure
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from msgspec import DecodeError, Struct
from msgspec.json import decode

from bench.records.arrays import read_arrays, write_arrays
from bench.records.contents import read_contents
from bench.records.inputs import SCHEMA
from bench.records.record import Record
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.records.task import RecordedTask

KEY_DIGITS = 16
"""The number of digits of a key in the name of its record's folder."""

DOCUMENT, ARRAYS, MANIFEST, RECORDS = "record.json", "ranks.npz", "manifest.json", "records"
_LOCK = ".lock"


class SchemaError(ProtocolError):
    """A record is whole, and of another schema than this recbench reads."""


class _Manifest(Struct):
    files: Mapping[str, str]


class Store:
    """The records of a results folder.

    Parameters
    ----------
    folder
        Made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._records = folder / RECORDS

    @property
    def is_empty(self) -> bool:
        """Whether there are no records, not even damaged ones."""
        return not any(self._records.glob("*/*"))

    def prepare(self) -> None:
        """Make the folder, so that whether it can be written is known before anything is fitted.

        Raises
        ------
        OSError
            If it cannot be made or written.
        ProtocolError
            If its manifest is damaged.
        """
        self._records.mkdir(parents=True, exist_ok=True)
        with self._scratch():
            pass
        self._listed()

    def find(self, key: str) -> Record | None:
        """Return the record of a key; None where there is none.

        Raises
        ------
        ProtocolError
            If it is damaged, or of another schema.
        """
        folder = next(iter(self._records.glob(f"*-{key[:KEY_DIGITS]}")), None)
        return None if folder is None else read_record(folder)

    def records(self) -> list[Record]:
        """Return all records, in the order of their folders' names.

        Raises
        ------
        ProtocolError
            If there are none, or one is damaged or of another schema.
        """
        folders = sorted(document.parent for document in self._records.glob(f"*/{DOCUMENT}"))
        if not folders:
            raise ProtocolError(
                f"{self.folder} holds no records (there is no {self._records}/*/{DOCUMENT}); "
                f"`recbench run --out {self.folder}` makes them"
            )
        return [read_record(folder) for folder in folders]

    def tasks(self) -> list[RecordedTask]:
        """Return what records say of their tasks, without reading any ranks; damaged records are left out.

        Raises
        ------
        SchemaError
            If a record is of another schema.
        """
        found = []
        for path in sorted(self._records.glob(f"*/{DOCUMENT}")):
            try:
                found.append(_read_document(path).task)
            except SchemaError:
                raise
            except ProtocolError:
                continue
        return found

    def add(self, record: Record, *, stopped: Callable[[], bool] | None = None) -> None:
        """Write a record, in place of one with the same key.

        Parameters
        ----------
        stopped
            Says whether to wait no longer for another process that writes.

        Raises
        ------
        TimeoutError
            If it was stopped while it waited.
        ProtocolError
            If its document does not have the form that it must have.
        """
        self._records.mkdir(parents=True, exist_ok=True)
        place = self._records / folder_name(record)
        with self._scratch() as scratch:
            new = scratch / "new"
            new.mkdir()
            digests = write_record(record, new)
            with FileLock(self.folder / _LOCK).acquire(cancel_check=stopped):
                if place.exists():
                    place.rename(scratch / "old")
                # A process that dies in between leaves out a record, which is made again, and none that is not listed.
                self._note(place.name, digests)
                new.rename(place)

    def _note(self, name: str, digests: Mapping[str, str]) -> None:
        """Bring the manifest up to date with one record; under the lock."""
        prefix = f"{RECORDS}/{name}/"
        files = {file: digest for file, digest in self._listed().items() if not file.startswith(prefix)}
        files |= {prefix + file: digest for file, digest in digests.items()}
        with self._scratch() as scratch:
            draft = scratch / MANIFEST
            draft.write_text(manifest_text(files), encoding="utf-8")
            draft.replace(self.folder / MANIFEST)

    def _listed(self) -> Mapping[str, str]:
        """Return the SHA-256 of each file that the manifest lists; of none where there is no manifest.

        Raises
        ------
        ProtocolError
            If the manifest is damaged.
        """
        path = self.folder / MANIFEST
        if not path.exists():
            return {}
        try:
            return decode(path.read_bytes(), type=_Manifest).files
        except DecodeError as error:
            raise ProtocolError(
                f"{path} is damaged ({error}); put it back as it was, or take another folder with --out"
            ) from error

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Yield a folder on the same file system, and remove it afterwards."""
        folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def read_record(folder: Path) -> Record:
    """Read the record in its folder.

    Raises
    ------
    ProtocolError
        If it is damaged, or of another schema.
    """
    record = _read_document(folder / DOCUMENT)
    if record.failed:
        return record
    path = folder / ARRAYS
    try:
        digest, stated = file_digest(path), record.contents.files.get(ARRAYS)
        if digest != stated:
            raise _damaged(path, f"its SHA-256 begins {digest[:12]}, expected {str(stated)[:12]}")
        return replace(record, **read_arrays(path))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _read_document(path: Path) -> Record:
    """Read a record without its arrays; what it says has the form that it must have."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, int):
        raise _damaged(path, "it does not say which schema it has")
    if schema != SCHEMA:
        newer, older = "a newer recbench; upgrade this one", "an older recbench; run again, into another folder"
        age = newer if schema > SCHEMA else older
        raise SchemaError(f"{path} has schema {schema}, expected {SCHEMA}: it was written by {age}")
    try:
        read_contents(document)
    except ProtocolError as error:
        raise _damaged(path, str(error)) from error
    return Record(document)


def _finite(text: str) -> float:
    """Return the number that a JSON text writes.

    Raises
    ------
    ValueError
        If it is not finite: ``NaN``, ``Infinity`` or ``1e999``.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _damaged(path: Path, reason: str) -> ProtocolError:
    return ProtocolError(f"{path} is damaged ({reason}); remove its folder, and run again what it held")


def write_record(record: Record, folder: Path) -> dict[str, str]:
    """Write a record's files into a folder; return the SHA-256 of each by name."""
    digests = {}
    if record.ranks is not None:
        write_arrays(folder / ARRAYS, record)
        digests[ARRAYS] = file_digest(folder / ARRAYS)
    document = {**record.document, "files": dict(digests)}
    (folder / DOCUMENT).write_text(_json_text(document), encoding="utf-8")
    return {**digests, DOCUMENT: file_digest(folder / DOCUMENT)}


def manifest_text(files: Mapping[str, str]) -> str:
    """Return the manifest of some files: their SHA-256 by path, sorted, so that it can be written in one way only."""
    return _json_text({"schema": SCHEMA, "files": dict(sorted(files.items()))})


def folder_name(record: Record) -> str:
    """Return the name of a record's folder: the recommender's, and the beginning of the key."""
    name = re.sub(r"[^A-Za-z0-9_]+", "-", record.recommender.name).strip("-")[:40] or "recommender"
    return f"{name}-{record.key[:KEY_DIGITS]}"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json_text(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # Half a surrogate pair, as in the name of a file that is not UTF-8, is written as the escape that JSON has for it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
