"""Columns of Arrow tables, from Parquet and Feather files: which types they may have, and their values as arrays."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from protocol.data.columns import Origin
from protocol.data.compression import free_memory
from protocol.data.layout import find_columns
from protocol.data.reading import Reading
from protocol.errors import DatasetError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Values
    from protocol.data.files import DataFile

    Opener = Callable[[BinaryIO | Path], tuple[Sequence[str], int, Callable[[Sequence[str]], Any]]]

_VALUE_BYTES = 8

_IDS = ("is_integer", "is_string", "is_large_string", "is_string_view", "is_binary", "is_large_binary")
_NUMBERS = ("is_integer", "is_floating", "is_decimal", "is_string", "is_large_string", "is_string_view")
_TYPES = {
    "user": (_IDS, "integers or text"),
    "item": (_IDS, "integers or text"),
    "timestamp": ((*_NUMBERS, "is_timestamp", "is_date"), "numbers or points in time"),
    "rating": ((*_NUMBERS, "is_boolean"), "numbers"),
}
"""The types that each column may have, by the names of their tests in `pyarrow.types`, and as messages call them."""


def read_tables(
    file: DataFile, kind: str, opened: Opener, names: Mapping[str, str], wanted: Sequence[str]
) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of the tables in a file's parts, ``(n_rows,)`` each, and how to find a row.

    Parameters
    ----------
    kind
        The name of the format in messages.
    opened
        Gives of a source its names of columns, its number of rows, and a function that reads some columns.

    Raises
    ------
    DatasetError
        If pyarrow is missing, or a part is unreadable, empty or damaged, lacks a column, or has one of a wrong type.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise DatasetError(f"reading {file} needs pyarrow; {how_to_add('parquet')}") from error
    parts = [_read(part, kind, opened, names, wanted) for part in file.parts]
    tables = [table for table, _ in parts]
    if not sum(table.num_rows for table in tables):
        raise DatasetError(f"{file} has no rows; expected one interaction each")
    try:
        table = pa.concat_tables([table for table in tables if table.num_rows])
    except pa.ArrowException as error:
        raise DatasetError(f"{file} has parts whose columns are of different types ({error})") from error
    columns = {column: _plain(table.column(column)) for column in wanted}
    for column, values in columns.items():
        _check_type(file, column, values)
    origin = Origin(str(file), "row", 1, Reading(form=kind, columns=parts[0][1]))
    return {column: _as_array(file, column, values) for column, values in columns.items()}, origin


def _read(
    part: DataFile, kind: str, opened: Opener, names: Mapping[str, str], wanted: Sequence[str]
) -> tuple[Any, dict[str, str]]:
    """Return the wanted columns of a part as a table with the names of `KNOWN_NAMES`, and the part's own names."""
    from pyarrow import ArrowException

    source: BinaryIO | Path = part.path if part.is_bare else io.BytesIO(part.content())
    try:
        header, n_rows, read = opened(source)
        positions = find_columns(part.path, header, names, wanted)
        limit = free_memory()
        if n_rows * _VALUE_BYTES * len(wanted) > limit:
            raise DatasetError(f"{part} says that it has {n_rows:,} rows, too many for {limit:,} bytes of memory")
        found = {column: header[position] for column, position in positions.items()}
        table = read(list(found.values()))
    except (ArrowException, OSError) as error:
        raise DatasetError(f"{part} cannot be read as {kind} ({error}); is it whole? Get it again") from error
    return table.rename_columns(list(found)), found


def _plain(values: Any) -> Any:
    """Return a column with the values that its dictionary stands for."""
    from pyarrow import types

    return values.cast(values.type.value_type) if types.is_dictionary(values.type) else values


def _check_type(file: DataFile, column: str, values: Any) -> None:
    """Refuse lists, records, durations, times of day, and ids that are numbers with a fraction."""
    from pyarrow import types

    allowed, expected = _TYPES[column]
    # Integers with a missing one are floats in many files; the missing one is refused with its row.
    is_with_missing = types.is_null(values.type) or (types.is_floating(values.type) and _has_missing(values))
    if is_with_missing or any(getattr(types, name)(values.type) for name in allowed if hasattr(types, name)):
        return
    if types.is_nested(values.type):
        raise DatasetError(
            f"{file} has lists or records as {column} ({values.type}); expected one value a row: unnest them"
        )
    raise DatasetError(f"{file}: the {column} has the type {values.type}; expected {expected}: convert it")


def _has_missing(values: Any) -> bool:
    from pyarrow import compute

    return bool(compute.any(compute.is_null(values, nan_is_null=True)).as_py())


def _as_array(file: DataFile, column: str, values: Any) -> Values:
    """Return a column as an array: numbers, text, or points in time in UTC."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import types

    if types.is_date(values.type):
        values = values.cast(pa.timestamp("us"))
    elif types.is_binary(values.type) or types.is_large_binary(values.type):
        try:
            values = values.cast(pa.large_string())
        except pa.ArrowInvalid as error:
            raise DatasetError(f"{file}: the {column} holds bytes that are not UTF-8 text; convert them") from error
    elif types.is_decimal(values.type):
        values = values.cast(pa.int64() if values.type.scale == 0 else pa.float64())
    # Integers with a missing one would be floats otherwise, which are not exact.
    series = values.to_pandas(integer_object_nulls=True)
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert(None)
    return np.asarray(series.to_numpy())
