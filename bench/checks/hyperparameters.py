"""Hyper-parameters: given to the constructor, kept as they are, written down and read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.checks.agreement import require_alike
from bench.checks.determinism import SAME_SEED, TWICE
from bench.checks.outcome import Check, RefutedError
from bench.checks.subject import scores_of
from bench.choices import value_text
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from bench.checks.subject import Subject

ROUND_TRIP = "hyper-parameters round-trip"


def _round_trip(subject: Subject) -> None:
    described = subject.description.parameters
    values = {**{name: parameter.default for name, parameter in described.items()}, **subject.given}
    model = subject.new()
    for name, value in values.items():
        _kept(model, name, value)
        _written(subject, name, value)
    require_alike(
        scores_of(subject.fitted(**values), subject.users, subject.items),
        subject.scores,
        "given its own defaults, it scores otherwise than without them",
        "let the signature of the constructor show the values that are used",
    )


def _kept(model: object, name: str, value: Any) -> None:
    """See that an attribute of the parameter's name is the parameter, as in scikit-learn; there need be none."""
    kept = _plain(getattr(model, name, value))
    if kept != _plain(value):
        raise RefutedError(
            f"given {name}={value!r}, it has {kept!r} for an attribute of that name; keep parameters as they are, and "
            "what is made of them under other names"
        )


def _written(subject: Subject, name: str, value: Any) -> None:
    """See that records (JSON), and the table's labels, which `--recommender` takes, give the parameter back."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RefutedError(
            f"{name}={value!r} cannot be written into a record ({error}); take numbers, text, or lists of them"
        ) from error
    text = value_text(value)
    try:
        read = registry.parse_parameters(subject.entry.name, subject.description, {name: text})[name]
    except RecommenderError as error:
        raise RefutedError(
            f"{error}, which is how the table writes {value!r}; annotate {name} with its type"
        ) from error
    if _plain(read) != _plain(value):
        raise RefutedError(
            f"{name}={value!r} is {text!r} in the table, which reads back as {read!r}; annotate {name} with its type"
        )


def _plain(value: Any) -> Any:
    """Return a value with lists as tuples: JSON knows no difference."""
    return tuple(value) if isinstance(value, list) else value


CHECKS = (Check(ROUND_TRIP, _round_trip, needs=(SAME_SEED, TWICE)),)
