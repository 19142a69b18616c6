"""Times of interactions: whole numbers of one clock, or numbers that order each user's interactions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.dates import has_doubtful_day, points_in_time
from protocol.data.excerpts import excerpt, quoted_excerpt
from protocol.data.missing import LEAVE_OUT
from protocol.data.numbers import checked_numbers, refuse
from protocol.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.origin import Origin

    Values = npt.NDArray[Any]

_LATEST = 2.0**62
_MICROSECONDS = 1e6
_EXPECTED = "a number, such as Unix seconds, or a date as 2024-05-31"
_WHICH_DAY = (
    ", because which number is the day is in doubt: pandas.to_datetime(column, dayfirst=True or False) makes such"
)
SAY_TIMES = "if these are the times, say so with --columns timestamp=NAME"
_SCIENTIFIC = re.compile(r"\s*[+-]?([0-9]+)(?:\.([0-9]*))?[eE]\+?([0-9]{1,3})\s*")

NO_CLOCK = "no clock"
"""The unit of numbers that are not from a clock."""

_MILLIONTHS = {"seconds": "microseconds", "milliseconds": "nanoseconds", NO_CLOCK: f"{NO_CLOCK}, in millionths"}
"""The unit of the millionths of a unit. Times of the other units do not fit into 64 bits then."""

NO_TIMES = (0, -1)
"""What programs write for a missing time among times of a clock: the epoch, or an error."""

_FEW, _OFTEN, _ENOUGH_PAIRS, _SAMPLE = 100, 0.1, 10.0, 200_000


@dataclass(frozen=True)
class Unit:
    """A unit of Unix time, and the numbers that are times of it from 1973 to 2286."""

    name: str
    first: float
    end: float


UNITS = (
    Unit("seconds", 1e8, 1e10),
    Unit("milliseconds", 1e11, 1e13),
    Unit("microseconds", 1e14, 1e16),
    Unit("nanoseconds", 1e17, 1e19),
)
"""The units of Unix time. No number is a time of two of them."""


@dataclass(frozen=True, eq=False)
class Times:
    """Times of interactions.

    Parameters
    ----------
    values
        int64, ``(n_rows,)``.
    unit
        The name of one of `UNITS`, or `NO_CLOCK`.
    is_whole_clock
        Whether all of them, and not only most, are times of one of `UNITS`.
    """

    values: npt.NDArray[np.int64]
    unit: str
    is_whole_clock: bool = False

    @cached_property
    def off_clock(self) -> npt.NDArray[np.bool_]:
        """The few rows that are no times of the clock that the others are of, bool ``(n_rows,)``."""
        is_off = self._is_off & ~np.isin(self.values, NO_TIMES)
        return is_off & bool(is_off.mean() < _OFTEN)

    @cached_property
    def missing(self) -> npt.NDArray[np.bool_]:
        """The rows with a 0 or -1 where others have times of a clock, bool ``(n_rows,)``."""
        return self._is_off & np.isin(self.values, NO_TIMES) & (not self._is_off.all())

    @cached_property
    def _is_off(self) -> npt.NDArray[np.bool_]:
        unit = next((unit for unit in UNITS if unit.name == self.unit), None)
        if unit is None:
            return np.zeros(self.values.size, dtype=np.bool_)
        return (self.values < unit.first) | (self.values >= unit.end)

    def without_missing(self) -> Times:
        """Return the rows that are not `missing`."""
        return replace(self, values=self.values[~self.missing], is_whole_clock=not self.off_clock.any())

    @property
    def span(self) -> str:
        """The range of the numbers as the file has them: ``"0.5 to 4"``."""
        scale = _MICROSECONDS if self.unit == _MILLIONTHS[NO_CLOCK] else 1
        first, last = self.values.min() / scale, self.values.max() / scale
        return f"{first:,.12g} to {last:,.12g}"


def checked_times(values: Values, origin: Origin) -> Times:
    """Return times as int64: whole numbers unchanged; if any has a fraction, all are given in millionths.

    Dates, in text or of type datetime64, become microseconds.

    Raises
    ------
    DatasetError
        If a time is missing or no number, has lost its last digits, or is of another unit than the others.
    """
    moments = points_in_time(values, origin.row) if values.dtype == object else None
    values = values if moments is None else moments
    if np.issubdtype(values.dtype, np.datetime64):
        refuse(np.isnat(values), values, "timestamp", "a point in time", origin)
        return Times(values.astype("datetime64[us]").astype(np.int64), "microseconds", is_whole_clock=True)
    values = _whole_numbers(values)
    if np.issubdtype(values.dtype, np.integer) and values.max(initial=0) <= np.iinfo(np.int64).max:
        whole = values.astype(np.int64, copy=False)
        return Times(whole, *_unit(whole, origin))
    _refuse_lost_digits(values, origin)
    is_doubtful = values.dtype == object and any(has_doubtful_day(str(value)) for value in values[:1])
    numbers = checked_numbers(values, "timestamp", f"{_EXPECTED}{_WHICH_DAY if is_doubtful else ''}", origin)
    unit, is_whole_clock = _unit(numbers, origin)
    is_whole = np.array_equal(numbers, np.floor(numbers))
    scale = 1.0 if is_whole else _MICROSECONDS
    beyond = np.abs(numbers) >= _LATEST / scale
    if beyond.any():
        first = int(np.argmax(beyond))
        raise DatasetError(
            f"{origin.row(first)}: the timestamp {excerpt(values[first])} is too large; expected Unix seconds"
        )
    return Times(np.round(numbers * scale).astype(np.int64), unit if is_whole else _MILLIONTHS[unit], is_whole_clock)


def _whole_numbers(values: Values) -> Values:
    """Return text of whole numbers as these: by way of floats they would lose digits."""
    import pandas as pd

    if values.dtype != object:
        return values
    numbers = np.asarray(pd.to_numeric(pd.Series(values), errors="coerce"))
    return numbers if np.issubdtype(numbers.dtype, np.integer) else values


def refuse_off_clock(times: Times, origin: Origin, *, is_chosen: bool) -> None:
    """Refuse times that are not of the clock that most are of.

    Parameters
    ----------
    is_chosen
        Whether the user said that these are the times: then only a 0 or -1, which programs write for no time, is wrong.

    Raises
    ------
    DatasetError
        If there is one; names the first such row.
    """
    wrong = times.missing if times.missing.any() or is_chosen else times.off_clock
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    advice = f"if it has no time, {LEAVE_OUT}" if times.missing.any() else SAY_TIMES
    raise DatasetError(
        f"{origin.row(row)}: the timestamp is {times.values[row]:,}, where others are Unix {times.unit} "
        f"({np.count_nonzero(wrong):,} such in all); {advice}"
    )


def _unit(numbers: npt.NDArray[Any], origin: Origin) -> tuple[str, bool]:
    """Return the name of the unit of Unix time that most numbers have, or `NO_CLOCK`, and whether all have it.

    Raises
    ------
    DatasetError
        If they have two of them.
    """
    if not numbers.size or float(numbers.max()) < UNITS[0].first:
        return NO_CLOCK, False
    is_whole = not np.isin(numbers, NO_TIMES).any()
    numbers = numbers if is_whole else numbers[~np.isin(numbers, NO_TIMES)]
    lowest, highest = float(numbers.min()), float(numbers.max())
    for unit in UNITS:
        if unit.first <= lowest and highest < unit.end:
            return unit.name, is_whole
    found = {unit: (numbers >= unit.first) & (numbers < unit.end) for unit in UNITS}
    present = [unit for unit, mask in found.items() if mask.any()]
    if len(present) > 1:
        counts = " and ".join(f"{np.count_nonzero(found[unit]):,} in {unit.name}" for unit in present)
        rarest = min(present, key=lambda unit: np.count_nonzero(found[unit]))
        first = int(np.argmax(found[rarest]))
        raise DatasetError(
            f"{origin.row(first)}: the timestamp is {numbers[first]}, which looks like Unix {rarest.name} among others "
            f"({counts}); expected one unit: convert them"
        )
    is_clock = bool(present) and bool(found[present[0]].mean() > 1 - _OFTEN)
    return present[0].name if is_clock else NO_CLOCK, False


def _refuse_lost_digits(values: Values, origin: Origin) -> None:
    """Refuse numbers that were rounded on their way: ``1.40E+09`` in text, Unix seconds in 32 bits."""
    if values.dtype.kind == "f":
        exact = 2.0 ** (np.finfo(values.dtype).nmant + 1)
        if values.dtype.itemsize < 8 and np.nanmax(np.abs(values), initial=0) > exact:
            raise DatasetError(
                f"{origin.file}: the timestamps are {values.dtype}, which holds whole numbers up to {exact:,.0f} only, "
                "so that seconds are lost; write them as 64-bit integers"
            )
        return
    matches = [(row, found) for row, text in enumerate(values) if (found := _SCIENTIFIC.fullmatch(str(text)))]
    if matches and all(int(found[3]) > len((found[2] or "").rstrip("0")) for _, found in matches):
        row, found = matches[0]
        raise DatasetError(
            f"{origin.row(row)}: the timestamp is {quoted_excerpt(found[0])}: in this spelling its last digits are "
            f"lost ({len(matches):,} such in all); write times in full, as 1409054355"
        )


def order_doubt(users: Values, times: npt.NDArray[np.int64]) -> str | None:
    """Return why numbers that are of no clock do not order interactions either, or None if they may.

    Play counts and ratings are few values that come again within a user as often as by chance. A position in a user's
    order comes once. By chance, two of a user's rows have the same value with the probability ``sum(p_v ** 2)``.

    Parameters
    ----------
    users, times
        ``(n_rows,)``; only the first rows are looked at.
    """
    import pandas as pd

    codes, _ = pd.factorize(users[:_SAMPLE])
    places, distinct = pd.factorize(times[:_SAMPLE])
    shares = np.bincount(places) / max(places.size, 1)
    if distinct.size > _FEW and shares.max(initial=0) < _OFTEN:
        return None
    expected = _n_pairs(np.bincount(codes)) * float(np.sum(shares**2))
    _, repeated = np.unique(codes * np.int64(distinct.size) + places, return_counts=True)
    if expected < _ENOUGH_PAIRS or _n_pairs(repeated) < expected / 2:
        return None
    values = "one value" if distinct.size == 1 else f"{distinct.size:,} different values"
    return f"{values} from {distinct.min():,} to {distinct.max():,}, which come again in a user as counts or ratings do"


def _n_pairs(sizes: npt.NDArray[np.int64]) -> float:
    return float(np.sum(sizes * (sizes - 1) / 2))
