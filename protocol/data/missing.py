"""Rows that lack a value: what programs write for it, and the table without these rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

NO_ID = "-1"
"""What programs write for no id among numbers of which no other is negative, as `pandas.factorize` does."""

_NEGATIVE = re.compile(r"-[0-9.]+")

LEAVE_OUT = "leave such rows out with --missing drop"
"""The advice to a user whose file lacks values."""


def is_marker(value: object) -> bool:
    """Return whether a value is what programs write for a missing one."""
    return str(value).strip().casefold() in MARKERS


def missing_in(values: Values) -> npt.NDArray[np.bool_]:
    """Return which times or ratings are missing, bool ``(n_rows,)``."""
    if values.dtype.kind in "iub":
        return np.zeros(values.size, dtype=np.bool_)
    import pandas as pd

    codes, distinct = pd.factorize(values)
    return _at(codes, [is_marker(value) for value in distinct])


def missing_ids(values: Values, settled: Settled) -> npt.NDArray[np.bool_]:
    """Return which ids are missing, bool ``(n_rows,)``; ``NA`` and -1 may be ids if the user settled that."""
    if values.dtype.kind in "iub" and (settled.ids is not None or values.min(initial=0) != int(NO_ID)):
        return np.zeros(values.size, dtype=np.bool_)
    import pandas as pd

    return missing_among(*pd.factorize(values), settled)


def missing_among(codes: npt.NDArray[np.intp], distinct: Values, settled: Settled) -> npt.NDArray[np.bool_]:
    """Return which ids are missing, bool ``(n_rows,)``, by their ``codes`` among the distinct ones."""
    texts = [str(value).strip() for value in distinct]
    if settled.ids == "text":
        return _at(codes, [text == "" for text in texts])
    negative = set(filter(_NEGATIVE.fullmatch, texts))
    no_id = NO_ID if settled.ids is None and negative == {NO_ID} else ""
    return _at(codes, [text == no_id or is_marker(text) for text in texts])


def _at(codes: npt.NDArray[np.intp], marked: Sequence[bool]) -> npt.NDArray[np.bool_]:
    """Return a mark for each row; what pandas counts as missing has the code -1."""
    return np.append(np.array(marked, dtype=np.bool_), True)[codes]


def present_rows(values: Mapping[str, Values], origin: Origin, settled: Settled) -> tuple[Mapping[str, Values], Origin]:
    """Return the columns, ``(n_rows,)`` each, without rows that lack a value, if the user settled that.

    The origin names the rows of the file still, and counts what was left out.
    """
    if settled.missing != "drop":
        return values, origin
    lacking = [
        missing_ids(one, settled) if role in ("user", "item") else missing_in(one) for role, one in values.items()
    ]
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
