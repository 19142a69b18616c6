"""Files of interactions: CSV, TSV, ``::``, RecBole's ``.inter``, Parquet, each also gzipped.

Ids are read as integers only where nothing is lost by it: in a file with ids such as ``007`` they stay text.
"""

from __future__ import annotations

import gzip
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

KNOWN_NAMES = {
    "user": ("user", "user_id", "userid", "uid", "user_idx"),
    "item": ("item", "item_id", "itemid", "iid", "movie", "movie_id", "movieid", "product_id", "item_idx"),
    "timestamp": ("timestamp", "time", "ts", "unixtime", "unix_timestamp", "datetime"),
    "rating": ("rating", "score", "stars"),
}
"""What columns are usually called, in small letters."""

DELIMITERS = ("::", "\t", ",", ";", "|", " ")

_SNIFFED = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A number with a sign, a leading zero or blanks around it is not the text of the integer that a parser makes of it.
_LOSSY = re.compile(rb"(?:^|[\t,;|: ])[ ]*(?:\+|-0|0[0-9])|[0-9] +[\t,;|:]", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a file as they were read, ``(n_rows,)`` each; ``ratings`` only where asked for."""

    users: npt.NDArray[Any]
    items: npt.NDArray[Any]
    timestamps: npt.NDArray[np.int64]
    ratings: npt.NDArray[np.float64] | None


@dataclass(frozen=True)
class _Layout:
    """How a text file is laid out: where its columns are, and at which line its rows begin."""

    delimiter: str
    n_fields: int
    positions: Mapping[str, int]
    has_header: bool


def read_file(path: Path, names: Mapping[str, str], *, with_ratings: bool = False) -> Columns:
    """Read a file of interactions.

    Parameters
    ----------
    names
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating`` where they are unusual.
    with_ratings
        Whether the ratings are wanted, too.

    Raises
    ------
    DatasetError
        If the file is missing, empty, cut short, not UTF-8, or lacks a column or a value.
    """
    if not path.is_file():
        raise DatasetError(f"there is no file {path}, and no dataset of that name; `recbench datasets` lists the names")
    wanted = ["user", "item", "timestamp", *(["rating"] if with_ratings else [])]
    if path.name.removesuffix(".gz").endswith(".parquet"):
        return _read_parquet(path, names, wanted)
    return _read_text(path, names, wanted)


def _read_text(path: Path, names: Mapping[str, str], wanted: Sequence[str]) -> Columns:
    content = _content(path)
    layout = _layout(path, content, names, wanted)
    _check_last_line(path, content, layout)
    frame = _parse(path, content, layout, wanted)
    if not len(frame):
        raise DatasetError(f"{path} has a header and no rows")
    return _columns(path, frame, first_line=2 if layout.has_header else 1)


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise DatasetError(f"{path} is a damaged gzip file ({error}); get it again") from error
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    if not raw.strip():
        raise DatasetError(f"{path} is empty; expected one interaction a line")
    return raw


def _layout(path: Path, content: bytes, names: Mapping[str, str], wanted: Sequence[str]) -> _Layout:
    try:
        first = content[:_SNIFFED].split(b"\n", 1)[0].decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); convert it") from error
    delimiter = next((mark for mark in DELIMITERS if mark in first), None)
    if delimiter is None:
        raise DatasetError(
            f"{path}: its first line, {first[:60]!r}, has one column only; expected user, item and timestamp, "
            "separated by a comma, a tab, '::', ';', '|' or a blank"
        )
    fields = [field.strip().strip('"') for field in first.split(delimiter)]
    # RecBole's headers carry a type: user_id:token.
    header = [field.partition(":")[0] for field in fields]
    if not names and _is_number(fields[-1]):
        return _Layout(delimiter, len(fields), _usual_positions(path, fields, wanted), has_header=False)
    return _Layout(delimiter, len(fields), _positions(path, header, names, wanted), has_header=True)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _usual_positions(path: Path, fields: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Return where the columns of a file without header are: as in MovieLens, user, item[, rating], timestamp."""
    if len(fields) == 4:
        return {"user": 0, "item": 1, "rating": 2, "timestamp": 3}
    if len(fields) == 3 and "rating" not in wanted:
        return {"user": 0, "item": 1, "timestamp": 2}
    expected = "user, item, rating, timestamp" if "rating" in wanted else "user, item[, rating], timestamp"
    raise DatasetError(
        f"{path} has no header and {len(fields)} columns; without a header {expected} are expected: add a header line"
    )


def _positions(path: Path, header: Sequence[str], names: Mapping[str, str], wanted: Sequence[str]) -> dict[str, int]:
    unknown = sorted(set(names) - set(KNOWN_NAMES))
    if unknown:
        raise DatasetError(f"--columns names {', '.join(unknown)}; expected {', '.join(KNOWN_NAMES)}")
    return {column: _position(path, header, names, column) for column in wanted}


def _position(path: Path, header: Sequence[str], names: Mapping[str, str], column: str) -> int:
    if column in names:
        if names[column] not in header:
            raise DatasetError(f"{path} has no column {names[column]!r}; it has {', '.join(header)}")
        return list(header).index(names[column])
    small = [name.lower() for name in header]
    for known in KNOWN_NAMES[column]:
        if known in small:
            return small.index(known)
    advice = f"say which one it is: --columns {column}=NAME"
    if column == "timestamp":
        advice += "; without times the latest interaction is unknown, and leave-last-out cannot be done"
    raise DatasetError(f"{path} has no {column} column; it has {', '.join(header)}; {advice}")


def _check_last_line(path: Path, content: bytes, layout: _Layout) -> None:
    """Refuse a file whose last line breaks off: it was cut short on its way."""
    last = content.rstrip(b"\r\n").rsplit(b"\n", 1)[-1].decode(errors="replace")
    n_fields = last.count(layout.delimiter) + 1
    if n_fields < layout.n_fields:
        raise DatasetError(
            f"{path}: its last line, {last[:60]!r}, has {n_fields} of {layout.n_fields} columns; the file was cut "
            "short: get it again"
        )


def _parse(path: Path, content: bytes, layout: _Layout, wanted: Sequence[str]) -> pd.DataFrame:
    """Return the wanted columns, ids as integers where nothing is lost by it and as text elsewhere."""
    import pandas as pd

    if layout.delimiter == "::":
        # A separator of two characters is slow to parse; MovieLens has no tabs.
        content = content.replace(b"::", b"\t")
    delimiter = "\t" if layout.delimiter == "::" else layout.delimiter
    positions = {layout.positions[column]: column for column in wanted}
    options: dict[str, Any] = {
        "sep": delimiter,
        "header": 0 if layout.has_header else None,
        "names": [positions.get(index, f"column {index}") for index in range(layout.n_fields)],
        "usecols": list(positions.values()),
        "keep_default_na": False,
        "na_filter": False,
        "engine": "c",
        "index_col": False,
    }
    types = {"user": np.int64, "item": np.int64, "timestamp": np.int64, "rating": np.float64}
    try:
        if not _LOSSY.search(content):
            return pd.read_csv(io.BytesIO(content), dtype={column: types[column] for column in wanted}, **options)
    except (ValueError, OverflowError):
        pass  # Some value is no such number: read as text, the next step finds out which, or that ids are text.
    try:
        return pd.read_csv(io.BytesIO(content), dtype=dict.fromkeys(wanted, object), **options)
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); convert it") from error
    except pd.errors.ParserError as error:
        raise DatasetError(
            f"{path} cannot be parsed: {str(error).strip()}; expected {layout.n_fields} columns"
        ) from error


