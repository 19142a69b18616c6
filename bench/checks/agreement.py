"""Require that a recommender's scores agree with the expected ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.checks.check import RefutedError

if TYPE_CHECKING:
    from protocol.types import Scores

RTOL = 1e-5
"""The relative difference allowed between scores from batches of different shapes: their last bits may differ."""


def require_alike(found: Scores, expected: Scores, what: str, advice: str) -> None:
    """Raise `RefutedError` unless two arrays of one shape agree up to rounding.

    Parameters
    ----------
    what, advice
        The error's text: what is wrong, and what to do about it.
    """
    if not np.allclose(found, expected, rtol=RTOL, atol=RTOL * float(np.abs(expected).max(initial=0.0))):
        raise RefutedError(f"{what} (by up to {difference(found, expected)}); {advice}")


def difference(found: Scores, expected: Scores) -> str:
    """Return the largest difference between two arrays of one shape, as text."""
    return f"{np.max(np.abs(found.astype(np.float64) - expected)):.3g}"


def kind(value: Any) -> str:
    """Return the type of a value in words: ``"None"``, ``"a list"``."""
    return "None" if value is None else f"a {type(value).__name__}"
