"""Hyper-parameters given as text, read into values of the type that the constructor expects."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.registry.parameters import REQUIRED
from recommenders.registry.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from recommenders.registry.parameters import Parameter


def parse_texts(name: str, parameters: Mapping[str, Parameter], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that ``texts`` give to the parameters of the recommender ``name``.

    The annotation of a parameter gives its type or, where that says nothing, its default. Several numbers as one value
    are written ``64-32-16`` or ``64,32,16``, and become a tuple.

    Raises
    ------
    RecommenderError
        If a parameter is unknown, or a value has another type.
    """
    for given in texts:
        if given not in parameters:
            raise RecommenderError(_unknown(name, given, parameters))
    return {given: _value(name, parameters[given], text) for given, text in texts.items()}


def _unknown(name: str, given: str, parameters: Mapping[str, Parameter]) -> str:
    if not parameters:
        return f"{name} has no parameter {given!r}: it takes none"
    return f"{name} has no parameter {given!r}{did_you_mean(given, parameters)}; it takes {', '.join(parameters)}"


def _value(name: str, parameter: Parameter, text: str) -> Any:
    kinds = _kinds(parameter)
    for kind in kinds:
        try:
            return _READERS[kind](text)
        except ValueError:
            continue
    expected = " or ".join(_DESCRIPTIONS[kind] for kind in kinds)
    raise RecommenderError(f"{name}: {parameter.name}={text} is not {expected}")


def _kinds(parameter: Parameter) -> list[str]:
    """Return the kinds of value that a parameter takes, narrowest first: ``int | float`` reads 3 as an integer."""
    found = _annotated_kinds(parameter.annotation) or _default_kinds(parameter.default)
    return sorted(found, key=list(_READERS).index)


def _annotated_kinds(annotation: str) -> set[str]:
    """Return the kinds named by an annotation; none if any part of it is unknown."""
    text = re.sub(r"\b(?:typing|collections\.abc)\.|\s|['\"]", "", annotation)
    optional = re.fullmatch(r"Optional\[(.*)\]", text)
    members = f"{optional[1]}|None".split("|") if optional else text.split("|")
    kinds = {_annotated_kind(member) for member in members}
    return {kind for kind in kinds if kind} if None not in kinds else set()


def _annotated_kind(member: str) -> str | None:
    if re.fullmatch(r"(?:tuple|list|Tuple|List|Sequence)\[int(?:,(?:int|\.\.\.))*\]", member):
        return "ints"
    if re.fullmatch(r"(?:tuple|list|Tuple|List|Sequence)\[float(?:,(?:float|\.\.\.))*\]", member):
        return "floats"
    literal = re.fullmatch(r"Literal\[.*\]", member)
    return "str" if literal else member if member in _READERS else None


def _default_kinds(default: Any) -> set[str]:
    if isinstance(default, tuple | list):
        return {"floats" if any(isinstance(value, float) for value in default) else "ints"}
    if default is None or default is REQUIRED:
        return {"None", "bool", "int", "float", "str"}
    return {type(default).__name__} & _READERS.keys() or {"str"}


def _read_bool(text: str) -> bool:
    try:
        # 1 and 0 are numbers, for parameters that may be a number or true and false.
        return {"true": True, "false": False, "yes": True, "no": False}[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _read_none(text: str) -> None:
    if text.lower() not in ("none", "null"):
        raise ValueError(text)


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _read_ints(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.split(r"[-,]", text.strip("()[]"))) if text.strip("()[]") else ()


def _read_floats(text: str) -> tuple[float, ...]:
    # 1e-5-1e-4 would be ambiguous, so only commas separate fractions.
    return tuple(_read_float(part) for part in text.strip("()[]").split(",")) if text.strip("()[]") else ()


_READERS: dict[str, Callable[[str], Any]] = {
    "None": _read_none,
    "bool": _read_bool,
    "int": int,
    "float": _read_float,
    "ints": _read_ints,
    "floats": _read_floats,
    "str": str,
}

_DESCRIPTIONS = {
    "None": "none",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a finite number",
    "ints": "whole numbers such as 64-32-16",
    "floats": "numbers such as 0.1,0.2",
    "str": "text",
}
