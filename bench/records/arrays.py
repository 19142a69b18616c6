"""A record's arrays: per-user ranks, lists of best items and counts, in one compressed file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts
from protocol.types import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from bench.records.record import Record

_RANKS = ("n_better", "n_tied", "n_rivals")
_COUNTS = ("users", "heldout", "items")
_FULL, _TRAIN, _TOP = "full_", "train_", "top_items"
_ALWAYS = frozenset((*_RANKS, *(_TRAIN + name for name in _COUNTS)))
_WITH_FULL_RANKING = frozenset((*(_FULL + name for name in _RANKS), _TOP))


def read_arrays(path: Path) -> dict[str, Any]:
    """Return the fields of a `bench.records.record.Record` that are stored as arrays.

    Raises
    ------
    ValueError
        If the file is damaged, or its arrays are missing, unknown, or do not fit together.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return _record_fields(dict(stored))
    except Exception as error:
        # Damage can break any layer of the file: zip, deflate, the header or the values of an array.
        raise ValueError(str(error) or type(error).__name__) from error


def _record_fields(stored: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """Return a record's fields from its arrays by name.

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


def write_arrays(path: Path, record: Record) -> None:
    """Write the arrays of a record that did not fail."""
    np.savez_compressed(path, **_arrays(record))


def _arrays(record: Record) -> dict[str, Any]:
    parts = (("", _RANKS, record.ranks), (_FULL, _RANKS, record.full_ranks), (_TRAIN, _COUNTS, record.counts))
    arrays = {prefix + name: getattr(part, name) for prefix, names, part in parts if part is not None for name in names}
    if record.top_items is not None:
        arrays[_TOP] = record.top_items
    return {name: _narrowed(array) for name, array in arrays.items()}


def _narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return integers in two bytes each where they fit, else in four."""
    return values.astype(np.int16 if values.max(initial=0) < 2**15 else np.int32)
