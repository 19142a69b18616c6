"""The parameters by which a constructor is told where to compute: they are the run's, not hyper-parameters.

A recommender takes a device if its constructor has a parameter ``device``, and a precision if it has ``precision``
beside that. They are texts, as PyTorch names devices: ``"cpu"``, ``"cuda:0"``; ``"float32"``, ``"bf16"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommenders.registry.parameters import Parameter

DEVICE, PRECISION = "device", "precision"

ON_CPU: Mapping[str, str] = {DEVICE: "cpu", PRECISION: "float32"}


def placement_parameters(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    """Return which of a constructor's parameters say where it computes: ``precision`` only where it has ``device``."""
    return tuple(name for name in (DEVICE, PRECISION) if name in parameters) if DEVICE in parameters else ()


def without(parameters: Mapping[str, Parameter], names: Iterable[str]) -> dict[str, Parameter]:
    """Return the parameters that have none of some names."""
    return {name: parameter for name, parameter in parameters.items() if name not in names}


def refuse_placement(recommender: str, given: Mapping[str, Any], taken: Iterable[str]) -> None:
    """Refuse hyper-parameters that say where to compute.

    Raises
    ------
    RecommenderError
        Naming the option in their place.
    """
    for name in taken:
        if name in given:
            raise RecommenderError(
                f"{recommender}: {name}={given[name]} is no hyper-parameter: the run gives it to every recommender "
                f"that takes it; write --{name} {given[name]}, in Python {name}={str(given[name])!r}"
            )
