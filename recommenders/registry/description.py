"""The description of a recommender's class, and building it from hyper-parameters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from protocol.errors import RecommenderError
from recommenders.registry.failing import said_by
from recommenders.registry.parameter_values import made
from recommenders.registry.parameters import (
    REQUIRED,
    REST,
    Parameter,
    parse_values,
    read_further,
    read_parameters,
)
from recommenders.registry.placement import DEVICE, ON_CPU, PRECISION, placement_parameters, refuse_placement, without
from recommenders.registry.plain import is_plain, plain, plain_default, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.contract import Recommender


@dataclass(frozen=True)
class Description:
    """Facts about a recommender that need no fit.

    Parameters
    ----------
    parameters
        By name, in the constructor's order, with the preset's defaults, as plain values (see
        `recommenders.registry.plain`).
    deterministic
        The class attribute of that name: if it is True, one training seed is enough.
    personalised
        Whether a user's own interactions decide that user's scores: so unless the class attribute of that name is
        False.
    iterative, full_ranker
        Whether it has ``fit_epochs`` and ``score_all``.
    summary
        The first line of the class's docstring.
    processor_independent
        The attribute of that name of the class itself: if it is True, the figures are the same on every x86-64
        processor. A subclass may compute otherwise, so it does not inherit this.
    libraries
        The class attribute of that name: distributions whose versions are part of the key of each result.
    bibtex
        The class attribute of that name: BibTeX entries to cite.
    further
        What ``**kwargs`` takes (see `recommenders.registry.parameters.read_further`).
    takes_device, takes_precision
        Whether the harness tells the constructor on which device to compute, and with which precision (see
        `recommenders.registry.placement`). These parameters are not among the hyper-parameters.
    foresees
        Whether it has ``resources`` (see `protocol.contract.Foreseeable`).
    is_counted
        Whether that method is recbench's own, which counts the parameters of a PyTorch module.
    """

    parameters: dict[str, Parameter]
    deterministic: bool
    personalised: bool
    iterative: bool
    full_ranker: bool
    summary: str
    processor_independent: bool = False
    libraries: tuple[str, ...] = ()
    bibtex: str = ""
    further: dict[str, Parameter] = field(default_factory=dict)
    takes_device: bool = False
    takes_precision: bool = False
    foresees: bool = False
    is_counted: bool = False

    def with_preset(self, preset: Mapping[str, Any]) -> Description:
        """Return the description with ``preset`` in place of the constructor's defaults."""
        parameters = {
            name: replace(parameter, default=preset.get(name, parameter.default))
            for name, parameter in self.parameters.items()
        }
        return replace(self, parameters=parameters)


def describe(cls: type, preset: Mapping[str, Any]) -> Description:
    """Return the description of a class, with ``preset`` in place of the constructor's defaults.

    Raises
    ------
    RecommenderError
        If the class cannot be described: its metaclass may raise anything.
    """
    try:
        return _described(cls, preset)
    except RecommenderError:
        raise
    except Exception as error:
        raise RecommenderError(
            f"{type.__getattribute__(cls, '__name__')} cannot be described: {type(error).__name__}: {error}; "
            "a class must let its attributes be read"
        ) from error


def _described(cls: type, preset: Mapping[str, Any]) -> Description:
    parameters, further = read_parameters(cls, preset), read_further(cls)
    taken = placement_parameters({**further, **parameters})
    return Description(
        parameters=_with_plain_defaults(without(parameters, taken)),
        further=_with_plain_defaults(without(further, taken)),
        takes_device=DEVICE in taken,
        takes_precision=PRECISION in taken,
        deterministic=getattr(cls, "deterministic", False) is True,
        personalised=getattr(cls, "personalised", True) is not False,
        iterative=callable(getattr(cls, "fit_epochs", None)),
        full_ranker=callable(getattr(cls, "score_all", None)),
        summary=_summary(cls),
        processor_independent=vars(cls).get("processor_independent", False) is True,
        libraries=_libraries(cls),
        bibtex=_bibtex(cls),
        foresees=callable(getattr(cls, "resources", None)),
        is_counted=_module_of_method(cls, "resources").startswith("recommenders.modules."),
    )


