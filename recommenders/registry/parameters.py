"""The hyper-parameters of a class, read from the signature of its constructor."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocol.errors import RecommenderError
from recommenders.registry.form import UNKNOWN, Form, described
from recommenders.registry.parameter_texts import read_given
from recommenders.registry.plain import text_of
from recommenders.registry.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""In place of a default, for a parameter that has none."""


_UNREAD = Form("unknown")


@dataclass(frozen=True)
class Parameter:
    """A hyper-parameter.

    Parameters
    ----------
    default
        The preset's or the constructor's; `REQUIRED` where neither has one.
    annotation
        As the source has it, ``"int"`` or ``"float | None"``; empty where there is none.
    form
        What values it takes; read from annotation and default where it is not given.
    """

    name: str
    default: Any
    annotation: str = ""
    form: Form = dataclasses.field(default=_UNREAD, compare=False)

    def __post_init__(self) -> None:
        if self.form is _UNREAD:
            object.__setattr__(self, "form", _form(self.annotation or inspect.Parameter.empty, self.default, {}))


REST = "**"
"""In place of a name: the parameter that says what ``**kwargs`` takes."""


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
    names, factories = _names(cls), _default_factories(cls)
    found = {}
    for name, parameter in _signature(cls).parameters.items():
        if parameter.kind not in _VARIADIC:
            default = _default(parameter, factories)
            text, form = _annotation_text(parameter.annotation), _form(parameter.annotation, default, names)
            found[name] = Parameter(name, preset.get(name, default), text, form)
    return found


def read_further(cls: type) -> dict[str, Parameter]:
    """Return what a constructor with ``**kwargs`` takes beyond its named parameters; nothing if it has none.

    That is any name, under `REST`, and the parameters of its base classes, to which ``**kwargs`` are passed on.

    Raises
    ------
    RecommenderError
        If the signature of the constructor cannot be read.
    """
    own = _signature(cls).parameters
    rest = next((parameter for parameter in own.values() if parameter.kind is inspect.Parameter.VAR_KEYWORD), None)
    if rest is None:
        return {}
    names = _names(cls)
    found: dict[str, Parameter] = {}
    for base in cls.__mro__[1:]:
        if "__init__" in vars(base) and base is not object:
            inherited = read_parameters(base, {})
            found.update({name: inherited[name] for name in inherited if name not in found and name not in own})
    form = _form(rest.annotation, inspect.Parameter.empty, names)
    return {**found, REST: Parameter(REST, REQUIRED, _annotation_text(rest.annotation), form)}


_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def parse_values(
    name: str, parameters: Mapping[str, Parameter], given: Mapping[str, Any], further: Mapping[str, Parameter]
) -> dict[str, Any]:
    """Return the plain values that are given to the parameters of the recommender ``name``.

    The annotation of a parameter says what it takes or, where that says nothing, its default.

    Parameters
    ----------
    given
        Texts, or values of Python, JSON or TOML.
    further
        See `read_further`.

    Raises
    ------
    RecommenderError
        If a parameter is unknown, or does not take the value.
    """
    return {one: _parsed(name, one, _found(name, one, parameters, further), value) for one, value in given.items()}


def _found(name: str, given: str, parameters: Mapping[str, Parameter], further: Mapping[str, Parameter]) -> Parameter:
    """Return the parameter that is called so.

    Raises
    ------
    RecommenderError
        If there is none.
    """
    known = {**further, **parameters}
    found = known.get(given, known.get(REST))
    if found is None and not parameters:
        raise RecommenderError(f"{name} has no parameter {given!r}: it takes none")
    if found is None:
        raise RecommenderError(
            f"{name} has no parameter {given!r}{did_you_mean(given, parameters)}; it takes {', '.join(parameters)}"
        )
    return found


def _parsed(name: str, given: str, parameter: Parameter, value: Any) -> Any:
    try:
        return read_given(parameter.form, value)
    except ValueError as error:
        shown = value if isinstance(value, str) else _shown(value)
        advice = _advice(parameter) if parameter.form.kind == "unknown" else ""
        raise RecommenderError(f"{name}: {given}={shown} is not {described(parameter.form)}{advice}") from error


def _shown(value: Any) -> str:
    try:
        return text_of(value)
    except Exception:  # noqa: BLE001 - whatever a stranger's object does when it is shown
        return f"a {type(value).__name__}"


def _advice(parameter: Parameter) -> str:
    about = f"its annotation is {parameter.annotation}, and " if parameter.annotation else ""
    default = "it has no default" if parameter.default is REQUIRED else f"its default is {parameter.default}"
    return (
        f": {about}{default}; annotate it with a type such as int, float, str, Path, a Literal, an Enum, or a list or "
        "dict of these, or leave it at its default"
    )


def _signature(cls: type) -> inspect.Signature:
    """Return the signature of a constructor.

    Raises
    ------
    RecommenderError
        If it cannot be read, whatever the class's own code raises.
    """
    try:
        return inspect.signature(cls)
    except Exception as error:
        raise RecommenderError(
            f"{cls.__name__}: its constructor's parameters cannot be read ({error}); write them out in __init__"
        ) from error


def _form(annotation: Any, default: Any, names: Mapping[str, Any]) -> Form:
    """Return the form of a parameter; `UNKNOWN` where a stranger's annotation or default cannot be looked at."""
    # It imports NumPy, which a list of names does not need.
    from recommenders.registry.annotations import form_of

    try:
        return form_of(annotation, inspect.Parameter.empty if default is REQUIRED else default, names)
    except Exception:  # noqa: BLE001 - its type may raise anything, or it contains itself
        return UNKNOWN


def _names(cls: type) -> dict[str, Any]:
    """Return what the names in a class's annotations mean; its own module goes before those of its bases."""
    modules = [sys.modules.get(base.__module__) for base in reversed(cls.__mro__)]
    return {name: value for module in modules if module is not None for name, value in vars(module).items()}


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
