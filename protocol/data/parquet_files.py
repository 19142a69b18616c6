"""Parquet files of interactions."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from protocol.data.columns import Origin
from protocol.data.layout import find_columns
from protocol.data.reading import Reading
from protocol.errors import DatasetError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Values
    from protocol.data.files import DataFile


def read_parquet(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a Parquet file, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If pyarrow is missing, or the file is unreadable, empty or damaged, lacks a column or has nested values.
    """
    path = file.path
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError as error:
        raise DatasetError(f"reading {path} needs pyarrow; {how_to_add('parquet')}") from error
    source: BinaryIO | Path = path if file.is_bare else io.BytesIO(file.content())
    try:
        header = parquet.read_schema(source).names
        positions = find_columns(path, header, names, wanted)
        table = parquet.read_table(source, columns=[header[position] for position in positions.values()])
    except (ArrowException, OSError) as error:
        raise DatasetError(f"{path} cannot be read as Parquet ({error}); is it whole? Get it again") from error
    if not table.num_rows:
        raise DatasetError(f"{path} has no rows; expected one interaction each")
    columns = {column: table.column(header[position]) for column, position in positions.items()}
    nested = [f"{column} ({values.type})" for column, values in columns.items() if types.is_nested(values.type)]
    if nested:
        raise DatasetError(f"{path} has lists or records as {', '.join(nested)}; expected one value a row: unnest them")
    reading = Reading(form="Parquet", columns={column: header[place] for column, place in positions.items()})
    return {column: _as_array(values) for column, values in columns.items()}, Origin(str(path), "row", 1, reading)


def _as_array(values: Any) -> Values:
    """Return a column of an Arrow table as an array; points in time are converted to UTC."""
    import pandas as pd

    series = values.to_pandas()
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert(None)
    return np.asarray(series.to_numpy())
