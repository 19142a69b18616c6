"""A comparison of two rows as values, under the names that CSV, JSON and frames share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.writing.text import finite

if TYPE_CHECKING:
    from protocol.evaluation.statistics import Comparison

COMPARISON = ("difference", "difference_low", "difference_high", "effect_size", "claim")


def comparison_values(comparison: Comparison) -> dict[str, Any]:
    """Return the values of a comparison by the names of `COMPARISON`; None for an undefined one."""
    numbers = (comparison.difference, comparison.low, comparison.high, comparison.effect_size)
    claim = "algorithms" if comparison.about_algorithms else "trained models"
    return dict(zip(COMPARISON, (*map(finite, numbers), claim), strict=True))
