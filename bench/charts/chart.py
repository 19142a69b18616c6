"""A chart: a specification, a sentence that replaces the picture, and the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.writing.text import finite, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_ROWS = 40
"""A chart with a line per recommender shows the first rows of the table; its numbers have all rows."""


@dataclass(frozen=True)
class Chart:
    """A chart.

    Parameters
    ----------
    spec
        Of Vega or Vega-Lite, which one its ``$schema`` says.
    alternative
        A sentence that says what it shows, for readers who cannot see it.
    headers, lines
        Its numbers as a table; the first column names the line.
    """

    spec: dict[str, Any]
    alternative: str
    headers: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def rounded(value: float | None, digits: int = 5) -> float | None:
    """Return a number as a chart's data hold it; None if it is not finite."""
    known = None if value is None else finite(value)
    return None if known is None else float(f"{known:.{digits}g}")


def shown(text: str) -> str:
    """Return a text that others wrote as a chart may show it: printable. Markup is escaped where it is written."""
    return printable(text)


def timed_label(label: str, letter: str) -> str:
    """Return a label as a chart of times shows it: with a letter where some times cannot be compared, ``als (a)``."""
    return f"{label} ({letter})" if letter else label


def first_rows(labels: Sequence[str], what: str = "rows") -> str:
    """Return a sentence if the chart shows only the first rows; else nothing."""
    return f" The first {MOST_ROWS} of {len(labels)} {what} are drawn." if len(labels) > MOST_ROWS else ""


def listed(words: Iterable[str], most: int = 8) -> str:
    """Return ``a, b and 3 more``."""
    found = list(words)
    if len(found) <= most:
        return ", ".join(found)
    return f"{', '.join(found[:most])} and {len(found) - most} more"


def shown_parameters(parameters: Mapping[str, Any]) -> str:
    """Return ``embedding_size=64, layers=32-16-8``."""
    from bench.choices import parameters_text

    return shown(parameters_text(parameters, ", "))
