"""Columns of numbers: finite, and refused by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.excerpts import quoted_excerpt
from protocol.data.missing import LEAVE_OUT, is_marker
from protocol.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.origin import Origin

    Values = npt.NDArray[Any]


def checked_numbers(values: Values, column: str, expected: str, origin: Origin) -> npt.NDArray[np.float64]:
    """Return numbers as float64.

    Raises
    ------
    DatasetError
        If a value is missing, not finite or no number; names the first such row and says what was ``expected``.
    """
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    refuse(~np.isfinite(numbers), values, column, expected, origin)
    return numbers


def refuse(wrong: npt.NDArray[np.bool_], values: Values, column: str, expected: str, origin: Origin) -> None:
    """Raise an error that names the first wrong value, if there is any.

    Raises
    ------
    DatasetError
        If ``wrong``, bool ``(n_rows,)``, is true anywhere.
    """
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DatasetError(
            f"{origin.row(first)}: the {column} is {quoted_excerpt(values[first])}, expected {expected} "
            f"({np.count_nonzero(wrong):,} such in all){f'; {LEAVE_OUT}' if is_marker(values[first]) else ''}"
        )
