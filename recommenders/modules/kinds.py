"""Which classes are PyTorch modules that recbench can train, and as what kind of recommender. This imports no torch."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.modules.pair_model import PairModel
from recommenders.modules.sequence_model import SequenceModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommenders.modules.module_model import ModuleModel

_KINDS: Mapping[int, tuple[type[ModuleModel], str, tuple[str, ...]]] = {
    2: (PairModel, "(users, items)", ("n_users", "n_items")),
    1: (SequenceModel, "(histories)", ("n_items",)),
}
"""By the number of parameters of ``forward``: the base class, those parameters, and what a constructor must take."""


def is_module_class(cls: type) -> bool:
    """Return whether a class is a PyTorch module; where torch was not imported, none is."""
    module = getattr(sys.modules.get("torch.nn"), "Module", None)
    return isinstance(module, type) and issubclass(cls, module)


def kind_of(module_class: type) -> type[ModuleModel]:
    """Return the base class of the recommender that a module becomes.

    Raises
    ------
    RecommenderError
        If its ``forward`` is of no kind that recbench can train, or its constructor is not told the numbers of users
        and items, as far as a module of this kind needs them.
    """
    name = module_class.__name__
    forward = _required(inspect.signature(module_class.forward).parameters)[1:]  # type: ignore[attr-defined]
    if len(forward) not in _KINDS:
        found = f"({', '.join(forward)})" if forward else "no such parameters"
        expected = " or ".join(shown for _, shown, _ in _KINDS.values())
        raise RecommenderError(f"{name}.forward takes {found}, expected {expected}")
    base, _, sizes = _KINDS[len(forward)]
    taken = list(inspect.signature(module_class).parameters)
    lacking = [size for size in sizes if size not in taken]
    if lacking:
        names = "this name" if len(sizes) == 1 else "these names"
        raise RecommenderError(
            f"the constructor of {name} takes ({', '.join(taken)}) without {' and '.join(lacking)}; a module "
            f"with forward({', '.join(forward)}) gets {' and '.join(sizes)} by {names}"
        )
    return base


def problem_of(module_class: type) -> str:
    """Return why recbench cannot train a module; empty where it can."""
    try:
        kind_of(module_class)
    except (RecommenderError, ValueError, TypeError) as error:
        return str(error)
    return ""


def _required(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    """Return the names of the parameters that a call by position must fill."""
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name
        for name, parameter in parameters.items()
        if parameter.kind in by_position and parameter.default is inspect.Parameter.empty
    ]
