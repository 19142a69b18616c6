"""Dates and times in text: ISO 8601, with or without a time of day, a fraction and a zone; and the form of ctime."""

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
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_ZONE = r"Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?"
_ISO = re.compile(rf"{_DATE}(?:[T ]{_CLOCK} ?(?P<zone>{_ZONE})?)?")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CTIME = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ({'|'.join(_MONTHS)}) +([0-9]{{1,2}}) ([0-9:]{{8}})(?: ({_ZONE}))? ([0-9]{{4}})"
)
"""``Tue Apr 03 18:00:09 +0000 2012``, as Foursquare's, Goodreads' and Twitter's data have it."""
_BASIC = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})T([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})({_ZONE})?")
_DAY_OR_MONTH = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2,4}([ ,T].*)?")


def is_date(text: str) -> bool:
    """Return whether a text is a date, or a date and a time of day, in ISO 8601, as ctime, or with slashes."""
    return _ISO.fullmatch(_as_iso(text)) is not None


def has_doubtful_day(text: str) -> bool:
    """Return whether a text is a date of which the day, or the month, may come first: ``05/01/2024``."""
    return _DAY_OR_MONTH.fullmatch(text.strip()) is not None


def _as_iso(text: str) -> str:
    """Return a date in the extended form of ISO 8601, if it is written in another known form."""
    text = text.strip()
    if found := _CTIME.fullmatch(text):
        month, day, clock, zone, year = found.groups(default="")
        return f"{year}-{_MONTHS.index(month) + 1:02}-{day:0>2}T{clock}{zone}"
    if found := _BASIC.fullmatch(text):
        year, month, day, hour, minute, second, zone = found.groups(default="")
        return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"
    return text


def _plain(text: str) -> str:
    """Return a date that matches `_ISO` as pandas reads it."""
    return re.sub(" ?(Z|UTC|GMT)$", "Z", text).replace("/", "-").replace(",", ".")


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
    texts = [_as_iso(str(value)) for value in distinct]
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
    parsed = pd.to_datetime(
        pd.Series(list(map(_plain, texts)), dtype=object), format="ISO8601", utc=True, errors="coerce"
    )
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
