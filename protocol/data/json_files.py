"""JSON of interactions: an object a line, or one array of objects; nested values by dotted names."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from protocol.data.columns import Origin
from protocol.data.layout import find_columns
from protocol.data.reading import Reading
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protocol.data.columns import Values
    from protocol.data.files import DataFile

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_N_FIRST = 1000
"""Objects in which names are looked for: an object may lack what others have."""

_SHAPE = (
    "expected an object a line, or one array of objects, one for each interaction: pandas writes it with "
    'frame.to_json(PATH, orient="records", lines=True)'
)


def read_json(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of JSON, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If the file is no JSON or of another shape, lacks a name, or has lists or objects for values.
    """
    content = file.content().removeprefix(_BYTE_ORDER_MARK).strip()
    is_array = content.startswith(b"[")
    first = _first_objects(file, content, is_array=is_array)
    header = list(dict.fromkeys(name for one in first for name in _flat_names(one)))
    positions = find_columns(str(file), header, names, wanted)
    paths = {column: _path(header[position], first) for column, position in positions.items()}
    rows = _rows(file, content, sorted({path[0] for path in paths.values()}), is_array=is_array)
    form = "JSON, one array of objects" if is_array else "JSON, an object a line"
    reading = Reading(form=form, columns={column: header[position] for column, position in positions.items()})
    origin = Origin(str(file), "object", 1, reading)
    return {column: _column(rows, path, column, origin) for column, path in paths.items()}, origin


def _first_objects(file: DataFile, content: bytes, *, is_array: bool) -> list[dict[str, Any]]:
    """Return the first objects, whole."""
    try:
        raw: list[Any] = (
            [msgspec.json.decode(one) for one in islice(msgspec.json.decode(content, type=list[msgspec.Raw]), _N_FIRST)]
            if is_array
            else [msgspec.json.decode(line) for line in islice(_lines(content), _N_FIRST)]
        )
    except _NO_JSON as error:
        raise _broken(file, content, error, is_array=is_array) from error
    if not raw:
        raise DatasetError(f"{file} has no objects; {_SHAPE}")
    strange = next((one for one in raw if not isinstance(one, dict)), None)
    if strange is not None:
        raise DatasetError(f"{file} is JSON of another shape: {str(strange)[:60]!r} in place of an object; {_SHAPE}")
    if len(raw) == 1 and _holds_tables([*raw[0].values()]):
        raise DatasetError(f"{file} is JSON of another shape: one object with {_some(raw[0])} in it; {_SHAPE}")
    return raw


def _holds_tables(values: Sequence[Any]) -> bool:
    """Return whether the values of one object are columns, rows, or beside others a list of objects."""
    has_objects = any(isinstance(value, list) and value and isinstance(value[0], dict) for value in values)
    return has_objects or all(isinstance(value, dict | list) for value in values)


def _path(name: str, first: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names that lead to a value, from the outside; a name may have a dot of its own."""
    return [name] if any(name in one for one in first) else name.split(".")


def _lines(content: bytes) -> Iterator[bytes]:
    return (line for line in io.BytesIO(content) if line.strip())


def _some(names: Mapping[str, Any]) -> str:
    return ", ".join(list(names)[:5])


def _broken(file: DataFile, content: bytes, error: Exception, *, is_array: bool) -> DatasetError:
    """Return the error about what is no JSON; it names the first line that is none."""
    if is_array:
        return DatasetError(f"{file} is no JSON ({error}); is it whole? {_SHAPE}")
    for number, line in enumerate(io.BytesIO(content), 1):
        try:
            if line.strip():
                msgspec.json.decode(line)
        except _NO_JSON as reason:
            shown = line.strip()[:60].decode(errors="replace")
            return DatasetError(f"{file}, line {number:,}: {shown!r} is no JSON object ({reason}); {_SHAPE}")
    return DatasetError(f"{file} is no JSON ({error}); {_SHAPE}")


def _flat_names(one: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the names of an object's values, nested ones with dots."""
    for name, value in one.items():
        if isinstance(value, dict):
            yield from _flat_names(value, f"{above}{name}.")
        else:
            yield above + name


def _rows(file: DataFile, content: bytes, keys: Sequence[str], *, is_array: bool) -> list[dict[str, Any]]:
    """Return the values of some keys of each object; msgspec skips the others without making anything of them."""
    fields: list[Any] = [
        (f"field_{place}", Any, msgspec.field(default=None, name=key)) for place, key in enumerate(keys)
    ]
    row = msgspec.defstruct("Row", fields)
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[row] if is_array else row)  # type: ignore[valid-type]
    try:
        rows = decoder.decode(content) if is_array else decoder.decode_lines(content)
    except _NO_JSON as error:
        raise _broken(file, content, error, is_array=is_array) from error
    return [dict(zip(keys, msgspec.structs.astuple(one), strict=True)) for one in rows]


def _column(rows: Sequence[Mapping[str, Any]], path: Sequence[str], column: str, origin: Origin) -> Values:
    """Return the values at a path of names, ``(n_rows,)``; None where an object has none."""
    values = [row[path[0]] for row in rows]
    for name in path[1:]:
        values = [value.get(name) if isinstance(value, dict) else None for value in values]
    _check_types(values, column, origin)
    return np.array(values, dtype=np.int64) if _are_plain_integers(values) else np.array(values, dtype=object)


def _are_plain_integers(values: Sequence[Any]) -> bool:
    return all(type(value) is int and -(2**63) <= value < 2**63 for value in values)


def _check_types(values: Sequence[Any], column: str, origin: Origin) -> None:
    """Refuse lists and objects, ids that are neither integers nor text, and times that are true."""
    allowed = _ID_TYPES if column in ("user", "item") else _NUMBER_TYPES[column]
    strange = next((row for row, value in enumerate(values) if type(value) not in allowed), None)
    if strange is not None:
        raise DatasetError(
            f"{origin.row(strange)}: the {column} is {str(values[strange])[:60]!r}, a "
            f"{type(values[strange]).__name__}; expected {_EXPECTED[column]}"
        )


_ID_TYPES = (int, str, type(None))
_NUMBER_TYPES = {
    "timestamp": (int, float, str, type(None)),
    "rating": (int, float, str, bool, type(None)),
}
_EXPECTED = {
    "user": "an integer or text",
    "item": "an integer or text",
    "timestamp": "a number or a date",
    "rating": "a number",
}
