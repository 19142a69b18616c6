"""A finished record as bytes: the files of its folder and those of its model, with a SHA-256 over all of them."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from bench.machine.memory import size_text
from bench.records.arrays import packed
from bench.records.files import ARRAYS, DOCUMENT, content_digest, read_record, record_files
from bench.records.kept_model import KeptModel
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from bench.records.record import Record

MOST_MODEL_BYTES = 2**31
"""The largest model that travels with its record, which is held in memory meanwhile."""

_DIGEST_BYTES = 32


class BundleError(RecbenchError):
    """A bundle is damaged."""


class _Bundle(Struct):
    files: dict[str, bytes]
    model: dict[str, bytes]


def sealed(content: bytes) -> bytes:
    """Return some bytes behind their SHA-256."""
    return hashlib.sha256(content).digest() + content


def unsealed(content: bytes) -> bytes:
    """Return what `sealed` was given.

    Raises
    ------
    BundleError
        If a byte has changed.
    """
    digest, rest = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(rest).digest() != digest:
        raise BundleError("a record was damaged on its way: its SHA-256 is another one")
    return rest


def bundle(record: Record, model: Path | None = None) -> bytes:
    """Return a record as bytes.

    Parameters
    ----------
    model
        The folder of its fitted model; None where none is kept. One that is too large does not travel, and the record
        says so.
    """
    if model is not None and record.model is not None and record.model.n_bytes > MOST_MODEL_BYTES:
        size = size_text(record.model.n_bytes)
        problem = f"it has {size}, and at most {size_text(MOST_MODEL_BYTES)} travel from another machine"
        record, model = record.with_model(KeptModel(problem=problem)), None
    kept = {} if model is None or record.model is None else record.model.files
    read = {name: (model / name).read_bytes() for name in kept} if model is not None else {}
    return sealed(msgspec.msgpack.encode(_Bundle(record_files(record, packed(record)), read)))


def unbundled(content: bytes, models: Path | None = None) -> tuple[Record, Path | None]:
    """Return the record of a bundle, and the folder of its model.

    Parameters
    ----------
    models
        Where the model's folder is made, with the name of the record's key; None where none is wanted.

    Raises
    ------
    BundleError
        If it is damaged, or no bundle.
    """
    try:
        found = msgspec.msgpack.decode(unsealed(content), type=_Bundle)
    except msgspec.MsgspecError as error:
        raise BundleError(f"this is no record ({error})") from error
    record = _read(found)
    if models is None or record.model is None or not record.model.files:
        return record, None
    return record, _laid_out(record.model, found.model, models / record.key)


def _read(found: _Bundle) -> Record:
    if not set(found.files) <= {DOCUMENT, ARRAYS}:
        raise BundleError(f"a record has no file {', '.join(sorted(set(found.files) - {DOCUMENT, ARRAYS}))[:200]!a}")
    with tempfile.TemporaryDirectory() as name:
        for file, content in found.files.items():
            Path(name, file).write_bytes(content)
        try:
            return read_record(Path(name))
        except ProtocolError as error:
            raise BundleError(f"a record was damaged on its way ({error})") from error


def _laid_out(model: KeptModel, contents: dict[str, bytes], place: Path) -> Path:
    """Write the files of a model, each of which has the name and the content that the record says."""
    stated = {name: file.sha256 for name, file in model.files.items()}
    if {name: content_digest(content) for name, content in contents.items()} != stated:
        raise BundleError("the files of a model are not those that its record names")
    for name, content in contents.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place
