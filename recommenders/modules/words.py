"""Words of error messages about modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Parameter


def with_article(noun: str) -> str:
    """Return ``"a tuple"``, ``"an int"``, ``"an ndarray"``."""
    return f"{'an' if noun.lower().startswith((*'aeiou', 'nd')) else 'a'} {noun}"


def parameter_list(parameters: Iterable[Parameter]) -> str:
    """Return parameters without their annotations, as ``(users, items=None, *rest)``."""
    return f"({', '.join(str(one.replace(annotation=one.empty)) for one in parameters)})"
