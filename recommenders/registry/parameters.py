"""The hyper-parameters of a class, read from the signature of its constructor."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""In place of a default, for a parameter that has none."""


class Unread(str):
    """The ``repr`` of a default that cannot be passed from one process to another, such as that of an enum."""

    __slots__ = ()


@dataclass(frozen=True)
class Parameter:
    """A hyper-parameter.

    Parameters
    ----------
    default
        The preset's or the constructor's; `REQUIRED` where neither has one.
    annotation
        As the source has it, ``"int"`` or ``"float | None"``; empty where there is none.
    """

    name: str
    default: Any
    annotation: str = ""


def read_parameters(cls: type, preset: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return the hyper-parameters of a class by name, in the order of its constructor.

    Parameters
    ----------
    preset
        Values in place of the constructor's defaults.

    Raises
    ------
    RecommenderError
        If the signature of the constructor cannot be read.
    """
    try:
        signature = inspect.signature(cls)
    except (TypeError, ValueError) as error:
        raise RecommenderError(
            f"{cls.__name__}: its constructor's parameters cannot be read ({error}); write them out in __init__"
        ) from error
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    factories = _default_factories(cls)
    return {
        name: Parameter(name, preset.get(name, _default(parameter, factories)), _annotation_text(parameter.annotation))
        for name, parameter in signature.parameters.items()
        if parameter.kind not in variadic
    }


def _default_factories(cls: type) -> dict[str, Callable[[], Any]]:
    if not dataclasses.is_dataclass(cls):
        return {}
    return {
        field.name: field.default_factory
        for field in dataclasses.fields(cls)
        if field.default_factory is not dataclasses.MISSING
    }


def _default(parameter: inspect.Parameter, factories: Mapping[str, Callable[[], Any]]) -> Any:
    if parameter.name in factories:
        return factories[parameter.name]()
    return REQUIRED if parameter.default is inspect.Parameter.empty else parameter.default


def _annotation_text(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation.__name__ if isinstance(annotation, type) and not _is_generic(annotation) else str(annotation)


def _is_generic(annotation: Any) -> bool:
    return hasattr(annotation, "__args__")
