"""The outcome of an inspection, which passes from the inspecting process to this one as JSON."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from recommenders.registry.description import Description
from recommenders.registry.parameters import REQUIRED, Parameter, Unread
from recommenders.registry.search_space import DeclaredSpace
from recommenders.registry.used.outcome import Used

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REQUEST, ANSWERS = "request.json", "answers.jsonl"
"""The files through which the inspecting process is asked and answers."""

Outcome = Literal["described", "not found", "not imported", "ended", "timed out"]


@dataclass(frozen=True)
class Inspection:
    """The outcome of importing a recommender in another process.

    Parameters
    ----------
    outcome
        ``"described"``: its description is here. ``"not found"``: its module was imported and holds no such
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
    """

    outcome: Outcome
    name: str = ""
    description: Description | None = None
    problem: str = ""
    space: DeclaredSpace | None = None
    used: Used | None = None


def to_json(inspection: Inspection) -> dict[str, Any]:
    """Return an inspection in JSON's types."""
    description, space, used = inspection.description, inspection.space, inspection.used
    return {
        "outcome": inspection.outcome,
        "name": inspection.name,
        "problem": inspection.problem,
        "description": None if description is None else _description_to_json(description),
        "space": None if space is None else {"table": _plain_to_json(space.table), "problem": space.problem},
        "used": None if used is None else asdict(used),
    }


def from_json(document: Mapping[str, Any]) -> Inspection:
    """Return the inspection that `to_json` made a document of.

    Raises
    ------
    KeyError, TypeError
        If `to_json` did not make the document.
    """
    description, space, used = document["description"], document["space"], document["used"]
    return Inspection(
        **{
            **document,
            "description": None if description is None else _description(description),
            "space": None if space is None else DeclaredSpace(_value(space["table"]), space["problem"]),
            "used": None if used is None else Used(**used),
        }
    )


def _description_to_json(description: Description) -> dict[str, Any]:
    parameters = [
        {"name": parameter.name, "default": _value_to_json(parameter.default), "annotation": parameter.annotation}
        for parameter in description.parameters.values()
    ]
    return {**asdict(description), "libraries": list(description.libraries), "parameters": parameters}


def _description(document: Mapping[str, Any]) -> Description:
    parameters = [
        Parameter(parameter["name"], _value(parameter["default"]), parameter["annotation"])
        for parameter in document["parameters"]
    ]
    return Description(
        **{
            **document,
            "libraries": tuple(document["libraries"]),
            "parameters": {parameter.name: parameter for parameter in parameters},
        }
    )


def _value_to_json(value: Any) -> Any:
    """Return a default in JSON's types: as it is, or a table whose only key says what the value is."""
    if value is REQUIRED:
        return {"required": True}
    if type(value) in (tuple, list):
        return {type(value).__name__: [_value_to_json(member) for member in value]}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, float) and not isinstance(value, Enum):  # numpy's float64 is a float.
        return float(value)
    # An address in memory differs from process to process.
    return {"repr": re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))}


def _plain_to_json(value: Any) -> Any:
    """Return a search space, or a value of one, in JSON's types; a table says what is a list, a tuple or a table."""
    if isinstance(value, dict):
        return {"table": {name: _plain_to_json(member) for name, member in value.items()}}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_plain_to_json(member) for member in value]}
    return value


def _value(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    ((kind, value),) = document.items()
    return _READERS[kind](value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "required": lambda _: REQUIRED,
    "tuple": lambda members: tuple(map(_value, members)),
    "list": lambda members: [*map(_value, members)],
    "table": lambda members: {name: _value(member) for name, member in members.items()},
    "repr": Unread,
}
