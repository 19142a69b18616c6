"""Put the problems that a check found into one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.findings import Judgement

MOST_NAMED = 5
"""The number of problems that a message names."""


def judged(problems: Iterable[str], otherwise: str) -> Judgement:
    """Return a failure with its problems, the first few by name; nothing wrong is ok."""
    found = list(problems)
    if not found:
        return "ok", otherwise
    more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return "fail", "; ".join(found[:MOST_NAMED]) + more