def _with_plain_defaults(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    return {
        name: parameter
        if parameter.default is REQUIRED
        else replace(parameter, default=plain_default(parameter.default))
        for name, parameter in parameters.items()
    }


def _module_of_method(cls: type, name: str) -> str:
    return str(getattr(getattr(cls, name, None), "__module__", ""))


def _libraries(cls: type) -> tuple[str, ...]:
    """Return the distributions that the class attribute names: one text, or several; anything else is ignored."""
    given = getattr(cls, "libraries", ())
    names = (given,) if isinstance(given, str) else given if isinstance(given, tuple | list) else ()
    return tuple(name for name in names if isinstance(name, str) and name)


def _bibtex(cls: type) -> str:
    given = getattr(cls, "bibtex", "")
    return given if isinstance(given, str) else ""


def _summary(cls: type) -> str:
    text = (cls.__doc__ or "").strip()
    # Python gives a dataclass without a docstring its signature as one.
    return "" if text.startswith(f"{cls.__name__}(") else text.partition("\n")[0].strip()


def parse_parameters(name: str, description: Description, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of given parameters (see `recommenders.registry.parameters.parse_values`).

    Raises
    ------
    RecommenderError
        If a parameter is unknown, does not take the value, or is one that the harness gives.
    """
    refuse_placement(name, given, [DEVICE] * description.takes_device + [PRECISION] * description.takes_precision)
    return parse_values(name, description.parameters, given, description.further)


def build(cls: type, parameters: Mapping[str, Any], placement: Mapping[str, str] = ON_CPU) -> Recommender:
    """Return a new recommender; each parameter gets the type that its annotation or its default has.

    Parameters
    ----------
    placement
        The device and the precision, as far as the constructor takes them; by default the processor.

    Raises
    ------
    RecommenderError
        If the constructor does not take the parameters, or a package that it imports is not installed.
    """
    arguments = arguments_of(cls, parameters, placement)
    try:
        return cast("Recommender", cls(**arguments))
    except ModuleNotFoundError as error:
        raise RecommenderError(f"{cls.__name__} cannot be built: {error}; install what is missing") from error
    except (TypeError, ValueError) as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise RecommenderError(f"{cls.__name__}({shown}) cannot be built: {said_by(error)}") from error


def arguments_of(cls: type, parameters: Mapping[str, Any], placement: Mapping[str, str] = ON_CPU) -> dict[str, Any]:
    """Return what the constructor of a class receives; the parameters are those of `build`.

    Raises
    ------
    RecommenderError
        If a parameter is missing, or does not take its value.
    """
    named, further = read_parameters(cls, parameters), read_further(cls)
    taken = placement_parameters({**further, **named})
    known = without(named, taken)
    missing = [parameter.name for parameter in known.values() if parameter.default is REQUIRED]
    if missing:
        from recommenders.modules.kinds import advice_on_sizes

        raise RecommenderError(
            f"{cls.__name__} needs {', '.join(missing)}; give {'it' if len(missing) == 1 else 'them'} a value, "
            f"as in NAME:{missing[0]}=VALUE{advice_on_sizes(cls, missing)}"
        )
    known = {**without(further, taken), **known}
    arguments = {name: _argument(cls, name, known, value) for name, value in parameters.items()}
    arguments.update({name: placement[name] for name in taken if name in placement})
    return arguments


def _argument(cls: type, name: str, known: Mapping[str, Parameter], value: Any) -> Any:
    """Return what the constructor receives for a value.

    Raises
    ------
    RecommenderError
        If its parameter does not take the value.
    """
    parameter = known.get(name, known.get(REST))
    if parameter is None:
        return value  # The constructor says what it does not take.
    if not is_plain(value) or (parameter.form.kind == "unknown" and not isinstance(value, str)):
        return value  # An object of Python, which no text can give.
    (found,) = parse_values(cls.__name__, {name: parameter}, {name: plain(value)}, {}).values()
    try:
        return made(parameter.form, found)
    except ValueError as error:
        raise RecommenderError(f"{cls.__name__}: {name}={text_of(found)} cannot be made: {error}") from error
