"""The form of a hyper-parameter, from its annotation and its default."""

from __future__ import annotations

import collections.abc
import inspect
import numbers
import os
import pathlib
import typing
from collections import OrderedDict
from enum import Enum
from functools import partial
from pathlib import Path, PurePath
from types import SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import numpy as np

from recommenders.registry.form import ANY, NONE, UNKNOWN, Form, union_of
from recommenders.registry.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAMES: dict[str, Any] = {
    **vars(collections.abc),
    **vars(typing),
    "Path": Path,
    "pathlib": pathlib,
    "np": np,
    "numpy": np,
    "typing": typing,
    "collections": collections,
}
"""What names mean that a module does not define, as when it imports them for type checkers alone."""

_SCALARS: dict[Any, Form] = {
    type(None): NONE,
    bool: Form("bool"),
    int: Form("int"),
    float: Form("float"),
    str: Form("str"),
    numbers.Integral: Form("int"),
    numbers.Real: union_of([Form("int"), Form("float")]),
    numbers.Number: union_of([Form("int"), Form("float")]),
    Path: Form("path", make=Path),
    os.PathLike: Form("path", make=Path),
    Any: ANY,
    object: ANY,
}

_CONTAINERS: dict[Any, str] = {
    tuple: "tuple",
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    collections.abc.MutableSequence: "list",
}

_SEQUENCES = (collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
"""Annotations that a tuple and a list fulfil: the default says which of them is made."""

_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)

_MAKERS: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}

_MADE = (tuple, list, set, frozenset)


def form_of(annotation: Any, default: Any, names: Mapping[str, Any]) -> Form:
    """Return the form of a hyper-parameter.

    The annotation decides or, where there is none or it says nothing, the default; the default alone decides where it
    is an enum's member. Where the default is None, None may be given, too.

    Parameters
    ----------
    annotation
        As the signature has it: a type, a text, or ``inspect.Parameter.empty``.
    default
        Of any type; ``inspect.Parameter.empty`` where there is none.
    names
        What the names in a text mean, beside those of `_NAMES`.
    """
    has_default = default is not _EMPTY and default is not None
    by_default = default_form(default) if has_default else ANY
    if annotation is _EMPTY or annotation == "" or isinstance(default, Enum):
        return by_default
    annotated = _annotated(_resolved(annotation, names), default)
    if has_default and annotated.kind in ("any", "unknown"):
        return by_default
    if default is None and annotated.kind != "any":
        return union_of([annotated, NONE]) if annotated.kind != "unknown" else NONE
    return annotated


_EMPTY = inspect.Parameter.empty


def default_form(default: Any) -> Form:
    """Return the form of values like a default."""
    if isinstance(default, Enum):
        return _enum_form(type(default)) if default.name in type(default).__members__ else UNKNOWN
    if isinstance(default, PurePath):
        return Form("path", make=Path if isinstance(default, Path) else type(default))
    if isinstance(default, np.generic):
        return _numpy_form(type(default))
    if isinstance(default, np.ndarray):
        return _array_form(default)
    if type(default) in _MADE or hasattr(type(default), "_make"):
        return _form_of_members(default)
    if type(default) in (dict, OrderedDict):
        return _form_of_entries(default)
    return UNKNOWN if type(default) is object else _SCALARS.get(type(default), UNKNOWN)


_TEXT = Form("str")


def _either(forms: list[Form]) -> Form:
    """Return the form of values like any of some; of any value where there are none, or they are of several kinds."""
    if not forms or UNKNOWN in forms:
        return UNKNOWN if forms else ANY
    return union_of(forms) if len({form.kind for form in forms}) == 1 else union_of([*forms, ANY])


def _form_of_members(default: Any) -> Form:
    members = [default_form(member) for member in default]
    if hasattr(type(default), "_make"):
        return Form("tuple", tuple(members), fixed=True, make=type(default)._make)
    kind = type(default).__name__
    numbers_alone = members and {member.kind for member in members} <= {"int", "float"}
    # (1, 0.5) holds fractions, and so does what is given in its place.
    part = Form("float") if numbers_alone and Form("float") in members else _either(members)
    return Form(kind, (part if part.kind != "unknown" else UNKNOWN,), make=_MAKERS[kind])


def _form_of_entries(default: dict[Any, Any]) -> Form:
    """Return the form of dictionaries like a default: a known key keeps its type, and others may be added."""
    keys = union_of([default_form(key) for key in default] or [_TEXT])
    fields = tuple((name, default_form(value)) for name, value in zip(plain(default), default.values(), strict=True))
    known = tuple((name, ANY if form == NONE else form) for name, form in fields)
    return Form("dict", (keys, ANY), fields=known, make=None if type(default) is dict else OrderedDict)


