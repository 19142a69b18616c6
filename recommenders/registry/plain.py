"""Hyper-parameters as plain values: what JSON can hold, so that they pass from one process to another.

An enum's member becomes its name, a path its text, a scalar of NumPy a number, a set a sorted tuple.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

MOST_NESTED = 16
"""The most levels of lists and dictionaries; a value that contains itself has more."""

_REPR_LENGTH = 500


class Unread(str):
    """The ``repr`` of a default that cannot be passed from one process to another, such as that of a function."""

    __slots__ = ()


def plain(value: Any, depth: int = MOST_NESTED) -> Any:
    """Return a value in Python's own types: None, bool, int, float, str, and tuples, lists and dictionaries of these.

    Parameters
    ----------
    depth
        The most levels of lists and dictionaries.

    Raises
    ------
    TypeError
        If it cannot be written so, or is nested too deep.
    """
    if depth < 0:
        raise TypeError(f"it is nested more than {MOST_NESTED} levels deep")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Enum):
        if value.name not in type(value).__members__:
            raise TypeError(f"found {value!r}, which has no name of its own")
        return value.name
    if isinstance(value, PurePath):
        return str(value)
    if _is_numpy(value):
        return _plain_array(value)
    if isinstance(value, Mapping):
        return {_key(name): plain(member, depth - 1) for name, member in value.items()}
    if isinstance(value, set | frozenset):
        return tuple(sorted((plain(member, depth - 1) for member in value), key=lambda one: (type(one).__name__, one)))
    if isinstance(value, list | tuple):
        members = [plain(member, depth - 1) for member in value]
        return members if isinstance(value, list) else tuple(members)
    return _plain_scalar(value)


def _is_numpy(value: Any) -> bool:
    """Return whether a value is an array or a scalar of NumPy, which is not imported for it."""
    return type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "dtype")


def _plain_array(value: Any) -> Any:
    if value.dtype.kind not in "biufU":
        raise TypeError(f"found a {type(value).__name__} of {value.dtype}, expected numbers, texts, true or false")
    return _as_tuples(value.tolist())


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise TypeError(
        f"found a {type(value).__name__}, expected numbers, texts, true or false, None, or lists or dictionaries of "
        "these"
    )


def _key(name: Any) -> str:
    key = plain(name)
    if isinstance(key, tuple | list | dict):
        raise TypeError(f"found the key {name!r}, expected a text or a number")
    return text_of(key)


def is_plain(value: Any) -> bool:
    """Return whether `plain` has a plain value for an object."""
    try:
        plain(value)
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is looked at
        return False
    return True


def plain_default(default: Any) -> Any:
    """Return a default as a plain value; as its ``repr`` where that is not possible, whatever the ``repr`` does."""
    try:
        return plain(default)
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is looked at
        return Unread(_repr_of(default))


def _repr_of(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - as above
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    # An address in memory differs from process to process.
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    return text if len(text) <= _REPR_LENGTH else f"{text[:_REPR_LENGTH]}..."


def text_of(value: Any) -> str:
    """Return a plain value as it is written on the command line: ``64-32``, ``0.1,0.5``, ``a,b``, ``{"a":1}``."""
    if isinstance(value, dict):
        return _json(value)
    if isinstance(value, tuple | list):
        return _text_of_several(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _text_of_several(members: tuple[Any, ...] | list[Any]) -> str:
    if all(type(member) is int and member >= 0 for member in members):
        return "-".join(map(str, members))
    numbers = all(type(member) in (int, float) and math.isfinite(member) for member in members)
    words = all(isinstance(member, str) and re.fullmatch(r"[\w./]|[\w./][\w.+/ -]*\w", member) for member in members)
    if numbers or (words and len(members) > 0):
        return ",".join(map(text_of, members))
    return _json(members)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