def _columns(path: Path, frame: pd.DataFrame, first_line: int) -> Columns:
    return Columns(
        users=_ids(path, frame["user"].to_numpy(), "user", first_line),
        items=_ids(path, frame["item"].to_numpy(), "item", first_line),
        timestamps=_times(path, frame["timestamp"].to_numpy(), first_line),
        ratings=_ratings(path, frame["rating"].to_numpy(), first_line) if "rating" in frame else None,
    )


def _ids(path: Path, values: npt.NDArray[Any], column: str, first_line: int) -> npt.NDArray[Any]:
    """Return ids as int64 where each is the plain decimal of its integer, else as text; none may be missing."""
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.int64, copy=False)
    texts = np.array([_id_text(value) for value in values.tolist()], dtype=object)
    missing = np.flatnonzero(texts == "")
    if missing.size:
        raise DatasetError(f"{path}, line {first_line + missing[0]}: the {column} is missing")
    if all(_is_plain_integer(text) for text in set(texts.tolist())):
        return texts.astype(np.int64)
    return texts


def _id_text(value: Any) -> str:
    """Return the text of an id; what Parquet holds for "missing" is the empty text."""
    return "" if value is None or value != value else str(value)


def _is_plain_integer(text: str) -> bool:
    return re.fullmatch(r"-?[1-9][0-9]{0,17}|0", text) is not None


def _times(path: Path, values: npt.NDArray[Any], first_line: int) -> npt.NDArray[np.int64]:
    """Return times as int64: integers as they are; fractions of a second, where there are any, as microseconds."""
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.int64, copy=False)
    numbers = _numbers(path, values, "timestamp", first_line, "a number, such as Unix seconds")
    whole = numbers == np.floor(numbers)
    return np.round(numbers if whole.all() else numbers * 1e6).astype(np.int64)


def _ratings(path: Path, values: npt.NDArray[Any], first_line: int) -> npt.NDArray[np.float64]:
    return _numbers(path, values, "rating", first_line, "a number")


def _numbers(
    path: Path, values: npt.NDArray[Any], column: str, first_line: int, expected: str
) -> npt.NDArray[np.float64]:
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        raise DatasetError(
            f"{path}, line {first_line + wrong[0]}: the {column} is {str(values[wrong[0]])!r}, expected {expected} "
            f"({wrong.size} such line{'' if wrong.size == 1 else 's'})"
        )
    return numbers


def _read_parquet(path: Path, names: Mapping[str, str], wanted: Sequence[str]) -> Columns:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise DatasetError(f"{path} needs pyarrow to be read: pip install 'recbench[parquet]'") from error
    source: BinaryIO | Path = io.BytesIO(_content(path)) if path.name.endswith(".gz") else path
    try:
        header = parquet.read_schema(source).names
        positions = _positions(path, header, names, wanted)
        table = parquet.read_table(source, columns=[header[position] for position in positions.values()])
    except ArrowInvalid as error:
        raise DatasetError(f"{path} is no Parquet file: {error}") from error
    frame = table.rename_columns(list(positions)).to_pandas()
    if not len(frame):
        raise DatasetError(f"{path} has no rows")
    return _columns(path, frame, first_line=1)