def _enum_form(cls: type[Enum]) -> Form:
    """Return the form of an enum: a name, or else a value, stands for the member of that name."""
    names = {name: member.name for name, member in cls.__members__.items()}
    choices: list[tuple[Any, Any]] = list(names.items())
    for member in cls:
        if type(member.value) in (bool, int, float, str):
            choices.append((member.value, member.name))
        elif isinstance(member.value, int | float | str):
            choices.append((plain(member.value), member.name))
    return Form("choice", choices=tuple(choices), make=cls.__getitem__)


def _numpy_form(cls: type[np.generic]) -> Form:
    for kind, name in ((np.bool_, "bool"), (np.integer, "int"), (np.floating, "float"), (np.str_, "str")):
        if issubclass(cls, kind):
            abstract = cls in (np.integer, np.signedinteger, np.unsignedinteger, np.floating)
            return Form(name, make=None if abstract else partial(_numpy_scalar, cls))
    return UNKNOWN


def _numpy_scalar(cls: Any, value: Any) -> Any:
    """Return a scalar of NumPy.

    Raises
    ------
    ValueError
        If the type does not hold the value.
    """
    try:
        made = cls(value)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    if isinstance(value, int) and int(made) != value:
        raise ValueError(f"{cls.__name__} does not hold {value}")
    return made


def _array_form(default: np.ndarray[Any, Any]) -> Form:
    part = _numpy_form(default.dtype.type)
    for _ in range(default.ndim - 1):
        part = Form("tuple", (part,))
    return Form("array", (part,), make=partial(np.array, dtype=default.dtype)) if default.ndim else UNKNOWN


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    """Return the type that an annotation means, without what ``Annotated`` adds; `_EMPTY` where a name is unknown."""
    holder = SimpleNamespace(__annotations__={"it": annotation})
    try:
        return typing.get_type_hints(holder, globalns={**_NAMES, **names})["it"]
    except Exception:  # noqa: BLE001 - an annotation is any expression, and may raise anything
        return _EMPTY


def _annotated(annotation: Any, default: Any) -> Form:
    """Return the form that a resolved annotation asks for; `UNKNOWN` where it is none of those known."""
    annotation = getattr(annotation, "__supertype__", annotation)  # Of a NewType.
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        parts = [_annotated(argument, default) for argument in arguments]
        return union_of(parts, _kind_of(default))
    if origin is Literal:
        return _literal_form(arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enum_form(annotation)
    if isinstance(annotation, type) and issubclass(annotation, np.generic):
        return _numpy_form(annotation)
    if annotation is np.ndarray or origin is np.ndarray:
        return default_form(default) if isinstance(default, np.ndarray) else _any_array(arguments)
    container = origin or annotation
    if container in _MAPPINGS:
        key, value = (_annotated(argument, None) for argument in arguments) if arguments else (_TEXT, ANY)
        return Form("dict", (key, value))
    kind = _kind_of(default, "tuple") if container in _SEQUENCES else _CONTAINERS.get(container)
    if kind in _MAKERS:
        return _annotated_members(kind, arguments)
    if isinstance(annotation, type) and issubclass(annotation, PurePath):
        return Form("path", make=annotation)
    if origin is not None and issubclass(origin, os.PathLike):
        return _SCALARS[os.PathLike]
    return _SCALARS.get(annotation, UNKNOWN)


def _any_array(arguments: tuple[Any, ...]) -> Form:
    """Return the form of an array; of the type that ``NDArray[np.float64]`` names, or else of numbers."""
    scalar = next((get_args(one)[0] for one in arguments if get_origin(one) is np.dtype), None)
    if isinstance(scalar, type) and issubclass(scalar, np.generic):
        return Form("array", (_numpy_form(scalar),), make=partial(np.array, dtype=scalar))
    return Form("array", (_SCALARS[numbers.Real],), make=np.array)


def _annotated_members(kind: str, arguments: tuple[Any, ...]) -> Form:
    if not arguments:
        return Form(kind, (ANY,), make=_MAKERS[kind])
    fixed = kind == "tuple" and arguments[-1] is not Ellipsis and len(arguments) != 1
    parts = tuple(_annotated(argument, None) for argument in arguments if argument is not Ellipsis)
    return Form(kind, parts, fixed=fixed, make=_MAKERS[kind])


def _kind_of(default: Any, otherwise: str = "") -> str:
    if isinstance(default, PurePath):
        return "path"
    return type(default).__name__ if type(default) in (*_MADE, str) else otherwise


def _literal_form(values: tuple[Any, ...]) -> Form:
    """Return the form of a ``Literal``: its values, of which an enum's members are named."""
    choices, objects = [], []
    for value in values:
        name = plain(value)
        if isinstance(value, Enum) and type(value.value) in (bool, int, float, str):
            choices.append((value.value, name))
        choices.append((name, name))
        objects.append((name, value))
    return Form("choice", choices=tuple(choices), make=partial(_object_of, tuple(objects)))


def _object_of(objects: tuple[tuple[Any, Any], ...], name: Any) -> Any:
    return next(value for known, value in objects if known == name and type(known) is type(name))
