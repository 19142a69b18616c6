"""Short excerpts for messages: a value, a line or a list of names of any length becomes a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 60
_MOST = 12


def excerpt(value: object, longest: int = _LONGEST) -> str:
    """Return a value as text, at most ``longest`` characters of it, with marks of control written out.

    ``...`` says that there are more.
    """
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in _beginning(str(value), longest))


def quoted_excerpt(value: object) -> str:
    """Return an excerpt in quotation marks."""
    return repr(_beginning(str(value), _LONGEST))


def listed(names: Sequence[object]) -> str:
    """Return the first names of a list, separated by commas, and how many more there are."""
    shown = ", ".join(excerpt(name) for name in names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST:,} more"


def _beginning(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
