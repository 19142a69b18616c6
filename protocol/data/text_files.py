"""Text files of interactions: CSV, TSV, ``::`` and RecBole's ``.inter``."""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.columns import Origin
from protocol.data.layout import Layout, sniff
from protocol.data.preludes import table_in
from protocol.data.spellings import plain_numbers
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from protocol.data.columns import Values
    from protocol.data.files import DataFile

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_text(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a text file, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If the file is unreadable, empty, cut short or not UTF-8, or lacks a column.
    """
    path, content = file.path, file.content().removeprefix(_BYTE_ORDER_MARK)
    if not content or content.isspace():
        raise DatasetError(f"{path} is empty; expected one interaction a line")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    table = table_in(path, content, names)
    content = table.content
    try:
        first_line = content.partition(b"\n")[0].decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    layout = sniff(path, first_line, names, wanted, table.delimiter)
    is_row_a_line = _check_fields(path, content, layout)
    if layout.delimiter == "::":
        # pandas is slow with a delimiter of two characters.
        if b"\t" in content:
            raise DatasetError(f"{path} is separated by '::' but has tabs in it, too; expected one of them: mend it")
        content, layout = content.replace(b"::", b"\t"), replace(layout, delimiter="\t")
    values = {column: _read_column(path, content, layout, column) for column in wanted}
    if not len(values["user"]):
        raise DatasetError(f"{path} has a header and no rows; expected one interaction a line")
    first = table.n_above + 1 + layout.has_header
    origin = Origin(str(path), "line", first) if is_row_a_line else Origin(str(path), "row", 1)
    return {column: plain_numbers(found, column, origin.row) for column, found in values.items()}, origin


def _check_fields(path: Path, content: bytes, layout: Layout) -> bool:
    """Return whether each line is a row. It is not where there are blank lines or quoted values of several lines.

    Raises
    ------
    DatasetError
        If a line has too few or too many columns. If the last line has too few, the file was cut short on its way.
    """
    delimiter = layout.delimiter.encode()
    n_lines = content.count(b"\n") + (not content.endswith(b"\n"))
    # Many programs put only the header into quotes.
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
    """Yield the number of the last line, the text and the number of columns of each row of a file with quotes."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        for fields in rows:
            yield rows.line_num, delimiter.join(fields), len(fields)
    except csv.Error as error:
        raise DatasetError(f"{path}, line {rows.line_num:,}: {error}; is a closing quote missing?") from error


def _read_column(path: Path, content: bytes, layout: Layout, column: str) -> Values:
    """Return a column, ``(n_rows,)``: numbers if all values are numbers, else text."""
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
            # Not dtype=int64: with it pandas makes an integer of 1.0, too, through an inexact float.
            values = _inferred_column(content, options)
            if values.dtype == np.int64 or (values.dtype == np.float64 and not is_id):
                return values
        return _only_column(pd.read_csv(io.BytesIO(content), dtype=object, **options))
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    except pd.errors.ParserError as error:
        raise DatasetError(f"{path} cannot be parsed: {str(error).strip()}") from error


def _inferred_column(content: bytes, options: Mapping[str, Any]) -> Values:
    """Return the column as pandas infers it: numbers, or objects if some values are no numbers.

    pandas infers it part by part, each small enough for the processor's cache, and warns if the parts differ.
    """
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        return _only_column(pd.read_csv(io.BytesIO(content), **options))


def _only_column(frame: Any) -> Values:
    return np.asarray(frame.iloc[:, 0].to_numpy())


def _is_plain(content: bytes, layout: Layout) -> bool:
    """Return whether no integer can have two spellings: there are no quotes, signs or leading zeros."""
    start = content.find(b"\n") if layout.has_header else 0
    if any(content.find(mark, start) >= 0 for mark in (b'"', b"+", b"-")):
        return False
    delimiter = re.escape(layout.delimiter.encode())
    after = (re.compile(before + rb"\s*0[0-9]") for before in (delimiter, rb"\n", rb"\A"))
    return not any(pattern.search(content, start) for pattern in after)


def _undecodable(path: Path, error: UnicodeDecodeError) -> DatasetError:
    return DatasetError(
        f"{path} is not UTF-8 text ({error.reason}: {error.object[error.start : error.end]!r}); "
        "name its encoding, as in --encoding latin-1, or convert it"
    )
