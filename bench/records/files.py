"""The files of one record: its document, and its arrays unless the job failed.

The document names the file of its arrays, and that file's SHA-256. To replace a record is to replace its document: the
arrays of the old one and of the new one lie side by side meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.records.arrays import most_bytes, packed, unpacked
from bench.records.contents import read_contents
from bench.records.inputs import SCHEMA
from bench.records.kept_model import is_model_folder
from bench.records.reading import MOST_DOCUMENT_BYTES, parsed, read_file
from bench.records.record import Record
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DOCUMENT, ARRAYS = "record.json", "ranks.npz"

_ARRAYS_NAME = re.compile(r"ranks(-[0-9a-f]{16})?\.npz")

KEY_DIGITS = 16
"""The number of digits of a key in the name of its record's folder."""

SEAL = "seal"
"""The document's field with the SHA-256 of all its other fields."""


class SchemaError(ProtocolError):
    """A record is whole, and of another schema than this recbench reads."""


def is_own(name: str) -> bool:
    """Return whether a file, or a folder, in a record's folder may be recbench's, by its name."""
    return name == DOCUMENT or is_arrays(name) or is_model_folder(name)


def is_arrays(name: str) -> bool:
    """Return whether a file in a record's folder may hold arrays, by its name."""
    return _ARRAYS_NAME.fullmatch(name) is not None


def read_record(folder: Path, *, sealed: bool = True, with_lists: bool = True) -> Record:
    """Read the record in its folder, also while another process replaces it.

    Parameters
    ----------
    sealed
        Whether to refuse a record whose seal is of other fields.
    with_lists
        Whether to read the lists of best items, too (see `bench.records.lists`).

    Raises
    ------
    ProtocolError
        If it is damaged, or of another schema.
    NotReadableError
        If the system does not let this process read it.
    """
    record = read_document(folder, sealed=sealed)
    while True:
        try:
            return record if record.failed else _with_arrays(record, folder, with_lists=with_lists)
        except ProtocolError:
            before, record = record, read_document(folder, sealed=sealed)
            if record.document == before.document:
                raise


def read_document(folder: Path, *, sealed: bool = True) -> Record:
    """Read a record without its arrays; what it says has the form that it must have.

    Parameters
    ----------
    sealed
        As for `read_record`.

    Raises
    ------
    ProtocolError
        If it is damaged, or of another schema.
    NotReadableError
        If the system does not let this process read it.
    """
    path = folder / DOCUMENT
    try:
        document = parsed(read_file(path, MOST_DOCUMENT_BYTES).decode("utf-8"))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, int):
        raise _damaged(path, "it does not say which schema it has")
    if schema != SCHEMA:
        newer, older = "a newer recbench; upgrade this one", "an older recbench; run again, into another folder"
        age = newer if schema > SCHEMA else older
        raise SchemaError(f"{path} has schema {schema}, expected {SCHEMA}: it was written by {age}")
    try:
        contents = read_contents(document)
    except ProtocolError as error:
        raise _damaged(path, str(error)) from error
    if sealed and not seal_fits(contents.seal, document):
        raise _damaged(path, "its fields are not those that it was written with: its seal is of others")
    return Record(document)


def _with_arrays(record: Record, folder: Path, *, with_lists: bool) -> Record:
    """Return a record with its arrays, which have the SHA-256 that the document says."""
    stated = {name: digest for name, digest in record.contents.files.items() if is_arrays(name)}
    name = next(iter(stated), ARRAYS)
    path, facts = folder / name, record.task.facts
    most = most_bytes(facts.n_evaluated, facts.n_items)
    try:
        content = read_file(path, most)
        digest, expected = content_digest(content), str(stated.get(name))
        if digest != expected:
            raise ValueError(f"its SHA-256 begins {digest[:12]}, expected {expected[:12]}")
        return replace(record, **unpacked(content, most, with_lists=with_lists))
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, reason: str) -> ProtocolError:
    return ProtocolError(f"{path} is damaged ({reason}); remove its folder, and run again what it held")


def write_record(record: Record, folder: Path) -> dict[str, str]:
    """Write a record's files into a folder; return the SHA-256 of each by name."""
    files = record_files(record, packed(record))
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: content_digest(content) for name, content in files.items()}


def record_files(record: Record, arrays: bytes | None, name: str = ARRAYS) -> dict[str, bytes]:
    """Return the content of a record's files by name, the document last.

    Parameters
    ----------
    arrays
        Of `bench.records.arrays.packed`.
    name
        Of the file of the arrays.

    Raises
    ------
    ValueError
        If reading would refuse the document.
    """
    files = {} if arrays is None else {name: arrays}
    digests = {file: content_digest(content) for file, content in files.items()}
    document = parsed(json_text({**record.document, "files": digests}))
    return {**files, DOCUMENT: json_text({**document, SEAL: seal_of(document)}).encode()}


def seal_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a document's fields without `SEAL`, whatever their order and the blanks between them.

    It covers the digest of the arrays, so that arrays and figures of two records cannot change places unnoticed. It
    proves nothing against someone who computes it again.
    """
    sealed = {name: value for name, value in document.items() if name != SEAL}
    return content_digest(json.dumps(sealed, sort_keys=True).encode())


def seal_fits(seal: str | None, document: Mapping[str, Any]) -> bool:
    """Return whether a document has the seal of its fields, or none, as those of an earlier recbench."""
    return seal is None or seal == seal_of(document)


def free_name(folder: Path, arrays: bytes | None) -> str:
    """Return a name for new arrays in a record's folder, where arrays of the old record may lie.

    Raises
    ------
    NotReadableError
        If the system does not let this process read what is there.
    """
    try:
        taken = read_file(folder / ARRAYS)
    except ValueError:
        return ARRAYS
    return ARRAYS if arrays is None or taken == arrays else f"ranks-{content_digest(arrays)[:16]}.npz"


def folder_name(record: Record) -> str:
    """Return the name of a record's folder: the recommender's, and the beginning of the key."""
    return f"{name_part(record.recommender.name)}-{record.key[:KEY_DIGITS]}"


def name_part(recommender: str) -> str:
    """Return what the names of the folders of a recommender's records begin with."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", recommender).strip("-")[:40] or "recommender"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return content_digest(path.read_bytes())


def content_digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def json_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON.

    Raises
    ------
    ValueError
        If it holds a number that is not finite.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # Half a surrogate pair, as in the name of a file that is not UTF-8, is written as the escape that JSON has for it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
