"""The layout of a text file: its delimiter, whether it has a header, and the meaning of its columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.dates import is_date
from protocol.data.positions import are_positions, given_positions, named_by_position
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KNOWN_NAMES = {
    "user": ("user", "user_id", "userid", "uid", "user_idx"),
    "item": ("item", "item_id", "itemid", "iid", "movie", "movie_id", "movieid", "product_id", "item_idx"),
    "timestamp": ("timestamp", "time", "ts", "unixtime", "unix_timestamp", "datetime"),
    "rating": ("rating", "score", "stars"),
}
"""The usual names of columns, in small letters."""

DELIMITERS = ("::", "\t", ",", ";", "|", " ")

_NO_TIMES = (
    "Without times the latest interaction is unknown, and leave-last-out is impossible. If the rows are in the order "
    "of time, add their number as a column; if you have a split of your own, give it as --dataset ncf:PREFIX"
)


@dataclass(frozen=True)
class Layout:
    """The layout of a text file; ``positions`` has the place of each column, by `KNOWN_NAMES`, counted from 0."""

    delimiter: str
    n_fields: int
    positions: Mapping[str, int]
    has_header: bool


def sniff(
    path: Path, first_line: str, names: Mapping[str, str], wanted: Sequence[str], delimiter: str | None = None
) -> Layout:
    """Return the layout by a file's first line, which is a header if none of its fields is a number or a date.

    Parameters
    ----------
    names
        The file's own names of columns, by `KNOWN_NAMES`, where they are unusual; or positions, from 0. If there are
        names, the file has a header.
    wanted
        The needed columns, by `KNOWN_NAMES`.
    delimiter
        What separates the columns, if that is known; by default the first of `DELIMITERS` in the line.

    Raises
    ------
    DatasetError
        If a wanted column is missing.
    """
    delimiter = delimiter or next((mark for mark in DELIMITERS if mark in first_line), None)
    if delimiter is None or delimiter not in first_line:
        raise DatasetError(
            f"{path}: its first line, {first_line[:60]!r}, has one column only; expected user, item and timestamp, "
            "separated by a comma, a tab, '::', ';', '|' or a blank"
        )
    # The csv module takes delimiters of one character only; files with "::" have no quotes.
    split = first_line.split(delimiter) if delimiter == "::" else next(csv.reader([first_line], delimiter=delimiter))
    fields = [field.strip().strip('"') for field in split]
    is_row = any(map(is_value, fields))
    if are_positions(path, names, fields, all_text=not is_row):
        if is_row:
            return Layout(delimiter, len(fields), given_positions(path, names, len(fields), wanted), has_header=False)
        names = named_by_position(names, [field.partition(":")[0] for field in fields])
    if not names and is_row:
        return Layout(delimiter, len(fields), _usual_positions(path, fields, wanted), has_header=False)
    # RecBole's headers carry a type: user_id:token.
    header = [field.partition(":")[0] for field in fields]
    return Layout(delimiter, len(fields), find_columns(path, header, names, wanted), has_header=True)


def find_columns(
    path: Path | str, header: Sequence[str], names: Mapping[str, str], wanted: Sequence[str]
) -> dict[str, int]:
    """Return the positions of the wanted columns in a header, counted from 0.

    Raises
    ------
    DatasetError
        If a wanted column is missing, or one column is named for two of them.
    """
    unknown = sorted(set(names) - set(KNOWN_NAMES))
    if unknown:
        raise DatasetError(f"--columns names {', '.join(unknown)}; expected {', '.join(KNOWN_NAMES)}")
    positions = {column: _position(path, header, names, column) for column in wanted}
    if len(set(positions.values())) < len(positions):
        taken = ", ".join(f"{column}={header[position]}" for column, position in positions.items())
        raise DatasetError(f"{path}: one column cannot be two things ({taken}); give each its own with --columns")
    for name in (header[position] for position in positions.values()):
        if list(header).count(name) > 1:
            raise DatasetError(f"{path} has several columns {name!r}; rename or remove all but one")
    return positions


def _position(path: Path | str, header: Sequence[str], names: Mapping[str, str], column: str) -> int:
    if column in names:
        if names[column] not in header:
            raise DatasetError(f"{path} has no column {names[column]!r}; it has {', '.join(header)}")
        return list(header).index(names[column])
    small = [name.lower() for name in header]
    for known in KNOWN_NAMES[column]:
        if known in small:
            return small.index(known)
    advice = f"name it with --columns {column}=NAME"
    if column == "timestamp":
        advice += f". {_NO_TIMES}"
    raise DatasetError(f"{path} has no {column} column; it has {', '.join(header)}; {advice}")


def _usual_positions(path: Path, fields: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Return the positions in a file without a header; as in MovieLens, they are user, item[, rating], timestamp."""
    if len(fields) == 4:
        return {"user": 0, "item": 1, "rating": 2, "timestamp": 3}
    if len(fields) == 3 and "rating" not in wanted:
        return {"user": 0, "item": 1, "timestamp": 2}
    expected = "user, item, rating, timestamp" if "rating" in wanted else "user, item[, rating], timestamp"
    advice = f". {_NO_TIMES}" if len(fields) == 2 else ""
    raise DatasetError(
        f"{path} has no header and {len(fields)} columns; without a header {expected} are expected: add a header line"
        f"{advice}"
    )


def is_value(text: str) -> bool:
    """Return whether a field is a number or a date, which no header has for a name."""
    return _is_number(text) or is_date(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
