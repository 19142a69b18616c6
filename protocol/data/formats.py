"""Files of interactions: CSV, TSV, ``::``, RecBole's ``.inter``, Parquet, each also gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from protocol.data.columns import Columns, Origin, checked
from protocol.data.layout import Layout, find_columns, sniff
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    _Values = tuple[dict[str, npt.NDArray[Any]], Origin]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_PARQUET = (".parquet", ".pq")


def read_file(
    path: Path, names: Mapping[str, str], *, with_ratings: bool = False, member: str | None = None
) -> Columns:
    """Read a file of interactions.

    Parameters
    ----------
    names
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    with_ratings
        Whether the ratings are wanted, too.
    member
        The text file to read inside ``path``, where that is a zip archive.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, cut short, not UTF-8, or lacks a column or a value.
    """
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    return checked(*read_values(path, names, wanted, member=member))


def read_values(path: Path, names: Mapping[str, str], wanted: Sequence[str], *, member: str | None = None) -> _Values:
    """Read the ``wanted`` columns of a file as they stand, ``(n_rows,)`` each, and where they come from.

    Raises
    ------
    DatasetError
        As `read_file`, but for the values.
    """
    if not path.is_file():
        raise DatasetError(f"{path} is {'a folder, expected a file' if path.is_dir() else 'not there'}")
    if path.name.lower().removesuffix(".gz").endswith(_PARQUET):
        return _read_parquet(path, names, wanted)
    return _read_text(path, content_of(path, member), names, wanted)


def content_of(path: Path, member: str | None = None) -> bytes:
    """Return the bytes of a file, or of a member of a zip archive, unpacked where they are gzipped.

    Raises
    ------
    DatasetError
        If it cannot be read, or is damaged.
    """
    try:
        if member is None:
            raw = path.read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                raw = archive.read(member)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    if raw.startswith(_GZIP):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{path} is a damaged gzip file ({error}); get it again") from error
    return raw


def _read_text(path: Path, content: bytes, names: Mapping[str, str], wanted: Sequence[str]) -> _Values:
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if not content or content.isspace():
        raise DatasetError(f"{path} is empty; expected one interaction a line")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    try:
        first_line = content.partition(b"\n")[0].decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    layout = sniff(path, first_line, names, wanted)
    is_row_a_line = _check_fields(path, content, layout)
    if layout.delimiter == "::":
        # pandas is slow with a delimiter of two characters.
        if b"\t" in content:
            raise DatasetError(f"{path} is separated by '::' but has tabs in it, too; expected one of them: mend it")
        content, layout = content.replace(b"::", b"\t"), replace(layout, delimiter="\t")
    values = {column: _read_column(path, content, layout, column) for column in wanted}
    if not len(values["user"]):
        raise DatasetError(f"{path} has a header and no rows; expected one interaction a line")
    return values, Origin(str(path), "line", 1 + layout.has_header) if is_row_a_line else Origin(str(path), "row", 1)


def _check_fields(path: Path, content: bytes, layout: Layout) -> bool:
    """Return whether each line is a row; there may be blank lines, and quoted values of several lines.

    Raises
    ------
    DatasetError
        If a line has too few or too many columns. In the last line it shows that the file was cut short on its way.
    """
    delimiter = layout.delimiter.encode()
    n_lines = content.count(b"\n") + (not content.endswith(b"\n"))
    # Many a program puts its header into quotes, and nothing else.
    begin = content.find(b"\n") + 1 if layout.has_header and b'"' in content else 0
    has_quotes = content.find(b'"', begin) >= 0
    if not has_quotes:
        body, n_before = (content[begin:], 1) if begin else (content, 0)
        marks = body.translate(None, bytes(set(range(256)) - {*delimiter, *b"\n"}))
        if marks.removesuffix(b"\n") + b"\n" == (delimiter * (layout.n_fields - 1) + b"\n") * (n_lines - n_before):
            return True
        lines: Iterator[tuple[int, str, int]] = (
            (number, line.decode(errors="replace"), line.count(delimiter) + 1)
            for number, line in enumerate(io.BytesIO(body), n_before + 1)
        )
    else:
        n_before = 0
        lines = _parsed_lines(path, content, layout.delimiter)
    n_rows = n_before
    for number, text, n_fields in lines:
        if not text.strip():
            continue
        n_rows += 1
        if n_fields != layout.n_fields:
            is_last = number >= n_lines
            where = "its last line" if is_last else f"line {number:,}"
            cut_short = is_last and n_fields < layout.n_fields
            advice = "the file was cut short: get it again" if cut_short else "mend or remove it"
            if has_quotes:
                advice += ", unless it is a quote that is never closed"
            raise DatasetError(
                f"{path}: {where}, {text.strip(chr(13) + chr(10))[:60]!r}, has {n_fields} "
                f"column{'s' * (n_fields != 1)}, expected {layout.n_fields}; {advice}"
            )
    return n_rows == n_lines


def _parsed_lines(path: Path, content: bytes, delimiter: str) -> Iterator[tuple[int, str, int]]:
    """Give number, text and number of columns of each row of a file with quotes; the number is of its last line."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        for fields in rows:
            yield rows.line_num, delimiter.join(fields), len(fields)
    except csv.Error as error:
        raise DatasetError(f"{path}, line {rows.line_num:,}: {error}; is a closing quote missing?") from error


