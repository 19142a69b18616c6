"""The manifest of a results folder: the SHA-256 of each file of each record.

A record whose files are being written is listed twice, with its files as they were and as they will be. Its document
says which of both is so, at every moment: the last step is to replace the document. A record that is being removed will
have no files, and the first step is to remove its document.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct
from msgspec.json import decode
from msgspec.structs import replace

from bench.records.files import DOCUMENT, SchemaError, is_own, json_text
from bench.records.inputs import SCHEMA
from bench.records.reading import digest_of, read_file

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST, RECORDS = "manifest.json", "records"

_MOST_BYTES = 2**30


class Manifest(Struct, frozen=True):
    """What files there are.

    Parameters
    ----------
    schema
        Of the records.
    files
        SHA-256, in hexadecimal, by path: ``records/NAME-KEY/record.json``.
    writing
        For each record that is being written, by the name of its folder: the SHA-256 of its new files, by their names;
        none for one that is being removed.
    """

    schema: int
    files: Mapping[str, str]
    writing: Mapping[str, Mapping[str, str]] = {}

    def text(self) -> str:
        """Return the manifest as it is written, which is in one way only."""
        writing = {name: dict(sorted(files.items())) for name, files in sorted(self.writing.items())}
        listed = {"schema": self.schema, "files": dict(sorted(self.files.items()))}
        return json_text(listed | ({"writing": writing} if writing else {}))

    def files_of(self, name: str) -> dict[str, str]:
        """Return the SHA-256 of each file of a record, by the file's name."""
        prefix = f"{RECORDS}/{name}/"
        return {file.removeprefix(prefix): digest for file, digest in self.files.items() if file.startswith(prefix)}

    def begun(self, name: str, files: Mapping[str, str]) -> Manifest:
        """Return the manifest while a record is being written."""
        return replace(self, writing={**self.writing, name: files})

    def settled(self, name: str, files: Mapping[str, str]) -> Manifest:
        """Return the manifest after a record was written: it has these files, and no others."""
        prefix = f"{RECORDS}/{name}/"
        others = {file: digest for file, digest in self.files.items() if not file.startswith(prefix)}
        files = {f"{prefix}{file}": digest for file, digest in files.items()}
        return replace(self, files=others | files, writing={n: new for n, new in self.writing.items() if n != name})

    def as_it_is(self, folder: Path) -> Manifest:
        """Return the manifest without what is being written: a record is the new one if its document is."""
        now = self
        for name, new in self.writing.items():
            is_new = digest_of(folder / RECORDS / name / DOCUMENT) == new.get(DOCUMENT)
            now = now.settled(name, new if is_new else self.files_of(name))
        return now


def manifest_text(files: Mapping[str, str]) -> str:
    """Return the manifest of some files: their SHA-256 by path, sorted, so that it can be written in one way only."""
    return Manifest(SCHEMA, files).text()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a results folder.

    Raises
    ------
    ValueError
        If there is none, or it is damaged.
    SchemaError
        If a newer recbench wrote it.
    NotReadableError
        If the system does not let this process read it.
    """
    try:
        found = decode(read_file(folder / MANIFEST, _MOST_BYTES), type=Manifest)
    except (DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if found.schema > SCHEMA:
        raise SchemaError(
            f"{folder / MANIFEST} has schema {found.schema}, expected {SCHEMA}: a newer recbench wrote it; upgrade "
            "this one"
        )
    return found


def remove_others(folder: Path, files: Mapping[str, str]) -> None:
    """Remove from a record's folder what recbench wrote there and is not of the record; remove it if it is empty.

    Parameters
    ----------
    files
        Of the record, by their paths within its folder.
    """
    if not folder.is_dir():
        return
    kept = {file.partition("/")[0] for file in files}
    for path in folder.iterdir():
        if not is_own(path.name) or path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not files and not any(folder.iterdir()):
        folder.rmdir()
