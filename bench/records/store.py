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
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from bench.records.schema import faults
from protocol.errors import ProtocolError
from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts
from protocol.types import IndexArray, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

SCHEMA = 1
"""Of ``record.json``; it rises whenever a reader of the old form would misread the new one."""

MOST_NAMED = 5
"""How many faults a message names."""

KEY_DIGITS = 16
"""How much of a key stands in a folder's name."""

DOCUMENT, ARRAYS, MANIFEST, RECORDS = "record.json", "ranks.npz", "manifest.json", "records"
_LOCK = ".lock"
_RANKS = ("n_better", "n_tied", "n_rivals")
_COUNTS = ("users", "heldout", "items")
_FULL, _TRAIN, _TOP = "full_", "train_", "top_items"
_ALWAYS = frozenset((*_RANKS, *(_TRAIN + name for name in _COUNTS)))
_WITH_FULL_RANKING = frozenset((*(_FULL + name for name in _RANKS), _TOP))


@dataclass(frozen=True, eq=False)
class Record:
    """What one job left behind: figures and, unless it failed, ranks.

    Parameters
    ----------
    document
        In JSON's types. What went in (see `bench.running.plan.Job`): ``schema``, ``key``, ``recommender``, ``seed``,
        ``threads``, ``patience``, ``task``, ``environment``, ``tuning_seconds``, what finding the parameters took
        (older records lack it), and ``bibtex``, where the class says what to cite. What came out (see
        `bench.running.job`): ``status`` (``"ok"`` or ``"failed"``), ``failure``, ``selection``, ``curve``, ``time``,
        ``memory``. And ``files``: their SHA-256.
    ranks
        Against the candidates; where none are drawn (P25), against all untouched items.
    full_ranks, top_items
        See `protocol.evaluation.evaluate.Evaluation`.
    counts
        Of the task's training interactions, which themselves are not kept: who may pass them on is for their owners
        to say.
    """

    document: Mapping[str, Any]
    ranks: Ranks | None = None
    full_ranks: Ranks | None = None
    top_items: IndexArray | None = None
    counts: TrainCounts | None = None

    @property
    def failed(self) -> bool:
        """Whether there is a failure instead of ranks."""
        return bool(self.document["status"] != "ok")


class SchemaError(ProtocolError):
    """A record is whole, and of another schema than this recbench reads."""


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
        """
        self._records.mkdir(parents=True, exist_ok=True)
        with self._scratch():
            pass

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

    def tasks(self) -> list[Mapping[str, Any]]:
        """Return what records say of their tasks (`bench.records.inputs.task_document`), without reading any ranks.

        Damaged records are passed over.

        Raises
        ------
        SchemaError
            If a record is of another schema.
        """
        found = []
        for path in sorted(self._records.glob(f"*/{DOCUMENT}")):
            try:
                found.append(_read_document(path)["task"])
            except SchemaError:
                raise
            except ProtocolError:
                continue
        return found

    def add(self, record: Record) -> None:
        """Write a record, in place of one with the same key."""
        self._records.mkdir(parents=True, exist_ok=True)
        place = self._records / folder_name(record.document)
        with self._scratch() as scratch:
            new = scratch / "new"
            new.mkdir()
            digests = write_record(record, new)
            with FileLock(self.folder / _LOCK):
                if place.exists():
                    place.rename(scratch / "old")
                # Whoever dies in between leaves a record too few, which is made again, and none that is not listed.
                self._note(place.name, digests)
                new.rename(place)

    def _note(self, name: str, digests: Mapping[str, str]) -> None:
        """Bring the manifest up to date with one record; under the lock."""
        path = self.folder / MANIFEST
        known = json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else {}
        prefix = f"{RECORDS}/{name}/"
        files = {file: digest for file, digest in known.items() if not file.startswith(prefix)}
        files |= {prefix + file: digest for file, digest in digests.items()}
        with self._scratch() as scratch:
            draft = scratch / MANIFEST
            draft.write_text(manifest_text(files), encoding="utf-8")
            draft.replace(path)

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Give a folder on the same file system, that goes away afterwards."""
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
    document = _read_document(folder / DOCUMENT)
    if document["status"] != "ok":
        return Record(document)
    return Record(document, **_read_arrays(folder / ARRAYS, document["files"].get(ARRAYS)))


