"""The search space that a class declares, in plain values, which can pass from one process to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from recommenders.registry.failing import error_text


@dataclass(frozen=True)
class DeclaredSpace:
    """The search space that a class declares (see `protocol.contract.Tunable`).

    Parameters
    ----------
    table
        A range, choices or one value by parameter, as ``search_space()`` returns them: in dictionaries, lists, tuples,
        texts, numbers, booleans and None. None where the class declares no space, or one that cannot be used.
    problem
        Why the declared space cannot be used, in one line; empty where it can, and where there is none.
    """

    table: Mapping[str, Any] | None = None
    problem: str = ""


def declared_space(cls: type) -> DeclaredSpace:
    """Return the search space that a class declares; this calls its ``search_space()``."""
    search_space = getattr(cls, "search_space", None)
    if not callable(search_space):
        return DeclaredSpace()
    try:
        return DeclaredSpace(_plain(dict(search_space())))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the class's own code raises is its problem
        return DeclaredSpace(problem=error_text(error))


def _plain(value: Any) -> Any:
    """Return a value of a space in Python's own types; a number of numpy becomes one of Python.

    Raises
    ------
    TypeError
        If another process could not be given the value.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, Mapping):
        return {_plain_name(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        members = [_plain(member) for member in value]
        return members if isinstance(value, list) else tuple(members)
    raise TypeError(f"found a {type(value).__name__}, expected numbers, texts, true or false, None, or lists of these")


def _plain_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"found the key {name!r}, expected a text")
    return str.__str__(name)
