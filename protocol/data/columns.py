"""The columns of a table of interactions, checked: exact ids, whole times, finite ratings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from msgspec import structs

from protocol.data.excerpts import excerpt
from protocol.data.ids import checked_ids, kind_of
from protocol.data.missing import kept_rows, present_rows
from protocol.data.numbers import checked_numbers
from protocol.data.origin import Origin
from protocol.data.settled import AS_FOUND
from protocol.data.times import NO_CLOCK, checked_times, order_doubt, refuse_off_clock
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy.typing as npt

    from protocol.data.dataset import Times
    from protocol.data.reading import Reading
    from protocol.data.settled import Settled
    from protocol.data.times import Times as CheckedTimes

    Values: TypeAlias = npt.NDArray[Any]

__all__ = ["Columns", "Origin", "checked", "checked_ids", "checked_numbers"]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a file, ``(n_rows,)`` each; ``ratings`` is None unless it was asked for.

    ``reading`` says how they were read; None if there was nothing to find out. ``times`` is as in
    `protocol.data.dataset.Dataset`.
    """

    users: Values
    items: Values
    timestamps: npt.NDArray[np.int64]
    ratings: npt.NDArray[np.float64] | None
    reading: Reading | None = None
    times: Times = "clock"

    def where(self, mask: npt.NDArray[np.bool_]) -> Columns:
        """Return the rows at which ``mask``, bool ``(n_rows,)``, is true."""
        ratings = None if self.ratings is None else self.ratings[mask]
        return replace(
            self, users=self.users[mask], items=self.items[mask], timestamps=self.timestamps[mask], ratings=ratings
        )


def checked(
    values: Mapping[str, Values], origin: Origin, chosen: Collection[str] = (), settled: Settled = AS_FOUND
) -> Columns:
    """Return the checked columns ``user``, ``item``, ``timestamp`` and, if present, ``rating``.

    Parameters
    ----------
    chosen
        The columns whose meaning the user said, so that it is in no doubt.
    settled
        How ids are taken, and whether rows that lack a value are left out.

    Raises
    ------
    DatasetError
        If a value is missing or has a wrong type; names the first such row. If the times are in doubt. If no row is
        left.
    """
    values, origin = present_rows(values, origin, settled)
    times = checked_times(values["timestamp"], origin)
    if settled.missing == "drop" and times.missing.any():
        values, origin = kept_rows(values, origin, ~times.missing)
        times = times.without_missing()
    if not times.values.size:
        raise DatasetError(f"{origin.file}: all rows lack a value; expected one interaction a row")
    users = checked_ids(values["user"], "user", origin, settled)
    items = checked_ids(values["item"], "item", origin, settled)
    _refuse_doubtful(users, times, origin, chosen)
    refuse_off_clock(times, origin, is_chosen="timestamp" in chosen)
    ratings = checked_numbers(values["rating"], "rating", "a number", origin) if "rating" in values else None
    return Columns(users, items, times.values, ratings, _reading(users, items, times, origin))


def _refuse_doubtful(users: Values, times: CheckedTimes, origin: Origin, chosen: Collection[str]) -> None:
    """Refuse columns without names that do not look as they should, and times that order nothing."""
    reading = origin.reading
    if reading and reading.header is False:
        _refuse_header_of_numbers(times, origin)
        if doubt := _doubt_without_names(users, times, chosen):
            choice = ",".join(f"{role}={place}" for role, place in reading.columns.items())
            raise DatasetError(
                f"{origin.file} has no header, so that its columns are taken as {choice}, counted from 0; but {doubt}. "
                f"If they are these, say so with --columns {choice}, else name the right ones, or add a header"
            )
    elif "timestamp" not in chosen and times.unit.startswith(NO_CLOCK) and (doubt := order_doubt(users, times.values)):
        name = excerpt(reading.columns["timestamp"]) if reading else "timestamp"
        raise DatasetError(
            f"{origin.file}: the column {name} is neither a clock nor an order: {doubt}; if these are the times, say "
            f"so with --columns timestamp={name}, else name the right column"
        )


def _refuse_header_of_numbers(times: CheckedTimes, origin: Origin) -> None:
    """Refuse a first line that alone has no time of the clock: ``1,2,3`` may be names of columns."""
    if times.off_clock[0] and np.count_nonzero(times.off_clock) == 1:
        raise DatasetError(
            f"{origin.row(0)}: the timestamp is {times.values[0]:,}, where all others are Unix {times.unit}; if this "
            "line is a header of numbers, remove it, and if it is a row, write a header above it"
        )


def _doubt_without_names(users: Values, times: CheckedTimes, chosen: Collection[str]) -> str | None:
    """Return why the columns of a file without a header may be others than usual, or None."""
    import pandas as pd

    if "timestamp" not in chosen and not times.is_whole_clock:
        return f"the timestamp is {times.span}, which is not all Unix times"
    if "user" not in chosen and users.size > 1 and pd.unique(users).size == users.size:
        return f"all {users.size:,} users are different, as the numbers of rows are"
    return None


def _reading(users: Values, items: Values, times: CheckedTimes, origin: Origin) -> Reading | None:
    """Return how the columns were read: what the reader of the file says, with ids and times."""
    if origin.reading is None:
        return None
    first, last = (int(times.values.min()), int(times.values.max())) if times.values.size else (0, 0)
    ids = {"user": kind_of(users), "item": kind_of(items)}
    return structs.replace(origin.reading, ids=ids, unit=times.unit, first_time=first, last_time=last)