def _read_document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, int):
        raise _damaged(path, "it says nothing of its schema")
    if schema != SCHEMA:
        newer, older = "a newer recbench; upgrade this one", "an older recbench; run again, into another folder"
        age = newer if schema > SCHEMA else older
        raise SchemaError(f"{path} has schema {schema}, expected {SCHEMA}: it was written by {age}")
    found = faults(document)
    if found:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise _damaged(path, f"it has {', '.join(found[:MOST_NAMED])}{more}")
    return dict(document)


def _read_arrays(path: Path, expected: str | None) -> dict[str, Any]:
    try:
        found = file_digest(path)
    except OSError as error:
        raise _damaged(path, str(error)) from error
    if found != expected:
        raise _damaged(path, f"its SHA-256 begins {found[:12]}, expected {str(expected)[:12]}")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return _record_parts(dict(arrays))
    except Exception as error:
        # A file that is not what NumPy wrote can break anything: zip, deflate, an array's header.
        raise _damaged(path, str(error) or type(error).__name__) from error


def _record_parts(stored: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """Return a record's fields from the arrays of its file.

    Raises
    ------
    ValueError
        If arrays are missing, unknown, or do not fit together.
    """
    full = not _WITH_FULL_RANKING.isdisjoint(stored)
    expected = _ALWAYS | _WITH_FULL_RANKING if full else _ALWAYS
    for problem, names in (("lacks", expected - set(stored)), ("holds the unknown", set(stored) - expected)):
        if names:
            raise ValueError(f"it {problem} {', '.join(sorted(names))}")
    parts: dict[str, Any] = {
        "ranks": _ranks(stored, ""),
        "counts": TrainCounts(*(stored[_TRAIN + name] for name in _COUNTS)),
    }
    if full:
        parts |= {"full_ranks": _ranks(stored, _FULL), "top_items": frozen(stored[_TOP], np.int32)}
    lengths = {name: len(stored[name]) for name in expected if name != f"{_TRAIN}items"}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"it holds arrays of {len(set(lengths.values()))} different numbers of users")
    return parts


def _ranks(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Ranks:
    return Ranks(*(arrays[prefix + name] for name in _RANKS))


def _damaged(path: Path, reason: str) -> ProtocolError:
    return ProtocolError(f"{path} is damaged ({reason}); remove its folder, and run again what it held")


def write_record(record: Record, folder: Path) -> dict[str, str]:
    """Write a record's files into a folder; return the SHA-256 of each by name."""
    digests = {}
    if record.ranks is not None:
        np.savez_compressed(folder / ARRAYS, **_arrays(record))
        digests[ARRAYS] = file_digest(folder / ARRAYS)
    document = {**record.document, "files": dict(digests)}
    (folder / DOCUMENT).write_text(_json_text(document), encoding="utf-8")
    return {**digests, DOCUMENT: file_digest(folder / DOCUMENT)}


def _arrays(record: Record) -> dict[str, Any]:
    parts = (("", _RANKS, record.ranks), (_FULL, _RANKS, record.full_ranks), (_TRAIN, _COUNTS, record.counts))
    arrays = {prefix + name: getattr(part, name) for prefix, names, part in parts if part is not None for name in names}
    if record.top_items is not None:
        arrays[_TOP] = record.top_items
    return {name: _narrowed(array) for name, array in arrays.items()}


def _narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return integers in two bytes each where they fit, else in four."""
    return values.astype(np.int16 if values.max(initial=0) < 2**15 else np.int32)


def manifest_text(files: Mapping[str, str]) -> str:
    """Return the manifest of some files: their SHA-256 by path. Nothing else in it is free: not a blank."""
    return _json_text({"schema": SCHEMA, "files": dict(sorted(files.items()))})


def folder_name(document: Mapping[str, Any]) -> str:
    """Return the name of a record's folder: the recommender's, and the beginning of the key."""
    name = re.sub(r"[^A-Za-z0-9_]+", "-", document["recommender"]["name"]).strip("-")[:40] or "recommender"
    return f"{name}-{document['key'][:KEY_DIGITS]}"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json_text(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # Half a surrogate pair, as in the name of a file that is not UTF-8, is written as the escape that JSON has for it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
