"""Columns of a text file that the user names by position, counted from 0: ``--columns user=0,item=1,timestamp=3``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_USUAL = {
    3: {"user": 0, "item": 1, "timestamp": 2},
    4: {"user": 0, "item": 1, "rating": 2, "timestamp": 3},
}
"""The columns of a file without a header as MovieLens has them, by their number."""


def are_positions(path: object, names: Mapping[str, str], fields: Sequence[str], *, all_text: bool) -> bool:
    """Return whether the names that a user gives are positions, and none of them is a name in the first line.

    Parameters
    ----------
    fields
        The first line.
    all_text
        Whether none of its fields is a number or a date, so that it is a header.

    Raises
    ------
    DatasetError
        If the first line has all of the names, and may still be a row.
    """
    if not names or not all(name.isascii() and name.isdigit() for name in names.values()):
        return False
    # pandas writes 0,1,2,... where a frame has no names: a header, and its names are the positions.
    if all_text or list(fields) == [str(place) for place in range(len(fields))]:
        return all_text and not set(names.values()) <= set(fields)
    if set(names.values()) <= set(fields) and not all(field.isdigit() for field in fields):
        given = ", ".join(f"{column}={name}" for column, name in names.items())
        raise DatasetError(
            f"{path}: its first line, {', '.join(fields)[:60]!r}, may be a header with the names {given}, or a row; "
            "give the position of every column (user, item, timestamp), from 0, or a header without numbers"
        )
    return True


def named_by_position(names: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    """Return the names in a header of the columns that a user gives by position; others are left as they are."""
    return {column: header[int(name)] if int(name) < len(header) else name for column, name in names.items()}


def given_positions(path: object, names: Mapping[str, str], n_fields: int, wanted: Sequence[str]) -> dict[str, int]:
    """Return the positions of the wanted columns in a file without a header.

    What is not given has its usual position, if the others have theirs.

    Raises
    ------
    DatasetError
        If a position is missing, is beyond the last column, or is given twice.
    """
    given = {column: int(name) for column, name in names.items()}
    usual = _USUAL.get(n_fields, {})
    if any(usual.get(column) != position for column, position in given.items()):
        usual = {}
    positions = {column: given.get(column, usual.get(column, -1)) for column in wanted}
    missing = [column for column, position in positions.items() if position < 0]
    if missing:
        raise DatasetError(
            f"{path} has no header and {n_fields} columns, and --columns gives no position of the "
            f"{' and the '.join(missing)}; add {','.join(f'{column}=POSITION' for column in missing)}, "
            f"from 0 to {n_fields - 1}"
        )
    beyond = [f"{column}={position}" for column, position in positions.items() if position >= n_fields]
    if beyond or len(set(positions.values())) < len(positions):
        found = ", ".join(f"{column}={position}" for column, position in positions.items())
        raise DatasetError(
            f"{path} has {n_fields} columns, and --columns gives {found}; expected a different position for each, "
            f"from 0 to {n_fields - 1}"
        )
    return positions
