"""Dates and times that are written as text: ISO 8601, with or without a time of day, a fraction and a zone."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.missing import LEAVE_OUT, is_marker
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Values = npt.NDArray[Any]

_DATE = r"[0-9]{4}(?P<mark>[-/])(?:0[1-9]|1[0-2])(?P=mark)(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ISO = re.compile(rf"{_DATE}(?:[T ]{_CLOCK} ?(?P<zone>Z|UTC|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?)?")


def is_date(text: str) -> bool:
    """Return whether a text is a date, or a date and a time of day, in ISO 8601 or with slashes after the year."""
    return _ISO.fullmatch(text.strip()) is not None


def points_in_time(values: Values, place: Callable[[int], str]) -> npt.NDArray[np.datetime64] | None:
    """Return times that are written as dates, in UTC; None if none of them is a date.

    A date without a time of day is its midnight. Times without a zone are taken as UTC, all alike.

    Parameters
    ----------
    values
        Object, ``(n_rows,)``.
    place
        Names a row in messages.

    Returns
    -------
    numpy.ndarray
        datetime64[us], ``(n_rows,)``.

    Raises
    ------
    DatasetError
        If only some values are dates or have a zone, or a day is not in the calendar; names the first such row.
    """
    import pandas as pd

    first = next((value for value in values if isinstance(value, str | date) and str(value).strip()), None)
    if first is None or not is_date(str(first)):
        return None
    codes, distinct = pd.factorize(values)
    texts = [str(value).strip() for value in distinct]
    found = [_ISO.fullmatch(text) for text in texts]
    is_missing = codes < 0
    _refuse(
        np.array([match is None for match in found])[codes] | is_missing, values, "a date such as 2024-05-31", place
    )
    # A date without a time of day has no zone in any case.
    has_clock = np.array([":" in text for text in texts])
    has_zone = np.array([match is not None and match["zone"] is not None for match in found])
    if (has_zone & has_clock).any() and not has_zone.all():
        _refuse(~has_zone[codes], values, "a time with a zone, as other rows have", place)
    plain = [text.replace("UTC", "Z").replace("/", "-").replace(" Z", "Z") for text in texts]
    parsed = pd.to_datetime(pd.Series(plain, dtype=object), format="ISO8601", utc=True, errors="coerce")
    moments = np.asarray(parsed.dt.tz_convert(None).to_numpy(), dtype="datetime64[us]")[codes]
    _refuse(np.isnat(moments), values, "a day that the calendar has", place)
    return moments


def _refuse(wrong: npt.NDArray[np.bool_], values: Values, expected: str, place: Callable[[int], str]) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DatasetError(
            f"{place(row)}: the timestamp is {str(values[row])[:60]!r}, expected {expected} "
            f"({np.count_nonzero(wrong):,} such in all){f'; {LEAVE_OUT}' if is_marker(values[row]) else ''}"
        )
