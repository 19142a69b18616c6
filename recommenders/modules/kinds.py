"""Which classes are PyTorch modules that recbench can train, and as what kind of recommender. This imports no torch."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.modules.hooks import problem_of_hooks
from recommenders.modules.module_model import ModuleModel
from recommenders.modules.pair_model import PairModel
from recommenders.modules.sequence_model import SequenceModel
from recommenders.modules.words import parameter_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KINDS: Mapping[int, tuple[type[ModuleModel], str, tuple[str, ...]]] = {
    2: (PairModel, "(users, items)", ("n_users", "n_items")),
    1: (SequenceModel, "(histories)", ("n_items",)),
}
"""By the number of parameters of ``forward``: the base class, those parameters, and what a constructor must take."""


_REQUIRED = inspect.Parameter.empty


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
    problem = _problem_of_methods(module_class) or problem_of_hooks(module_class)
    if problem:
        raise RecommenderError(problem)
    parameters = inspect.signature(module_class.forward).parameters  # type: ignore[attr-defined]
    forward = _required(parameters)[1:]
    if len(forward) not in _KINDS or _is_in_doubt(parameters):
        raise RecommenderError(
            f"{name}.forward takes {parameter_list([*parameters.values()][1:])}, expected {_expected()}; it returns "
            "logits, and recbench computes the loss of them"
        )
    base, _, sizes = _KINDS[len(forward)]
    constructor = inspect.signature(module_class).parameters
    lacking = [size for size in sizes if size not in constructor]
    if lacking:
        taken = parameter_list(one.replace(default=one.empty) for one in constructor.values())
        raise RecommenderError(
            f"the constructor of {name} takes {taken} without {' and '.join(lacking)}; a module with "
            f"forward({', '.join(forward)}) gets {' and '.join(sizes)} by {'these names' if sizes[1:] else 'this name'}"
        )
    return base


def advice_on_sizes(cls: type, missing: Iterable[str]) -> str:
    """Return what helps where a module waits for what recbench does not give its constructor; or nothing.

    A module that trains itself may wait for sizes, which only ``fit`` can know; a bare one for the interactions.
    """
    if issubclass(cls, ModuleModel):
        return (
            "; a bare module gets only n_users and n_items from recbench; one that needs the interactions is a class "
            "with fit(train, *, rng) and score"
        )
    if not is_module_class(cls) or not {"n_users", "n_items"} & set(missing):
        return ""
    return (
        "; it has fit and score, so it trains itself, and fit reads the sizes from train; without the two methods, "
        "recbench trains it, and gives it n_users and n_items"
    )


def problem_of(module_class: type) -> str:
    """Return why recbench cannot train a module; empty where it can."""
    try:
        kind_of(module_class)
    except (RecommenderError, ValueError, TypeError) as error:
        return str(error)
    return ""


def _problem_of_methods(module_class: type) -> str:
    """Return what a module's methods leave in doubt; empty where they are clear."""
    name = module_class.__name__
    if getattr(module_class, "__hash__", None) is None:
        return f"PyTorch cannot use {name}, because its objects have no hash; write @dataclass(eq=False)"
    halves = [one for one in ("fit", "score") if callable(getattr(module_class, one, None))]
    if halves == ["fit"] or (halves == ["score"] and not _has_known_forward(module_class)):
        lacking = "score" if halves == ["fit"] else "fit"
        return (
            f"{name} has {halves[0]} but no {lacking}; with both it is a recommender that trains itself, with neither "
            f"recbench trains it: add {lacking}, or rename {halves[0]}"
        )
    forward = getattr(module_class, "forward", None)
    if getattr(forward, "__name__", "").startswith("_forward_unimplemented"):
        return f"{name} has no method forward, expected one that takes {_expected()} and returns logits"
    return ""


def _has_known_forward(module_class: type) -> bool:
    """Return whether recbench can train a module by its ``forward``, so that its ``score`` is only a helper."""
    parameters = inspect.signature(module_class.forward).parameters  # type: ignore[attr-defined]
    return len(_required(parameters)) - 1 in _KINDS and not _is_in_doubt(parameters)


def _is_in_doubt(forward: Mapping[str, inspect.Parameter]) -> bool:
    """Return whether names say that items come before users, or that items may be left out."""
    first, second = (*(name.lower() for name in [*forward][1:3]), "", "")[:2]
    is_swapped = first.startswith("item") and second.startswith("user")
    return is_swapped or (first.startswith("user") and len(_required(forward)) == 2)


def _expected() -> str:
    return " or ".join(shown for _, shown, _ in _KINDS.values())


def _required(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    """Return the names of the parameters that a call by position must fill."""
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name
        for name, parameter in parameters.items()
        if parameter.kind in by_position and parameter.default is _REQUIRED
    ]
