"""A record's arrays: per-user ranks, lists of best items and counts, in one compressed file."""

from __future__ import annotations

import io
import math
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from protocol.evaluation.evaluate import TOP_ITEMS
from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts
from protocol.types import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from bench.records.record import Record

_RANKS = ("n_better", "n_tied", "n_rivals")
_COUNTS = ("users", "heldout", "items")
_FULL, _TRAIN, _TOP = "full_", "train_", "top_items"
_NPY_VERSION = (1, 0)
_ALWAYS = frozenset((*_RANKS, *(_TRAIN + name for name in _COUNTS)))
_WITH_FULL_RANKING = frozenset((*(_FULL + name for name in _RANKS), _TOP))

_MOST_ITEMSIZE = 8
_HEADERS = 64 * 2**10
"""The bytes that the headers of all arrays may have together, which is far more than they need."""


def most_bytes(n_users: int, n_items: int) -> int:
    """Return the bytes that the arrays of a task with so many evaluated users and items have at most, unpacked."""
    per_user = len((*_RANKS, *_RANKS, *_COUNTS)) + TOP_ITEMS
    return _MOST_ITEMSIZE * (per_user * n_users + n_items) + _HEADERS


def unpacked(content: bytes, most: int, *, with_lists: bool = True) -> dict[str, Any]:
    """Return the fields of a `bench.records.record.Record` that are stored as arrays.

    Parameters
    ----------
    content
        Of the file that `packed` made.
    most
        The bytes that it may unpack to (see `most_bytes`).
    with_lists
        Whether to unpack the lists of best items, which are larger than all else.

    Raises
    ------
    ValueError
        If the file is damaged, declares more, or its arrays are missing, unknown, or do not fit together.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            _check_members(file.infolist(), most)
            wanted = [member for member in file.infolist() if with_lists or _name(member) != _TOP]
            stored = {_name(member): _array(file, member) for member in wanted}
        return _record_fields(stored, with_lists=with_lists)
    except Exception as error:
        # Damage can break any layer of the file: zip, deflate, the header or the values of an array.
        raise ValueError(str(error) or type(error).__name__) from error


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _check_members(members: Sequence[zipfile.ZipInfo], most: int) -> None:
    """Refuse arrays by what the file declares of them, before any is unpacked."""
    names = [_name(member) for member in members]
    unknown = set(names) - _ALWAYS - _WITH_FULL_RANKING
    if unknown:
        raise ValueError(f"it holds the unknown {', '.join(sorted(unknown))[:200]}")
    if len(set(names)) < len(names):
        raise ValueError("it holds an array twice")
    declared = sum(member.file_size for member in members)
    if declared > most:
        raise ValueError(f"it would unpack to {declared:,} bytes, and the arrays of its task have {most:,} at most")


def _array(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any]:
    """Unpack one array, if it has as many bytes as its own header says."""
    content = file.read(member)
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != _NPY_VERSION:
        raise ValueError(f"{member.filename} has another version than {_NPY_VERSION}")
    shape, _, dtype = npy.read_array_header_1_0(stream)
    name = _name(member)
    if dtype.kind not in "iu" or len(shape) != (2 if name == _TOP else 1):
        raise ValueError(f"{name} holds {dtype} in the shape {shape}, expected whole numbers")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"{name} has {len(content):,} bytes, which is not what its header says")
    return np.asarray(npy.read_array(io.BytesIO(content), allow_pickle=False))


def _record_fields(stored: Mapping[str, npt.NDArray[Any]], *, with_lists: bool) -> dict[str, Any]:
    """Return a record's fields from its arrays by name.

    Raises
    ------
    ValueError
        If arrays are missing, unknown, or do not fit together.
    """
    full = not _WITH_FULL_RANKING.isdisjoint(stored)
    lists = frozenset({_TOP}) if full and with_lists else frozenset()
    expected = _ALWAYS | (_WITH_FULL_RANKING - {_TOP}) | lists if full else _ALWAYS
    for problem, names in (("lacks", expected - set(stored)), ("holds the unknown", set(stored) - expected)):
        if names:
            raise ValueError(f"it {problem} {', '.join(sorted(names))}")
    parts: dict[str, Any] = {
        "ranks": _ranks(stored, ""),
        "counts": TrainCounts(*(stored[_TRAIN + name] for name in _COUNTS)),
    }
    if full:
        parts["full_ranks"] = _ranks(stored, _FULL)
    if lists:
        parts["top_items"] = frozen(stored[_TOP], np.int32)
    lengths = {name: len(stored[name]) for name in expected if name != f"{_TRAIN}items"}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"it holds arrays of {len(set(lengths.values()))} different numbers of users")
    return parts


def _ranks(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Ranks:
    return Ranks(*(arrays[prefix + name] for name in _RANKS))


def packed(record: Record) -> bytes | None:
    """Return the file of a record's arrays; None for a failure."""
    if record.ranks is None:
        return None
    stream = io.BytesIO()
    np.savez_compressed(stream, **_arrays(record))
    return stream.getvalue()


def _arrays(record: Record) -> dict[str, Any]:
    parts = (("", _RANKS, record.ranks), (_FULL, _RANKS, record.full_ranks), (_TRAIN, _COUNTS, record.counts))
    arrays = {prefix + name: getattr(part, name) for prefix, names, part in parts if part is not None for name in names}
    if record.top_items is not None:
        arrays[_TOP] = record.top_items
    return {name: _narrowed(array) for name, array in arrays.items()}


def _narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return integers in two bytes each where they fit, else in four."""
    return values.astype(np.int16 if values.max(initial=0) < 2**15 else np.int32)
