"""What a module may do itself in place of recbench, by the names that users of Lightning know."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from recommenders.modules.words import parameter_list

if TYPE_CHECKING:
    from collections.abc import Mapping

HOOKS: Final = ("training_step", "configure_optimizers", "score_all")
"""``training_step(users, positives, negatives)`` returns the loss of a batch, from indices ``(n, 1)``, ``(n, 1)`` and
``(n, n_negatives)``. ``configure_optimizers()`` returns an optimizer. ``score_all(users)`` takes indices ``(n,)`` and
returns the scores of all items, ``(n, n_items)``.

In a module of histories, ``training_step(histories, positives, negatives)`` gets for each position of the histories
``(n, length)`` the next item, ``(n, length)``, and negatives, ``(n, length, n_negatives)``, both ``n_items`` where
there is no next item; ``(n, 1)`` and ``(n, n_negatives)`` where the module answers once for each history.
``score_all(histories)`` returns ``(n, n_items)``."""

_TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "training_step": ("users", "positives", "negatives"),
    "configure_optimizers": (),
    "score_all": ("users",),
}
"""What each hook gets, by position."""

_ALIKE = 0.93
"""How much a method's name is like that of a hook where it was meant as one. No other hook of Lightning is so alike."""

_LIBRARIES = ("torch", "lightning", "pytorch_lightning")
"""Packages whose base classes have methods of these names that do nothing useful."""


def hooks_of(module_class: type) -> frozenset[str]:
    """Return which of `HOOKS` a class defines: itself, or by a base class of its author's."""
    return frozenset(name for name in HOOKS if _is_own(module_class, name))


def _is_own(module_class: type, name: str) -> bool:
    owner = next((base for base in module_class.__mro__ if name in vars(base)), None)
    return owner is not None and not _is_of_a_library(owner)


def _is_of_a_library(owner: type) -> bool:
    return owner.__module__.partition(".")[0] in _LIBRARIES


def problem_of_hooks(module_class: type) -> str:
    """Return why a hook cannot be called, or what seems to be one by its name; empty where all is well."""
    for name in HOOKS:
        if not _is_own(module_class, name):
            continue
        taken, method = _TAKEN[name], getattr(module_class, name)
        if not _takes(method, len(taken)):
            found = parameter_list([*inspect.signature(method).parameters.values()][1:])
            return f"{module_class.__name__}.{name} takes {found}, expected ({', '.join(taken)})"
    lacking = [name for name in HOOKS if not _is_own(module_class, name)]
    for name in _own_methods(module_class):
        meant = _meant(module_class, name, lacking)
        if meant:
            return (
                f"{module_class.__name__} has a method {name}, which recbench never calls; did you mean {meant}? If "
                "not, give it another name"
            )
    return ""


def _meant(module_class: type, name: str, lacking: list[str]) -> str:
    """Return which hook that a class lacks a method of it was meant as; empty where none."""
    if name.startswith("_") or name in HOOKS:
        return ""
    if name == "train_step" and "training_step" in lacking:
        return "training_step" if _takes_negatives(getattr(module_class, name)) else ""
    return next(iter(get_close_matches(name, lacking, n=1, cutoff=_ALIKE)), "")


def _takes_negatives(method: Any) -> bool:
    """Return whether a method takes what ``training_step`` gets, by the names of its second and third input."""
    positives, negatives = (*[*inspect.signature(method).parameters][2:4], "", "")[:2]
    return positives.startswith("pos") and negatives.startswith("neg")


def _takes(method: Any, n: int) -> bool:
    """Return whether a method can be called with so many arguments by position."""
    try:
        inspect.signature(method).bind(*[None] * (1 + n))
    except TypeError:
        return False
    return True


def _own_methods(module_class: type) -> list[str]:
    owners = [base for base in module_class.__mro__ if base is not object and not _is_of_a_library(base)]
    return [name for owner in owners for name, value in vars(owner).items() if inspect.isfunction(value)]
