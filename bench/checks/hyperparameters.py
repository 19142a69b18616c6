"""Hyper-parameters: the constructor keeps them unchanged, and records and labels can be read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.checks.agreement import require_alike
from bench.checks.check import Check, RefutedError
from bench.checks.determinism import SAME_SEED, TWICE
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
        "with its defaults given explicitly, it gives different scores from without",
        "the defaults in the constructor's signature must be the values in use",
    )


def _kept(model: object, name: str, value: Any) -> None:
    """Require that an attribute of the parameter's name, if there is one, has its value, as in scikit-learn."""
    kept = _comparable(getattr(model, name, value))
    if kept != _comparable(value):
        raise RefutedError(
            f"with {name}={value!r}, its attribute {name} is {kept!r}; keep parameters unchanged, and give what is "
            "computed from them other names"
        )


def _written(subject: Subject, name: str, value: Any) -> None:
    """Require that the parameter can be read back from records (JSON) and from labels (which `--recommender` takes)."""
    if isinstance(value, registry.Unread) or not _is_json(value):
        raise RefutedError(
            f"{name}={value} cannot be written into a record; take finite numbers, text, an Enum, or lists or "
            "dictionaries of them"
        )
    text = value_text(value)
    try:
        read = registry.parse_parameters(subject.entry.name, subject.description, {name: text})[name]
    except RecommenderError as error:
        raise RefutedError(f"{error} (the table writes {value!r} like this); annotate {name} with its type") from error
    if _comparable(read) != _comparable(value):
        raise RefutedError(
            f"the table writes {name}={value!r} as {text!r}, which is read back as {read!r}; annotate {name} with its "
            "type"
        )


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _comparable(value: Any) -> Any:
    """Return a value as a plain one, with lists as tuples: a constructor may keep either."""
    value = registry.plain_default(value)
    return tuple(map(_comparable, value)) if isinstance(value, list | tuple) else value


CHECKS = (Check(ROUND_TRIP, _round_trip, needs=(SAME_SEED, TWICE)),)
