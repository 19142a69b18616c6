"""What a message about an unknown name suggests: the known one that is most like it, and what there is."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMED = 12
"""How many known names a message has; it counts the others."""


def nearest(given: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like another one, in small letters or capitals; None if none is close."""
    by_letters = {name.lower(): name for name in known}
    close = difflib.get_close_matches(given.lower(), by_letters, n=1)
    return by_letters[close[0]] if close else None


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'ease'?)``, or an empty text if no known name is close."""
    near = nearest(given, known)
    return "" if near is None else f" (did you mean {near!r}?)"


def listed(names: Iterable[str]) -> str:
    """Return names in order, with commas between; of many the first ones, and how many more there are."""
    found = sorted(names)
    n_others = len(found) - MOST_NAMED
    return ", ".join(found) if n_others <= 1 else f"{', '.join(found[:MOST_NAMED])} and {n_others} more"
