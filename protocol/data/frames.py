"""Interactions in a pandas DataFrame: the columns user, item and timestamp, checked as those of a file are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.columns import Origin, checked
from protocol.data.layout import find_columns
from protocol.data.reading import Reading
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pandas as pd

    from protocol.data.columns import Columns

NAME = "DataFrame"
"""The name of a dataset from a frame if none is given."""

_ID_TYPES = (int, np.integer, str)
_NUMBER_KINDS = "iufMO"
"""Kinds of NumPy types that timestamps and ratings may have: numbers, points in time, and objects to be looked at."""


def read_frame(frame: pd.DataFrame, names: Mapping[str, str], *, with_ratings: bool = False) -> Columns:
    """Return the interactions of a frame, one a row; the frame is not changed.

    Parameters
    ----------
    names
        The frame's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    with_ratings
        Whether to read the ratings, too.

    Raises
    ------
    DatasetError
        If it is no DataFrame, has no rows, lacks a column or a value, or a column has the wrong type.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise DatasetError(f"the dataset is a {type(frame).__name__}; expected a name, a path or a pandas DataFrame")
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    positions = find_columns(NAME, [str(name) for name in frame.columns], names, wanted)
    if frame.empty:
        raise DatasetError(f"the {NAME} has no rows; expected one interaction each")
    values = {column: _values(frame.iloc[:, position], column) for column, position in positions.items()}
    reading = Reading(form=NAME, columns={column: str(frame.columns[place]) for column, place in positions.items()})
    return checked(values, Origin(NAME, "iloc", 0, reading), chosen=names)


def _values(series: pd.Series[Any], column: str) -> npt.NDArray[Any]:
    """Return a column as an array: integers or objects for ids, numbers or points in time (in UTC) for the others."""
    import pandas as pd

    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert(None)
    values = np.asarray(series.to_numpy())
    if column in ("user", "item"):
        _check_ids(values, column)
        # A text type of fixed width would count as no object.
        return values.astype(object) if values.dtype.kind in "US" else values
    if values.dtype.kind not in _NUMBER_KINDS:
        raise DatasetError(
            f"{NAME}: the column {series.name!r} has the type {series.dtype}; expected numbers"
            f"{' or points in time' if column == 'timestamp' else ''} as the {column}"
        )
    return values


def _check_ids(values: npt.NDArray[Any], column: str) -> None:
    """Refuse ids of which two could become one, such as 1 and "1", or that an integer only seems to be, such as 1.0.

    A missing one is left to `protocol.data.columns.checked_ids`: it names the row, and makes whole numbers floats.
    """
    import pandas as pd

    if values.dtype.kind in "iu" or pd.isna(values).any():
        return
    types = {type(value) for value in values} if values.dtype.kind == "O" else {values.dtype.type}
    strange = [kind for kind in types if not issubclass(kind, _ID_TYPES) or issubclass(kind, bool | np.timedelta64)]
    is_mixed = any(issubclass(kind, str) for kind in types) and not all(issubclass(kind, str) for kind in types)
    if strange or is_mixed:
        found = " and ".join(sorted(kind.__name__ for kind in strange or types))
        raise DatasetError(
            f"{NAME}: the {column} ids are of the type {found}; expected integers alone or text alone: "
            f'convert them with .astype("int64") or .astype(str)'
        )
