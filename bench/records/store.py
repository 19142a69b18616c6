"""Records on disk: one folder per job, named for what went into it; each record is always whole, the old or the new.

::

    RESULTS/manifest.json                   the SHA-256 of every file below
    RESULTS/records/NAME-KEY/record.json    figures; `SCHEMA` says in which form
    RESULTS/records/NAME-KEY/ranks.npz      per-user ranks, lists of best items, counts; absent for a failure
    RESULTS/records/NAME-KEY/model-DIGITS/  the fitted model, where it is kept (see `bench.records.kept_model`)

A record that replaces another one with other ranks has them in ``ranks-DIGITS.npz``, if the name is taken.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import TYPE_CHECKING

from filelock import FileLock

from bench.records.arrays import packed
from bench.records.files import (
    ARRAYS,
    DOCUMENT,
    KEY_DIGITS,
    SchemaError,
    content_digest,
    file_digest,
    folder_name,
    free_name,
    read_document,
    read_record,
    record_files,
    write_record,
)
from bench.records.inputs import SCHEMA
from bench.records.kept_model import GONE, KeptModel
from bench.records.manifest import (
    MANIFEST,
    RECORDS,
    Manifest,
    manifest_text,
    read_manifest,
    remove_others,
)
from bench.records.reading import digest_of, not_readable
from bench.records.record import Record
from bench.records.sharing import SharedArrays
from protocol.drafts import drafts, replace_file
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


__all__ = [
    "ARRAYS",
    "DOCUMENT",
    "KEY_DIGITS",
    "MANIFEST",
    "RECORDS",
    "Record",
    "SchemaError",
    "Store",
    "file_digest",
    "folder_name",
    "manifest_text",
    "read_record",
    "write_record",
]

_LOCK = ".lock"


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
        """Whether there are no records, not even damaged ones.

        Raises
        ------
        NotReadableError
            If the system does not let this process list the folder.
        """
        return not self._folders()

    def prepare(self) -> None:
        """Make the folder, so that whether it can be written is known before anything is fitted.

        What a process that was killed left there is cleared.

        Raises
        ------
        OSError
            If it cannot be made or written.
        """
        self._records.mkdir(parents=True, exist_ok=True)
        with drafts(self.folder), self._written():
            pass

    def find(self, key: str) -> Record | None:
        """Return the record of a key; None where there is none.

        Raises
        ------
        ProtocolError
            If it is damaged, or of another schema.
        NotReadableError
            If the system does not let this process read it.
        """
        ending = f"-{key[:KEY_DIGITS]}"
        found = [folder for folder in self._folders() if folder.name.endswith(ending)]
        return next((read_record(folder) for folder in found if _has_document(folder)), None)

    def records(self, *, with_lists: bool = True) -> list[Record]:
        """Return all records, in the order of their folders' names; equal arrays of several are held once.

        Parameters
        ----------
        with_lists
            Whether to read the lists of best items, too (see `bench.records.lists`).

        Raises
        ------
        ProtocolError
            If there are none, or one is damaged or of another schema.
        NotReadableError
            If the system does not let this process read one.
        """
        folders = self._with_documents()
        if not folders:
            raise ProtocolError(
                f"{self.folder} holds no records (there is no {self._records}/*/{DOCUMENT}); "
                f"`recbench run --out {self.folder}` makes them"
            )
        arrays = SharedArrays()
        return [arrays.shared(read_record(folder, with_lists=with_lists)) for folder in folders]

    def documents(self) -> list[Record]:
        """Return all records without their arrays; damaged records are left out.

        Raises
        ------
        SchemaError
            If a record is of another schema.
        NotReadableError
            If the system does not let this process read one.
        """
        found = []
        for folder in self._with_documents():
            try:
                found.append(read_document(folder))
            except SchemaError:
                raise
            except ProtocolError:
                continue
        return found

    def add(self, record: Record, *, model: Path | None = None, stopped: Callable[[], bool] | None = None) -> None:
        """Write a record, in place of one with the same key, which stays whole until the new one is there.

        Parameters
        ----------
        model
            A folder, on the file system of the store, with the files that the record says its model has; it is moved.
            None where they are in their place already; if they are not, the stored record says so.
        stopped
            Says whether to wait no longer for another process that writes.

        Raises
        ------
        TimeoutError
            If it was stopped while it waited.
        ProtocolError
            If its document does not have the form that it must have.
        """
        name, arrays = folder_name(record), packed(record)
        place = self._records / name
        self._records.mkdir(parents=True, exist_ok=True)
        with self._written(stopped) as manifest:
            if record.model is not None and model is None and not record.model.is_in(place):
                record = record.with_model(KeptModel(problem=GONE))
            files = record_files(record, arrays, free_name(place, arrays))
            digests = {file: content_digest(content) for file, content in files.items()}
            begun = manifest.begun(name, digests | (record.model.listed if record.model else {}))
            self._write(begun)
            place.mkdir(exist_ok=True)
            if model is not None and record.model is not None:
                self._move(model, place / record.model.folder)
            for file, content in files.items():
                replace_file(place / file, content, drafts_in=self.folder)
            self._settle(begun)

    def remove(self, record: Record, *, stopped: Callable[[], bool] | None = None) -> None:
        """Remove a record unless another one has taken its place; it is there whole until it is gone.

        Parameters
        ----------
        record
            As `find` returned it.
        stopped
            As for `add`.

        Raises
        ------
        TimeoutError
            As `add`.
        """
        place = self.folder_of(record)
        with self._written(stopped) as manifest:
            if not _holds(place, record):
                return
            begun = manifest.begun(place.name, {})
            self._write(begun)
            (place / DOCUMENT).unlink()
            self._settle(begun)

    def folder_of(self, record: Record) -> Path:
        """Return the folder of a record."""
        return self._records / folder_name(record)

    def _move(self, folder: Path, place: Path) -> None:
        """Move a folder to its place; what is there, which was to hold the same, goes."""
        with drafts(self.folder) as old:
            if os.path.lexists(place):
                place.rename(old / place.name)
            folder.rename(place)

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Keep other processes from adding records meanwhile, where this one may."""
        # A folder without this file has had no writer here.
        lock = FileLock(self.folder / _LOCK)
        with contextlib.ExitStack() as held:
            if (self.folder / _LOCK).exists():
                # Without the right to lock it, this process reads what is there.
                with contextlib.suppress(OSError):
                    held.enter_context(lock)
            yield

    @contextlib.contextmanager
    def _written(self, stopped: Callable[[], bool] | None = None) -> Iterator[Manifest]:
        """Lock the folder, and yield its manifest; what a killed process had begun is settled before."""
        with FileLock(self.folder / _LOCK).acquire(cancel_check=stopped):
            try:
                manifest = read_manifest(self.folder)
            except ValueError as error:
                manifest = self._remade(str(error))
            yield self._settle(manifest) if manifest.writing else manifest

    def _settle(self, manifest: Manifest) -> Manifest:
        """End what was begun: clear the files of old records, or of those that never came, and list what is there."""
        settled = manifest.as_it_is(self.folder)
        for name in manifest.writing:
            remove_others(self._records / name, settled.files_of(name))
        self._write(settled)
        return settled

    def _write(self, manifest: Manifest) -> None:
        replace_file(self.folder / MANIFEST, manifest.text().encode(), drafts_in=self.folder)

    def _remade(self, reason: str) -> Manifest:
        """Make the manifest of the records that can be read, and say so; return it."""
        manifest, damaged = Manifest(SCHEMA, {}), []
        folders = self._with_documents()
        for folder in folders:
            try:
                record = read_record(folder)
            except ProtocolError:
                damaged.append(folder.name)
            else:
                files = {**record.contents.files, **(record.model.listed if record.model else {})}
                manifest = manifest.settled(folder.name, {**files, DOCUMENT: digest_of(folder / DOCUMENT) or ""})
        if folders:
            left_out = f", without those that are damaged ({', '.join(damaged)})" if damaged else ""
            warnings.warn(
                f"{self.folder / MANIFEST} is damaged ({reason}), and is made again from the {len(folders)} records "
                f"there{left_out}; it cannot show any more what changed in them before",
                RecbenchWarning,
                stacklevel=2,
            )
            self._write(manifest)
        return manifest

    def _with_documents(self) -> list[Path]:
        """Return the folders of records, in the order of their names, as far as they have a document."""
        return [folder for folder in self._folders() if _has_document(folder)]

    def _folders(self) -> list[Path]:
        try:
            return sorted(self._records.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise not_readable(error, self._records) from error


def _holds(folder: Path, record: Record) -> bool:
    """Return whether a folder has the document of a record."""
    try:
        return read_document(folder).document == record.document
    except ProtocolError:
        return False


def _has_document(folder: Path) -> bool:
    try:
        (folder / DOCUMENT).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise not_readable(error, folder) from error
    return True
