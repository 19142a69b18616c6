"""Values as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NOTHING = "-"


def accuracy_text(value: float, digits: int = 4) -> str:
    """Return a value between 0 and 1 without its leading zero: .6670; 1 is 1.0000."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("0")


def difference_text(value: float, digits: int = 4) -> str:
    """Return a difference of two such values with its sign: +.0123, -.0123; what rounds to nothing is .0000."""
    text = accuracy_text(abs(value), digits)
    if not text.strip(".0"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def spread_text(half_width: float) -> str:
    """Return half of an interval as it follows a mean: ±.031; nothing where there is no interval."""
    return f"±{accuracy_text(half_width, 3)}" if math.isfinite(half_width) else ""


def amount_text(value: float | None) -> str:
    """Return seconds, microseconds or MiB in about three digits: <0.001, 0.004, 0.12, 3.10, 25.3, 1,234."""
    if value is None:
        return NOTHING
    if 0 < value < 0.0005:
        return "<0.001"
    for limit, digits in ((0.0995, 3), (9.995, 2), (99.95, 1)):
        if value < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def p_text(p_value: float | None) -> str:
    """Return ``.031``, ``.0004`` and ``< .0001``."""
    if p_value is None:
        return NOTHING
    return "< .0001" if p_value < 0.0001 else accuracy_text(p_value, 4 if p_value < 0.01 else 3)


def p_words(p_value: float) -> str:
    """Return ``p = .031`` and ``p < .0001``."""
    text = p_text(p_value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def count_text(number: int, noun: str) -> str:
    """Return ``1 user`` and ``1,234 users``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def enumerated(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def finite(value: float) -> float | None:
    """Return the value, or None if it is not finite, such as an interval over a single user: files hold no NaN."""
    return value if math.isfinite(value) else None


def printable(text: str) -> str:
    """Return a text without control characters, so that a name cannot move a terminal's cursor or break a line."""
    return "".join(c if c.isprintable() else " " if c.isspace() else c.encode("unicode_escape").decode() for c in text)


def unicode_text(text: str) -> str:
    """Return a text in which what UTF-8 cannot hold, such as a byte in the name of a file, is shown by its number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def unicode_values(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows for a data frame, whose texts are UTF-8."""
    return [
        {name: unicode_text(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows
    ]
