"""The outcome of an inspection, which passes from the inspecting process to this one as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from recommenders.registry.description import Description
from recommenders.registry.foreseeing import Foreseen
from recommenders.registry.form import form_from_json, form_to_json
from recommenders.registry.parameters import REQUIRED, Parameter
from recommenders.registry.plain import Unread, plain_default
from recommenders.registry.search_space import DeclaredSpace
from recommenders.registry.used.outcome import Used

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Outcome = Literal["described", "not described", "not found", "not imported", "ended", "timed out"]


@dataclass(frozen=True)
class Inspection:
    """The outcome of importing a recommender in another process.

    Parameters
    ----------
    outcome
        ``"described"``: its description is here. ``"not described"``: its module was imported, and describing the class
        raised an error. ``"not found"``: its module was imported and holds no such
        recommender, or several where one was expected. ``"not imported"``: there is no such module, or importing it
        raised an error. ``"ended"``: importing it ended the process. ``"timed out"``: it took too long.
    name
        The name of the class within its module; empty where it was not found.
    description
        None unless described.
    problem
        Why it was not described, in one line; empty if it was.
    space
        The search space that its class declares; None unless described.
    used
        The files that were used for all this; None unless described.
    foreseen
        What it says about its memory; None where it was not asked.
    """

    outcome: Outcome
    name: str = ""
    description: Description | None = None
    problem: str = ""
    space: DeclaredSpace | None = None
    used: Used | None = None
    foreseen: Foreseen | None = None


def to_json(inspection: Inspection) -> dict[str, Any]:
    """Return an inspection in JSON's types."""
    description, space, used = inspection.description, inspection.space, inspection.used
    foreseen = inspection.foreseen
    return {
        "outcome": inspection.outcome,
        "name": inspection.name,
        "problem": inspection.problem,
        "description": None if description is None else description_to_json(description),
        "space": None if space is None else {"table": plain_to_json(space.table), "problem": space.problem},
        "used": None if used is None else asdict(used),
        "foreseen": None if foreseen is None else asdict(foreseen),
    }


def from_json(document: Mapping[str, Any]) -> Inspection:
    """Return the inspection that `to_json` made a document of.

    Raises
    ------
    ValueError
        If `to_json` did not make the document.
    """
    try:
        return _inspection(document)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError("this is no inspection") from error


def _inspection(document: Mapping[str, Any]) -> Inspection:
    if document["outcome"] not in get_args(Outcome):
        raise ValueError(document["outcome"])
    description, space, used = document["description"], document["space"], document["used"]
    foreseen = document["foreseen"]
    return Inspection(
        **{
            **document,
            "description": None if description is None else description_from_json(description),
            "space": None if space is None else DeclaredSpace(plain_from_json(space["table"]), space["problem"]),
            "used": None if used is None else Used(**used),
            "foreseen": None if foreseen is None else Foreseen(**foreseen),
        }
    )


def description_to_json(description: Description) -> dict[str, Any]:
    """Return a description in JSON's types."""
    plain = {name: getattr(description, name) for name in _PLAIN_FIELDS}
    parameters, further = ([*map(_parameter_to_json, part.values())] for part in _parameters_of(description))
    return {**plain, "libraries": list(description.libraries), "parameters": parameters, "further": further}


_PLAIN_FIELDS = (
    "deterministic",
    "personalised",
    "processor_independent",
    "iterative",
    "full_ranker",
    "summary",
    "bibtex",
    "takes_device",
    "takes_precision",
    "foresees",
    "is_counted",
)


def _parameters_of(description: Description) -> tuple[dict[str, Parameter], dict[str, Parameter]]:
    return description.parameters, description.further


def description_from_json(document: Mapping[str, Any]) -> Description:
    """Return the description that `description_to_json` made a document of."""
    parameters, further = (
        {found.name: found for found in map(_parameter, document[part])} for part in ("parameters", "further")
    )
    libraries = tuple(document["libraries"])
    return Description(**{**document, "libraries": libraries, "parameters": parameters, "further": further})


def _parameter_to_json(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "default": _value_to_json(parameter.default),
        "annotation": parameter.annotation,
        "form": form_to_json(parameter.form),
    }


def _parameter(document: Mapping[str, Any]) -> Parameter:
    return Parameter(
        document["name"], plain_from_json(document["default"]), document["annotation"], form_from_json(document["form"])
    )


def _value_to_json(value: Any) -> Any:
    """Return a default in JSON's types: as it is, or a table whose only key says what the value is."""
    if value is REQUIRED:
        return {"required": True}
    known = value if isinstance(value, Unread) else plain_default(value)
    return {"repr": str(known)} if isinstance(known, Unread) else plain_to_json(known)


def plain_to_json(value: Any) -> Any:
    """Return a plain value in JSON's types; a table says what is a list, a tuple or a table."""
    if isinstance(value, dict):
        return {"table": {name: plain_to_json(member) for name, member in value.items()}}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [plain_to_json(member) for member in value]}
    return value


def plain_from_json(document: Any) -> Any:
    """Return the value that `plain_to_json` made a document of."""
    if not isinstance(document, dict):
        return document
    ((kind, value),) = document.items()
    return _READERS[kind](value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "required": lambda _: REQUIRED,
    "tuple": lambda members: tuple(map(plain_from_json, members)),
    "list": lambda members: [*map(plain_from_json, members)],
    "table": lambda members: {name: plain_from_json(member) for name, member in members.items()},
    "repr": Unread,
}
