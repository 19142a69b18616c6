"""What a module may do itself in place of recbench, by the names that users of Lightning know."""

from __future__ import annotations

from typing import Final

HOOKS: Final = ("training_step", "configure_optimizers", "score_all")
"""``training_step(users, positives, negatives)`` returns the loss of a batch, from indices ``(n, 1)``, ``(n, 1)`` and
``(n, n_negatives)``. ``configure_optimizers()`` returns an optimizer. ``score_all(users)`` takes indices ``(n,)`` and
returns the scores of all items, ``(n, n_items)``.

In a module of histories, ``training_step(histories, positives, negatives)`` gets for each position of the histories
``(n, length)`` the next item, ``(n, length)``, and negatives, ``(n, length, n_negatives)``, both ``n_items`` where
there is no next item; ``(n, 1)`` and ``(n, n_negatives)`` where the module answers once for each history.
``score_all(histories)`` returns ``(n, n_items)``."""

_LIBRARIES = ("torch", "lightning", "pytorch_lightning")
"""Packages whose base classes have methods of these names that do nothing useful."""


def hooks_of(module_class: type) -> frozenset[str]:
    """Return which of `HOOKS` a class defines: itself, or by a base class of its author's."""
    return frozenset(name for name in HOOKS if _is_own(module_class, name))


def _is_own(module_class: type, name: str) -> bool:
    owner = next((base for base in module_class.__mro__ if name in vars(base)), None)
    return owner is not None and owner.__module__.partition(".")[0] not in _LIBRARIES
