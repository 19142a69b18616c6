"""Files of interactions: CSV, TSV, ``::``, RecBole's ``.inter``, Parquet, each also gzipped."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from protocol.columns import Columns, Origin, checked
from protocol.errors import DatasetError
from protocol.layout import Layout, find_columns, sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_NUMBERS: dict[str, tuple[type, ...]] = {
    "user": (np.int64,),
    "item": (np.int64,),
    "timestamp": (np.int64, np.float64),
    "rating": (np.float64,),
}
"""What the values of a column are tried to be read as, before they are read as text."""


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
        If the file is missing, empty, cut short, not UTF-8, or lacks a column or a value.
    """
    if not path.is_file():
        raise DatasetError(f"{path} is {'a folder, expected a file' if path.is_dir() else 'not there'}")
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    if path.name.removesuffix(".gz").endswith(".parquet"):
        return _read_parquet(path, names, wanted)
    return _read_text(path, _content(path, member), names, wanted)


def _content(path: Path, member: str | None = None) -> bytes:
    if member is None:
        raw = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            raw = archive.read(member)
    if raw.startswith(_GZIP):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{path} is a damaged gzip file ({error}); get it again") from error
    return raw


def _read_text(path: Path, content: bytes, names: Mapping[str, str], wanted: Sequence[str]) -> Columns:
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if not content.strip():
        raise DatasetError(f"{path} is empty; expected one interaction a line")
    try:
        first_line = content.partition(b"\n")[0].decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    layout = sniff(path, first_line, names, wanted)
    _check_fields(path, content, layout)
    if layout.delimiter == "::":
        # pandas is slow with a delimiter of two characters; files with this one have no tabs.
        content = content.replace(b"::", b"\t")
    values = {column: _read_column(path, content, layout, column) for column in wanted}
    if not len(values["user"]):
        raise DatasetError(f"{path} has a header and no rows; expected one interaction a line")
    return checked(values, Origin(str(path), "line", 2 if layout.has_header else 1))


def _check_fields(path: Path, content: bytes, layout: Layout) -> None:
    """Refuse a file with a line of too few or too many columns; in the last line it was cut short on its way."""
    delimiter, expected = layout.delimiter.encode(), layout.n_fields - 1
    n_lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if content.count(delimiter) == n_lines * expected:
        return
    is_quoted = b'"' in content
    lines = content.rstrip(b"\r\n").rsplit(b"\n", 1)[-1:] if is_quoted else io.BytesIO(content)
    found = _first_odd_line(lines, delimiter, expected, or_more=is_quoted)
    if found is None:
        return
    number, line = found
    text, n_fields = line.decode(errors="replace").strip("\r\n"), line.count(delimiter) + 1
    is_last = is_quoted or number == n_lines
    where = "its last line" if is_last else f"line {number:,}"
    advice = "the file was cut short: get it again" if is_last and n_fields <= expected else "mend or remove it"
    raise DatasetError(f"{path}: {where}, {text[:60]!r}, has {n_fields} columns, expected {expected + 1}; {advice}")


def _first_odd_line(
    lines: Iterable[bytes], delimiter: bytes, expected: int, *, or_more: bool
) -> tuple[int, bytes] | None:
    """Return number and text of the first line, blank ones apart, without the expected number of delimiters.

    With ``or_more`` there may be more, inside quotes.
    """
    for number, line in enumerate(lines, 1):
        n_found = line.count(delimiter)
        if line.strip() and (n_found < expected or (n_found > expected and not or_more)):
            return number, line
    return None


def _read_column(path: Path, content: bytes, layout: Layout, column: str) -> npt.NDArray[Any]:
    """Return a column as numbers where all its values are, else as text, ``(n_rows,)``."""
    import pandas as pd

    options: dict[str, Any] = {
        "sep": layout.delimiter.replace("::", "\t"),
        "header": 0 if layout.has_header else None,
        "names": list(range(layout.n_fields)),
        "usecols": [layout.positions[column]],
        "na_filter": False,
        "engine": "c",
        "index_col": False,
    }
    types = _NUMBERS[column] if column not in ("user", "item") or _is_plain(content, layout) else ()
    try:
        for number in types:
            try:
                return _only_column(pd.read_csv(io.BytesIO(content), dtype=number, **options))
            except (ValueError, OverflowError):
                continue  # Some value is no such number.
        return _only_column(pd.read_csv(io.BytesIO(content), dtype=object, **options))
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    except pd.errors.ParserError as error:
        raise DatasetError(f"{path} cannot be parsed: {str(error).strip()}") from error


def _only_column(frame: Any) -> npt.NDArray[Any]:
    return np.asarray(frame.iloc[:, 0].to_numpy())


def _is_plain(content: bytes, layout: Layout) -> bool:
    """Return whether no value can be another text than its integer's: no quotes, signs, or zeros in front."""
    start = content.find(b"\n") if layout.has_header else 0
    if any(content.find(mark, start) >= 0 for mark in (b'"', b"+", b"-")):
        return False
    delimiter = re.escape(layout.delimiter.replace("::", "\t").encode())
    after = (re.compile(before + rb" *0[0-9]") for before in (delimiter, rb"\n", rb"\A"))
    return not any(pattern.search(content, start) for pattern in after)


def _undecodable(path: Path, error: UnicodeDecodeError) -> DatasetError:
    return DatasetError(
        f"{path} is not UTF-8 text ({error.reason}: {error.object[error.start : error.end]!r}); convert it"
    )


def _read_parquet(path: Path, names: Mapping[str, str], wanted: Sequence[str]) -> Columns:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise DatasetError(f"{path} needs pyarrow to be read: pip install 'recbench[parquet]'") from error
    source: BinaryIO | Path = io.BytesIO(_content(path)) if path.name.endswith(".gz") else path
    try:
        header = parquet.read_schema(source).names
        positions = find_columns(path, header, names, wanted)
        table = parquet.read_table(source, columns=[header[position] for position in positions.values()])
    except ArrowInvalid as error:
        raise DatasetError(f"{path} is no Parquet file: {error}") from error
    if not table.num_rows:
        raise DatasetError(f"{path} has no rows; expected one interaction each")
    values = {column: table.column(header[position]).to_pandas().to_numpy() for column, position in positions.items()}
    return checked(values, Origin(str(path), "row", 1))
