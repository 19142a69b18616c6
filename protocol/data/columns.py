"""Check the columns of a table of interactions: exact ids, whole times, finite ratings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from protocol.data.dates import points_in_time
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Values: TypeAlias = npt.NDArray[Any]

_PLAIN_INTEGER = re.compile(r"-?[1-9][0-9]{0,18}|0")
_INT64 = np.iinfo(np.int64)
_MISSING = ("", "nan", "NaN")
_LATEST = 2.0**62
_MICROSECONDS = 1e6


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a file, ``(n_rows,)`` each; ``ratings`` is None unless it was asked for."""

    users: Values
    items: Values
    timestamps: npt.NDArray[np.int64]
    ratings: npt.NDArray[np.float64] | None

    def where(self, mask: npt.NDArray[np.bool_]) -> Columns:
        """Return the rows at which ``mask``, bool ``(n_rows,)``, is true."""
        ratings = None if self.ratings is None else self.ratings[mask]
        return Columns(self.users[mask], self.items[mask], self.timestamps[mask], ratings)


@dataclass(frozen=True)
class Origin:
    """The origin of values, for errors: a file, and how its rows are counted ("line" from 2 after a header)."""

    file: str
    unit: str
    first: int

    def row(self, index: int) -> str:
        """Return the place of a row: ``"ratings.csv, line 2"``."""
        return f"{self.file}, {self.unit} {self.first + index:,}"


def checked(values: Mapping[str, Values], origin: Origin) -> Columns:
    """Return the checked columns ``user``, ``item``, ``timestamp`` and, if present, ``rating``.

    Raises
    ------
    DatasetError
        If a value is missing or has a wrong type; names the first such row.
    """
    return Columns(
        users=checked_ids(values["user"], "user", origin),
        items=checked_ids(values["item"], "item", origin),
        timestamps=_times(values["timestamp"], origin),
        ratings=checked_numbers(values["rating"], "rating", "a number", origin) if "rating" in values else None,
    )


def checked_ids(values: Values, column: str, origin: Origin) -> Values:
    """Return ids as int64 if each is an integer in plain decimal form, else as text, so that 007 and 7 stay distinct.

    Blanks around an id are removed.

    Raises
    ------
    DatasetError
        If an id is missing; names the first such row.
    """
    if np.issubdtype(values.dtype, np.signedinteger):
        return values.astype(np.int64, copy=False)
    import pandas as pd

    codes, distinct = pd.factorize(values)
    texts = np.array([str(value).strip() for value in distinct], dtype=object)
    missing = np.isin(texts, _MISSING)[codes] | (codes < 0) if texts.size else codes < 0
    if missing.any():
        raise DatasetError(
            f"{origin.row(int(np.argmax(missing)))}: the {column} is missing "
            f"(so are {np.count_nonzero(missing):,} in all); fill in or remove these rows"
        )
    if all(_PLAIN_INTEGER.fullmatch(text) and _INT64.min <= int(text) <= _INT64.max for text in texts):
        return texts.astype(np.int64)[codes]
    return np.asarray(texts[codes])


def _times(values: Values, origin: Origin) -> npt.NDArray[np.int64]:
    """Return times as int64: whole numbers unchanged; if any has a fraction, all are given in millionths.

    Dates, in text or of type datetime64, become microseconds.
    """
    moments = points_in_time(values, origin.row) if values.dtype == object else None
    values = values if moments is None else moments
    if np.issubdtype(values.dtype, np.integer) and values.max(initial=0) <= _INT64.max:
        return values.astype(np.int64, copy=False)
    if np.issubdtype(values.dtype, np.datetime64):
        _refuse(np.isnat(values), values, "timestamp", "a point in time", origin)
        return values.astype("datetime64[us]").astype(np.int64)
    numbers = checked_numbers(values, "timestamp", "a number, such as Unix seconds, or a date as 2024-05-31", origin)
    scale = 1.0 if np.array_equal(numbers, np.floor(numbers)) else _MICROSECONDS
    beyond = np.abs(numbers) >= _LATEST / scale
    if beyond.any():
        first = int(np.argmax(beyond))
        raise DatasetError(f"{origin.row(first)}: the timestamp {values[first]} is too large; expected Unix seconds")
    return np.round(numbers * scale).astype(np.int64)


def checked_numbers(values: Values, column: str, expected: str, origin: Origin) -> npt.NDArray[np.float64]:
    """Return numbers as float64.

    Raises
    ------
    DatasetError
        If a value is missing, not finite or no number; names the first such row and says what was ``expected``.
    """
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse(~np.isfinite(numbers), values, column, expected, origin)
    return numbers


def _refuse(wrong: npt.NDArray[np.bool_], values: Values, column: str, expected: str, origin: Origin) -> None:
    """Raise an error that names the first wrong value, if there is any."""
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DatasetError(
            f"{origin.row(first)}: the {column} is {str(values[first])!r}, expected {expected} "
            f"({np.count_nonzero(wrong):,} such in all)"
        )
