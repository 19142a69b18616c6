"""What a recommender says beforehand about the memory that it needs (see `protocol.contract.Foreseeable`)."""

from __future__ import annotations

import inspect
import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.registry.description import arguments_of, build
from recommenders.registry.failing import error_text
from recommenders.registry.placement import ON_CPU

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.train_facts import TrainFacts

_MOST = 2**80
"""Bytes; more are a slip of the pen."""

NOT_DECLARED = "it has no method resources"


@dataclass(frozen=True)
class Foreseen:
    """What a recommender says about its memory.

    Parameters
    ----------
    n_bytes
        What it said; None where it said nothing that can be used.
    resident
        Bytes that a process held in which the recommender was built and not yet fitted; None where it was not built.
    problem
        Why it said nothing that can be used, in one line; empty where it did.
    """

    n_bytes: int | None = None
    resident: int | None = None
    problem: str = ""


def foreseen_by_class(
    cls: type, parameters: Mapping[str, Any], facts: TrainFacts, placement: Mapping[str, str] = ON_CPU
) -> Foreseen:
    """Return what a class of this package says; it is not built, because that would import a compiler or torch.

    Its hyper-parameters are the fields of a dataclass, which an object can have without its constructor.

    Raises
    ------
    RecommenderError
        If it does not take the parameters.
    """
    if not callable(getattr(cls, "resources", None)):
        return Foreseen(problem=NOT_DECLARED)
    named = inspect.signature(cls).parameters.values()
    defaults = {one.name: one.default for one in named if one.default is not one.empty}
    model: Any = object.__new__(cls)
    for name, value in {**defaults, **arguments_of(cls, parameters, placement)}.items():
        object.__setattr__(model, name, value)
    return _said(model, facts)


def foreseen_when_built(
    cls: type, parameters: Mapping[str, Any], facts: TrainFacts, placement: Mapping[str, str] = ON_CPU
) -> Foreseen:
    """Return what a newly built recommender of any class says; call it in a process that may be lost.

    Raises
    ------
    RecommenderError
        If it cannot be built.
    """
    if not callable(getattr(cls, "resources", None)):
        return Foreseen(problem=NOT_DECLARED)
    import psutil

    model = build(cls, parameters, placement)
    resident = int(psutil.Process().memory_info().rss)
    said = _said(model, facts)
    return Foreseen(said.n_bytes, resident, said.problem)


def _said(model: Any, facts: TrainFacts) -> Foreseen:
    try:
        found = model.resources(facts)
    except RecommenderError as error:
        return Foreseen(problem=str(error))
    except BaseException as error:  # noqa: BLE001 - a stranger's class raises what it likes
        return Foreseen(problem=f"its resources raised {error_text(error)}")
    try:
        return Foreseen(_whole(found))
    except (TypeError, ValueError, OverflowError):
        kind = type.__getattribute__(type(found), "__name__")
        # The digits of a long integer cannot always be shown.
        shown = f" {found!r}" if type(found) in (float, str, bool) else ""
        if type(found) is int:
            shown = f" {found}" if abs(found) <= _MOST else " of many digits"
        return Foreseen(problem=f"its resources returned {kind}{shown[:80]}, expected bytes as a number of 0 or more")


def _whole(found: Any) -> int:
    """Return a number of bytes, rounded up.

    Raises
    ------
    TypeError, ValueError, OverflowError
        If it is no number from 0 to `_MOST`.
    """
    if isinstance(found, bool) or not isinstance(found, numbers.Real) or not 0 <= float(found) <= _MOST:
        raise ValueError("this is no number of bytes")
    return math.ceil(float(found)) if not isinstance(found, numbers.Integral) else int(found)
