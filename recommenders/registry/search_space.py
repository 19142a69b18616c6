"""The search space that a class declares, in plain values, which can pass from one process to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from recommenders.registry.failing import error_text
from recommenders.registry.plain import plain


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
    """Return a value of a space as a plain one (see `recommenders.registry.plain`).

    A member of an enum whose members are numbers or texts is that number or text, as its parameter may be either.

    Raises
    ------
    TypeError
        If another process could not be given the value.
    """
    if isinstance(value, Enum) and isinstance(value, int | float | str):
        return plain(value.value)
    if isinstance(value, list | tuple) and not hasattr(value, "_make"):
        return type(value)(map(_plain, value))
    if isinstance(value, Mapping):
        return {_plain_name(name): _plain(member) for name, member in value.items()}
    return plain(value)


def _plain_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"found the key {name!r}, expected a text")
    return str.__str__(name)
