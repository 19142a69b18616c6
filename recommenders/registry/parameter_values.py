"""Plain values of hyper-parameters: checked against a form, and made into what the constructor receives."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from recommenders.registry.form import SEQUENCES, Form

if TYPE_CHECKING:
    from collections.abc import Callable


def checked(form: Form, value: Any) -> Any:
    """Return a plain value as a form has it: ``1`` is ``1.0`` where a fraction is asked for, a list may be a tuple.

    Raises
    ------
    ValueError
        If the form does not have the value.
    """
    if form.kind in SEQUENCES:
        return _checked_sequence(form, value)
    return _CHECKS[form.kind](form, value)


def made(form: Form, value: Any) -> Any:
    """Return the object that a constructor receives for a plain value.

    Raises
    ------
    ValueError
        If the form does not have the value.
    """
    if form.kind == "union":
        return _first(form, value, made)
    found = checked(form, value)
    if form.kind in SEQUENCES:
        found = [made(part, member) for part, member in zip(parts_of(form, len(found)), found, strict=True)]
    elif form.kind == "dict":
        key = form.parts[0]
        found = {made(key, _key(key, name)): made(form.of_key(name), one) for name, one in found.items()}
    return found if form.make is None else form.make(found)


def _checked_sequence(form: Form, value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError(value)
    members = [checked(part, member) for part, member in zip(parts_of(form, len(value)), value, strict=True)]
    if form.kind in ("set", "frozenset"):
        return _distinct(members)
    return members if form.kind == "list" else tuple(members)


def _distinct(members: list[Any]) -> tuple[Any, ...]:
    """Return each member once, in an order that does not depend on how they were given.

    Raises
    ------
    ValueError
        If one is a list or a dictionary, which no set holds.
    """
    try:
        return tuple(sorted(dict.fromkeys(members), key=lambda one: (type(one).__name__, one)))
    except TypeError as error:
        raise ValueError(members) from error


def parts_of(form: Form, n_members: int) -> tuple[Form, ...]:
    """Return the form of each member.

    Raises
    ------
    ValueError
        If the sequence has another length.
    """
    if not form.fixed:
        return form.parts * n_members
    if len(form.parts) != n_members:
        raise ValueError(n_members)
    return form.parts


def _checked_dict(form: Form, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(value)
    for name in value:
        _key(form.parts[0], name)
    return {name: checked(form.of_key(name), one) for name, one in value.items()}


def _key(form: Form, text: str) -> Any:
    """Return the key that a text means: JSON's keys are texts.

    Raises
    ------
    ValueError
        If the form has no such value.
    """
    try:
        return checked(form, text)
    except ValueError:
        return checked(form, json.loads(text.lower()))


def _checked_choice(form: Form, value: Any) -> Any:
    for accepted, plain in form.choices:
        if type(accepted) is type(value) and accepted == value:
            return plain
    raise ValueError(value)


def _checked_float(_: Form, value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _of_type(kind: type) -> Callable[[Form, Any], Any]:
    def check(_: Form, value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(value)
        return value

    return check


def _unchecked(_: Form, value: Any) -> Any:
    return value


def _refused(_: Form, value: Any) -> Any:
    raise ValueError(value)


def _first(form: Form, value: Any, what: Callable[[Form, Any], Any]) -> Any:
    """Return what the first form of a union that has the value makes of it."""
    for part in form.parts:
        try:
            return what(part, value)
        except ValueError:
            continue
    raise ValueError(value)


_CHECKS: dict[str, Callable[[Form, Any], Any]] = {
    "none": _of_type(type(None)),
    "bool": _of_type(bool),
    "int": _of_type(int),
    "float": _checked_float,
    "str": _of_type(str),
    "path": _of_type(str),
    "choice": _checked_choice,
    "dict": _checked_dict,
    "union": lambda form, value: _first(form, value, checked),
    "any": _unchecked,
    "unknown": _refused,
}
