"""The layout of a text file: its delimiter, whether it has a header, and the meaning of its columns."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.dates import is_date
from protocol.data.excerpts import excerpt, listed, quoted_excerpt
from protocol.data.positions import are_positions, given_positions, named_by_position
from protocol.data.quotes import csv_rows
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

SEPARATORS = {"::": "'::'", "\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars", " ": "blanks"}
"""What may separate fields, in words; the first that is in the first line does."""

DELIMITERS = tuple(SEPARATORS)

_NO_TIMES = (
    "Without times the latest interaction is unknown, and leave-last-out is impossible. If the rows are in the order "
    "of time, add their number as a column; if you have a split of your own, give it as --dataset ncf:PREFIX"
)

SAY_WHICH = "say which column is which with --columns user=0,item=1,timestamp=2, counted from 0"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Layout:
    """The layout of a text file.

    Parameters
    ----------
    positions
        The place of each wanted column, by `KNOWN_NAMES`, counted from 0.
    has_header
        Whether the first line is no row.
    names
        The names of all columns; empty if the file has no header.
    """

    delimiter: str
    n_fields: int
    positions: Mapping[str, int]
    has_header: bool
    names: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """The character between fields where a file is parsed: pandas is slow with ``::``, so that becomes a tab."""
        return "\t" if self.delimiter == "::" else self.delimiter

    @property
    def columns(self) -> dict[str, str]:
        """The name of each wanted column in the file; its position where it has none."""
        return {role: self.names[place] if self.names else str(place) for role, place in self.positions.items()}


def sniff(
    path: Path, first_line: str, names: Mapping[str, str], wanted: Sequence[str], delimiter: str | None = None
) -> Layout:
    """Return the layout according to a file's first line.

    The line is a header if none of its fields is a number or a date, if one of them is a usual name of a column, or if
    ``names`` names one.

    Parameters
    ----------
    names
        The file's own names of columns, by `KNOWN_NAMES`, where they are unusual; or their positions, from 0, if no
        column has such a name.
    wanted
        The needed columns, by `KNOWN_NAMES`.
    delimiter
        What separates the columns, if that is known; by default the first of `DELIMITERS` in the line.

    Raises
    ------
    DatasetError
        If a wanted column is missing, or which one it is is in doubt.
    """
    delimiter = delimiter or next((mark for mark in DELIMITERS if mark in first_line), None)
    if delimiter is None or delimiter not in first_line:
        raise DatasetError(
            f"{path}: its first line, {quoted_excerpt(first_line)}, has one column only; expected user, item and "
            "timestamp, separated by a comma, a tab, '::', ';', '|' or a blank"
        )
    fields = [field.strip().strip('"') for field in split_line(first_line, delimiter)]
    # RecBole's headers carry a type: user_id:token.
    header = tuple(field.partition(":")[0] for field in fields)
    is_row = not _is_header(fields, header)
    if are_positions(path, names, fields, all_text=not is_row):
        if is_row:
            return Layout(delimiter, len(fields), given_positions(path, names, len(fields), wanted), has_header=False)
        names = named_by_position(names, header)
    if names or not is_row:
        return Layout(delimiter, len(fields), find_columns(path, header, names, wanted), True, header)
    if list(header) == [str(place) for place in range(len(header))]:
        raise DatasetError(
            f"{path}: its first line, {quoted_excerpt(first_line)}, looks like a header of numbers, as pandas writes "
            f"it for columns without names; {SAY_WHICH}"
        )
    return Layout(delimiter, len(fields), _usual_positions(path, fields, wanted), has_header=False)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the fields of a line; quotes around a field hide delimiters in it, but not ``::``.

    Quotes of which one is never closed, or has text after it, are part of the text.
    """
    # The csv module takes delimiters of one character only; files with "::" have no quotes.
    if delimiter == "::":
        return line.split(delimiter)
    try:
        return next(csv_rows([line], delimiter, strict=True), [""])
    except csv.Error:
        return line.split(delimiter)


def _is_header(fields: Sequence[str], names: Sequence[str]) -> bool:
    usual = {name for known in KNOWN_NAMES.values() for name in known}
    return not any(map(is_value, fields)) or any(name.lower() in usual for name in names)


def find_columns(
    path: Path | str, header: Sequence[str], names: Mapping[str, str], wanted: Sequence[str]
) -> dict[str, int]:
    """Return the positions of the wanted columns in a header, counted from 0.

    Raises
    ------
    DatasetError
        If a wanted column is missing or may be one of several, or one column is named for two of them.
    """
    unknown = sorted(set(names) - set(KNOWN_NAMES))
    if unknown:
        raise DatasetError(f"--columns names {', '.join(unknown)}; expected {', '.join(KNOWN_NAMES)}")
    positions = {column: _position(path, header, names, column) for column in wanted}
    if len(set(positions.values())) < len(positions):
        taken = ", ".join(f"{column}={excerpt(header[position])}" for column, position in positions.items())
        raise DatasetError(f"{path}: one column cannot be two things ({taken}); give each its own with --columns")
    for name in (header[position] for position in positions.values()):
        if list(header).count(name) > 1:
            raise DatasetError(f"{path} has several columns {quoted_excerpt(name)}; rename or remove all but one")
    return positions


def _position(path: Path | str, header: Sequence[str], names: Mapping[str, str], column: str) -> int:
    if column in names:
        if names[column] not in header:
            raise DatasetError(f"{path} has no column {quoted_excerpt(names[column])}; it has {listed(header)}")
        return list(header).index(names[column])
    usual = [name for name in dict.fromkeys(header) if name.lower() in KNOWN_NAMES[column]]
    advice = f"name it with --columns {column}=NAME"
    if len(usual) > 1:
        raise DatasetError(f"{path} has several columns that may be the {column}: {listed(usual)}; {advice}")
    if usual:
        return list(header).index(usual[0])
    if column == "timestamp":
        advice += f". {_NO_TIMES}"
    raise DatasetError(f"{path} has no {column} column; it has {listed(header)}; {advice}")


def _usual_positions(path: Path, fields: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Return the positions in a file without a header; as in MovieLens, they are user, item[, rating], timestamp."""
    if len(fields) == 4:
        return {"user": 0, "item": 1, "rating": 2, "timestamp": 3}
    if len(fields) == 3 and "rating" not in wanted:
        return {"user": 0, "item": 1, "timestamp": 2}
    expected = "user, item, rating, timestamp" if "rating" in wanted else "user, item[, rating], timestamp"
    advice = f". {_NO_TIMES}" if len(fields) == 2 else ""
    raise DatasetError(
        f"{path} has no header and {len(fields):,} columns; without a header {expected} are expected: add a header "
        f"line, or {SAY_WHICH}{advice}"
    )


def is_value(text: str) -> bool:
    """Return whether a field is a number or a date, which few headers have for a name."""
    return _NUMBER.fullmatch(text) is not None or is_date(text)
