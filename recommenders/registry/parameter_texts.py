"""Hyper-parameters given as text, read into plain values of the form that the constructor expects."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from recommenders.registry.form import NONE, SEQUENCES, Form
from recommenders.registry.parameter_values import checked, parts_of
from recommenders.registry.plain import plain, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS = ("str", "path")


def read_text(form: Form, text: str) -> Any:
    """Return the plain value that a text means.

    Several values are written ``64-32-16``, ``64,32,16`` or as JSON; a dictionary is written as JSON.

    Raises
    ------
    ValueError
        If the form has no such value.
    """
    if form.kind in SEQUENCES:
        return _read_sequence(form, text)
    return _READERS[form.kind](form, text)


def _read_sequence(form: Form, text: str) -> Any:
    if text.startswith("[") and not re.fullmatch(r"\[[\d\s-]*\]", text):
        return checked(form, _read_json(text))
    if text and any(part.kind in (*SEQUENCES, "dict") for one in form.parts for part in (one, *one.parts)):
        raise ValueError(text)  # Lists of lists are written as JSON.
    texts = _separated(form, text[1:-1] if re.fullmatch(r"\(.*\)|\[.*\]", text) else text)
    return checked(form, [read_text(part, one) for part, one in zip(parts_of(form, len(texts)), texts, strict=True)])


def _separated(form: Form, text: str) -> list[str]:
    """Return the texts of the members; 1e-5-1e-4 would be ambiguous, so only commas separate fractions and texts."""
    if not text.strip():
        return []
    is_whole = re.fullmatch(r"\s*\d+(\s*-\s*\d+)+\s*", text) is not None
    separator = "-" if is_whole and form.parts[0].kind not in _TEXTS else ","
    return [one.strip() for one in text.split(separator)]


def _read_json(text: str) -> Any:
    """Return what JSON says; no number that is not finite, and no key twice.

    Raises
    ------
    ValueError
        If it is none, or nested too deep.
    """
    try:
        return plain(json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once))
    except (RecursionError, TypeError) as error:
        raise ValueError(text) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(pairs)
    return found


def _read_bool(_: Form, text: str) -> bool:
    try:
        # 1 and 0 are numbers, for parameters that may be a number or true and false.
        return {"true": True, "false": False, "yes": True, "no": False}[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _read_none(_: Form, text: str) -> None:
    if text.lower() not in ("none", "null"):
        raise ValueError(text)


def _read_int(_: Form, text: str) -> int:
    return int(_in_plain_digits(text))


def _in_plain_digits(text: str) -> str:
    """Return a text that has no ``_`` and no digits of other scripts, which Python's numbers may have.

    Raises
    ------
    ValueError
        If it has some.
    """
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return text


def _read_float(_: Form, text: str) -> float:
    value = float(_in_plain_digits(text))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _read_choice(form: Form, text: str) -> Any:
    for accepted, value in form.choices:
        written = text_of(accepted)
        if text == written or ((accepted is None or isinstance(accepted, bool)) and text.lower() == written.lower()):
            return value
    raise ValueError(text)


def _read_dict(form: Form, text: str) -> Any:
    return checked(form, _read_json(text))


def _read_first(form: Form, text: str) -> Any:
    takes_text = any(part.kind in _TEXTS for part in form.parts)
    for part in form.parts:
        # One word is a text rather than a list of one text.
        if (
            takes_text
            and part.kind in SEQUENCES
            and part.parts[:1]
            and part.parts[0].kind in _TEXTS
            and "," not in text
        ):
            continue
        try:
            return read_text(part, text)
        except ValueError:
            continue
    raise ValueError(text)


def _read_any(_: Form, text: str) -> Any:
    for form in (NONE, Form("bool"), Form("int"), Form("float")):
        try:
            return read_text(form, text)
        except ValueError:
            continue
    return _read_json(text) if text.startswith(("[", "{")) else text


def _read_itself(_: Form, text: str) -> str:
    return text


def _refuse(_: Form, text: str) -> Any:
    raise ValueError(text)


_READERS: dict[str, Callable[[Form, str], Any]] = {
    "none": _read_none,
    "bool": _read_bool,
    "int": _read_int,
    "float": _read_float,
    "str": _read_itself,
    "path": _read_itself,
    "choice": _read_choice,
    "dict": _read_dict,
    "union": _read_first,
    "any": _read_any,
    "unknown": _refuse,
}


def read_given(form: Form, value: Any) -> Any:
    """Return the plain value of what was given: a text as `read_text` reads it, or a value of Python, JSON or TOML.

    Raises
    ------
    ValueError
        If the form has no such value.
    """
    if type(value) is str:
        return read_text(form, value)
    try:
        return checked(form, plain(value))
    except TypeError as error:
        raise ValueError(str(error)) from error
    except ValueError:
        return _converted(form, plain(value))


def _converted(form: Form, value: Any) -> Any:
    """Return a number as a form has it, alone or in a list: 3.0 is a whole number, and 5 a text, where it asks for one.

    Raises
    ------
    ValueError
        If the form has no such value: None and lists are no texts.
    """
    if form.kind == "union" and isinstance(value, list | tuple):
        return _converted_by_first(form, value)
    if form.kind in SEQUENCES and isinstance(value, list | tuple):
        parts = parts_of(form, len(value))
        return checked(form, [read_given(part, member) for part, member in zip(parts, value, strict=True)])
    if isinstance(value, int | float):
        return read_text(form, text_of(value))
    raise ValueError(value)


def _converted_by_first(form: Form, value: Any) -> Any:
    for part in form.parts:
        try:
            return _converted(part, value)
        except ValueError:
            continue
    raise ValueError(value)
