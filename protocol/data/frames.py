"""Interactions in a pandas DataFrame: the columns user, item and timestamp, checked as those of a file are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.columns import Origin, checked
from protocol.data.layout import find_columns
from protocol.data.reading import Reading
from protocol.data.settled import AS_FOUND
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pandas as pd

    from protocol.data.columns import Columns
    from protocol.data.settled import Settled

NAME = "DataFrame"
"""The name of a dataset from a frame if none is given."""

_ID_TYPES = (int, np.integer, str)
_NUMBER_KINDS = "iufMO"
"""Kinds of NumPy types that timestamps and ratings may have: numbers, points in time, and objects to be looked at."""


def read_frame(
    frame: pd.DataFrame, names: Mapping[str, str], *, with_ratings: bool = False, settled: Settled = AS_FOUND
) -> Columns:
    """Return the interactions of a frame, one a row; the frame is not changed.

    Parameters
    ----------
    names
        The frame's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    with_ratings
        Whether to read the ratings, too.
    settled
        How values that can be read in several ways are taken.

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
    return checked(values, Origin(NAME, "iloc", 0, reading), chosen=names, settled=settled)


def _values(series: pd.Series[Any], column: str) -> npt.NDArray[Any]:
    """Return a column as an array: integers or objects for ids, numbers or points in time (in UTC) for the others."""
    import pandas as pd

    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert(None)
    # Integers with a missing one would be floats otherwise, which are not exact.
    is_incomplete = pd.api.types.is_integer_dtype(series.dtype) and series.hasnans
    values = np.asarray(series.to_numpy(dtype=object if is_incomplete else None))
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
    """Refuse ids that are neither integers nor text, such as 1.0.

    Missing ones are left to `protocol.data.columns.checked_ids`: it names the row. They make whole numbers floats.
    """
    import pandas as pd

    is_missing = pd.isna(values)
    if values.dtype.kind in "iu" or (values.dtype.kind == "f" and is_missing.any()):
        return
    types = {type(value) for value in values[~is_missing]} if values.dtype.kind == "O" else {values.dtype.type}
    strange = [kind for kind in types if not issubclass(kind, _ID_TYPES) or issubclass(kind, bool | np.timedelta64)]
    if strange:
        found = " and ".join(sorted(kind.__name__ for kind in strange))
        raise DatasetError(
            f"{NAME}: the {column} ids are of the type {found}; expected integers alone or text alone: "
            f'convert them with .astype("int64") or .astype(str)'
        )
