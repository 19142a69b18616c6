"""Parquet files of interactions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from protocol.data.arrow_tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Origin, Values
    from protocol.data.files import DataFile


def read_parquet(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a Parquet file, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If pyarrow is missing, or the file is unreadable, empty or damaged, lacks a column or has one of a wrong type.
    """
    return read_tables(file, "Parquet", _opened, names, wanted)


def _opened(source: BinaryIO | Path) -> tuple[Sequence[str], int, Callable[[Sequence[str]], Any]]:
    from pyarrow import parquet

    about = parquet.read_metadata(source)
    return about.schema.to_arrow_schema().names, about.num_rows, partial(_columns, source)


def _columns(source: BinaryIO | Path, names: Sequence[str]) -> Any:
    from pyarrow import parquet

    # A folder above that is named like NAME=VALUE is no further column.
    return parquet.read_table(source, columns=list(names), partitioning=None)
