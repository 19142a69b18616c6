"""A suggestion for a misspelt name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def did_you_mean(given: str, known: Mapping[str, Any]) -> str:
    """Return `` (did you mean 'ease'?)``, or an empty text if no known name is close."""
    close = difflib.get_close_matches(given, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
