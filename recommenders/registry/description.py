"""The description of a recommender's class, and building it from hyper-parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from protocol.errors import RecommenderError
from recommenders.registry.failing import said_by
from recommenders.registry.parameter_texts import parse_texts
from recommenders.registry.parameters import REQUIRED, Parameter, read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.contract import Recommender


@dataclass(frozen=True)
class Description:
    """Facts about a recommender that need no fit.

    Parameters
    ----------
    parameters
        By name, in the constructor's order, with the preset's defaults.
    deterministic
        The class attribute of that name: if it is True, one training seed is enough.
    personalised
        Whether a user's own interactions decide that user's scores: so unless the class attribute of that name is
        False.
    iterative, full_ranker
        Whether it has ``fit_epochs`` and ``score_all``.
    summary
        The first line of the class's docstring.
    libraries
        The class attribute of that name: distributions whose versions are part of the key of each result.
    bibtex
        The class attribute of that name: BibTeX entries to cite.
    """

    parameters: dict[str, Parameter]
    deterministic: bool
    personalised: bool
    iterative: bool
    full_ranker: bool
    summary: str
    libraries: tuple[str, ...] = ()
    bibtex: str = ""

    def with_preset(self, preset: Mapping[str, Any]) -> Description:
        """Return the description with ``preset`` in place of the constructor's defaults."""
        parameters = {
            name: replace(parameter, default=preset.get(name, parameter.default))
            for name, parameter in self.parameters.items()
        }
        return replace(self, parameters=parameters)


def describe(cls: type, preset: Mapping[str, Any]) -> Description:
    """Return the description of a class, with ``preset`` in place of the constructor's defaults."""
    return Description(
        parameters=read_parameters(cls, preset),
        deterministic=getattr(cls, "deterministic", False) is True,
        personalised=getattr(cls, "personalised", True) is not False,
        iterative=callable(getattr(cls, "fit_epochs", None)),
        full_ranker=callable(getattr(cls, "score_all", None)),
        summary=_summary(cls),
        libraries=_libraries(cls),
        bibtex=_bibtex(cls),
    )


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


def parse_parameters(name: str, description: Description, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the typed values of parameters given as text (see `recommenders.registry.parameter_texts.parse_texts`)."""
    return parse_texts(name, description.parameters, texts)


def build(cls: type, parameters: Mapping[str, Any]) -> Recommender:
    """Return a new recommender; lists, which JSON has in place of tuples, become tuples.

    Raises
    ------
    RecommenderError
        If the constructor does not take the parameters, or a package that it imports is not installed.
    """
    arguments = {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}
    missing = [
        parameter.name for parameter in read_parameters(cls, arguments).values() if parameter.default is REQUIRED
    ]
    if missing:
        raise RecommenderError(
            f"{cls.__name__} needs {', '.join(missing)}; give {'it' if len(missing) == 1 else 'them'} a value, "
            f"as in NAME:{missing[0]}=VALUE"
        )
    try:
        return cast("Recommender", cls(**arguments))
    except ModuleNotFoundError as error:
        raise RecommenderError(f"{cls.__name__} cannot be built: {error}; install what is missing") from error
    except (TypeError, ValueError) as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise RecommenderError(f"{cls.__name__}({shown}) cannot be built: {said_by(error)}") from error
