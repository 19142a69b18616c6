"""What a class says of itself as a recommender, and how it is built from its hyper-parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from protocol.errors import RecommenderError
from recommenders.registry.parameters import REQUIRED, Parameter, parse_texts, read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.contract import Recommender


@dataclass(frozen=True)
class Description:
    """What is known of a recommender without fitting it.

    Parameters
    ----------
    parameters
        By name, in the constructor's order, with the preset's defaults.
    deterministic
        Whether it says so in a class attribute: then one training seed is enough.
    personalised
        Whether a user's own interactions decide that user's scores; it says so by not saying ``personalised = False``.
    iterative, full_ranker
        Whether it has ``fit_epochs`` and ``score_all``.
    summary
        The first line of the class's docstring.
    libraries
        The distributions that it names in a class attribute: their versions are part of what its results are known by.
    bibtex
        What to cite: the class attribute ``bibtex``, a text of BibTeX entries.
    """

    parameters: dict[str, Parameter]
    deterministic: bool
    personalised: bool
    iterative: bool
    full_ranker: bool
    summary: str
    libraries: tuple[str, ...] = ()
    bibtex: str = ""


def describe(cls: type, preset: Mapping[str, Any]) -> Description:
    """Return what a class says of itself, with ``preset`` in place of the constructor's defaults."""
    return Description(
        parameters=read_parameters(cls, preset),
        deterministic=getattr(cls, "deterministic", False) is True,
        personalised=getattr(cls, "personalised", True) is not False,
        iterative=callable(getattr(cls, "fit_epochs", None)),
        full_ranker=callable(getattr(cls, "score_all", None)),
        summary=_summary(cls),
        libraries=as_libraries(getattr(cls, "libraries", ())),
        bibtex=as_bibtex(getattr(cls, "bibtex", "")),
    )


def as_libraries(said: Any) -> tuple[str, ...]:
    """Return the distributions that a class attribute names; a text alone is one, and what is no text is none."""
    names = (said,) if isinstance(said, str) else said if isinstance(said, tuple | list) else ()
    return tuple(name for name in names if isinstance(name, str) and name)


def as_bibtex(said: Any) -> str:
    """Return a class attribute if it is a text; else an empty one."""
    return said if isinstance(said, str) else ""


def _summary(cls: type) -> str:
    text = (cls.__doc__ or "").strip()
    # A dataclass without a docstring is given its signature for one.
    return "" if text.startswith(f"{cls.__name__}(") else text.partition("\n")[0].strip()


def parse_parameters(name: str, description: Description, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the typed values of parameters given as text (see `recommenders.registry.parameters.parse_texts`)."""
    return parse_texts(name, description.parameters, texts)


def build(cls: type, parameters: Mapping[str, Any]) -> Recommender:
    """Return a new recommender; lists, as JSON has them, become tuples.

    Raises
    ------
    RecommenderError
        If the constructor does not take the parameters.
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
    except (TypeError, ValueError) as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise RecommenderError(f"{cls.__name__}({shown}) cannot be built: {error}") from error
