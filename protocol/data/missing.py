"""Rows that lack a value: what programs write for it, and the table without these rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from protocol.data.origin import Origin
    from protocol.data.settled import Settled

    Values = npt.NDArray[Any]

MARKERS = {
    *("", "nan", "-nan", "nat", "na", "<na>", "n/a", "n.a.", "#n/a", "#n/a n/a", "#na", "null", "\\n"),
    *("(null)", "[null]", "<null>", "<nil>", "none", "nil", "undefined", "missing", "unknown", "(blank)", "(none)"),
    *(".", "-", "--", "---", "?", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "na_character_", "na_integer_"),
    *("#null!", "#ref!", "#value!", "#div/0!", "#name?", "#num!"),
    *("0000-00-00", "0000-00-00 00:00:00", "00000000-0000-0000-0000-000000000000"),
}
"""What programs write for a missing value, in small letters. ``\\n`` is a backslash and the letter, as in Hive."""

LEAVE_OUT = "leave such rows out with --missing drop"
"""The advice to a user whose file lacks values."""


def is_marker(value: object) -> bool:
    """Return whether a value is what programs write for a missing one."""
    return str(value).strip().casefold() in MARKERS


def missing_in(values: Values, *, only_empty: bool = False) -> npt.NDArray[np.bool_]:
    """Return which values are missing, bool ``(n_rows,)``.

    Parameters
    ----------
    only_empty
        Whether text such as ``NA`` is a value.
    """
    if values.dtype.kind in "iub":
        return np.zeros(values.size, dtype=np.bool_)
    import pandas as pd

    return missing_among(*pd.factorize(values), only_empty=only_empty)


def missing_among(codes: npt.NDArray[np.intp], distinct: Values, *, only_empty: bool = False) -> npt.NDArray[np.bool_]:
    """Return which values are missing, bool ``(n_rows,)``, by their ``codes`` among the distinct ones."""
    marked = [str(value).strip() == "" if only_empty else is_marker(value) for value in distinct]
    return np.append(np.array(marked, dtype=np.bool_), True)[codes]


def present_rows(values: Mapping[str, Values], origin: Origin, settled: Settled) -> tuple[Mapping[str, Values], Origin]:
    """Return the columns, ``(n_rows,)`` each, without rows that lack a value, if the user settled that.

    The origin names the rows of the file still, and counts what was left out.
    """
    if settled.missing != "drop":
        return values, origin
    is_text = settled.ids == "text"
    lacking = [missing_in(one, only_empty=is_text and role in ("user", "item")) for role, one in values.items()]
    return kept_rows(values, origin, ~np.logical_or.reduce(lacking))


def kept_rows(
    values: Mapping[str, Values], origin: Origin, kept: npt.NDArray[np.bool_]
) -> tuple[Mapping[str, Values], Origin]:
    """Return the rows at which ``kept``, bool ``(n_rows,)``, is true, and where they come from."""
    if kept.all():
        return values, origin
    rows = np.flatnonzero(kept) if origin.rows is None else origin.rows[kept]
    reading = origin.reading
    if reading is not None:
        reading = structs.replace(reading, n_dropped=reading.n_dropped + int(np.count_nonzero(~kept)))
    return {role: one[kept] for role, one in values.items()}, replace(origin, rows=rows, reading=reading)
