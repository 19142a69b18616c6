"""The settings of one recommender in a table: a head that names what is varied, and their rows below it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.writing.sheet import Cell, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.analysis.settings import Settings


def with_heads(lines: Sequence[Line], settings: Sequence[Settings]) -> tuple[Line, ...]:
    """Return the lines of a block with a head above the settings of each recommender that has several.

    Parameters
    ----------
    lines
        Those of one recommender are neighbours.
    settings
        Of the rows, by their labels.
    """
    return tuple(_headed(lines, settings))


def _headed(lines: Sequence[Line], settings: Sequence[Settings]) -> Iterator[Line]:
    known = {label: each for each in settings if each.varied for label in each.labels}
    above: Settings | None = None
    for line in lines:
        found = known.get(line.label)
        if found is not None and found is not above:
            yield Line(found.title, (Cell(""),) * len(line.cells))
        above = found
        yield line if found is None else replace(line, label=full_label(line.label, found), is_indented=True)


def full_label(label: str, settings: Settings) -> str:
    """Return a label with what is varied behind it, unless it says so itself: ``mf (reg=0.1)`` for a default."""
    said = {piece.partition("=")[0] for piece in re.split("[:,]", label)}
    return label if said.issuperset(settings.varied) else f"{label} ({settings.text_of(label)})"