def _read_column(path: Path, content: bytes, layout: Layout, column: str) -> npt.NDArray[Any]:
    """Return a column as numbers where all its values are, else as text, ``(n_rows,)``."""
    import pandas as pd

    options: dict[str, Any] = {
        "sep": layout.delimiter,
        "header": 0 if layout.has_header else None,
        "names": list(range(layout.n_fields)),
        "usecols": [layout.positions[column]],
        "na_filter": False,
        "engine": "c",
        "index_col": False,
    }
    is_id = column in ("user", "item")
    try:
        if not is_id or _is_plain(content, layout):
            # Not dtype=int64, with which pandas would make 1.0 an integer, too, by way of an inexact float.
            values = _inferred_column(content, options)
            if values.dtype == np.int64 or (values.dtype == np.float64 and not is_id):
                return values
        return _only_column(pd.read_csv(io.BytesIO(content), dtype=object, **options))
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    except pd.errors.ParserError as error:
        raise DatasetError(f"{path} cannot be parsed: {str(error).strip()}") from error


def _inferred_column(content: bytes, options: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Return the column as pandas understands it: numbers, or objects where some of it is something else.

    pandas looks at one part of it after the other, which stay in the cache, and warns where they differ.
    """
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        return _only_column(pd.read_csv(io.BytesIO(content), **options))


def _only_column(frame: Any) -> npt.NDArray[Any]:
    return np.asarray(frame.iloc[:, 0].to_numpy())


def _is_plain(content: bytes, layout: Layout) -> bool:
    """Return whether no value can be another text than its integer's: no quotes, signs, or zeros in front."""
    start = content.find(b"\n") if layout.has_header else 0
    if any(content.find(mark, start) >= 0 for mark in (b'"', b"+", b"-")):
        return False
    delimiter = re.escape(layout.delimiter.encode())
    after = (re.compile(before + rb"\s*0[0-9]") for before in (delimiter, rb"\n", rb"\A"))
    return not any(pattern.search(content, start) for pattern in after)


def _undecodable(path: Path, error: UnicodeDecodeError) -> DatasetError:
    return DatasetError(
        f"{path} is not UTF-8 text ({error.reason}: {error.object[error.start : error.end]!r}); convert it"
    )


def _read_parquet(path: Path, names: Mapping[str, str], wanted: Sequence[str]) -> _Values:
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError as error:
        raise DatasetError(f"{path} needs pyarrow to be read: pip install 'recbench[parquet]'") from error
    source: BinaryIO | Path = io.BytesIO(content_of(path)) if path.name.lower().endswith(".gz") else path
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
    return {column: _as_array(values) for column, values in columns.items()}, Origin(str(path), "row", 1)


def _as_array(values: Any) -> npt.NDArray[Any]:
    """Return a column of an Arrow table; points in time are in UTC, whatever zone they are shown in."""
    import pandas as pd

    series = values.to_pandas()
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert(None)
    return np.asarray(series.to_numpy())
