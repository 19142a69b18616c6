"""Put the problems that a check found into one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.findings import Judgement

MOST_NAMED = 5
"""The number of problems that a message names."""


def judged(problems: Iterable[str], otherwise: str) -> Judgement:
    """Return a failure with its problems, the first few by name; nothing wrong is ok."""
    found = list(problems)
    return ("fail", named(found)) if found else ("ok", otherwise)


def named(problems: Sequence[str]) -> str:
    """Return the first few problems in one line, and how many more there are."""
    more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
    return "; ".join(problems[:MOST_NAMED]) + more
