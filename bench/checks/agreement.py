"""Comparing what a recommender answers with what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.checks.outcome import RefutedError

if TYPE_CHECKING:
    from protocol.types import Scores

RTOL = 1e-5
"""How far scores may differ where only the shape of a batch does (last bits depend on it)."""


def require_alike(found: Scores, expected: Scores, what: str, advice: str) -> None:
    """Raise `RefutedError` unless two arrays of one shape agree but for rounding."""
    if not np.allclose(found, expected, rtol=RTOL, atol=RTOL * float(np.abs(expected).max(initial=0.0))):
        raise RefutedError(f"{what} (by up to {difference(found, expected)}); {advice}")


def difference(found: Scores, expected: Scores) -> str:
    """Return by how much two arrays of one shape differ at most."""
    return f"{np.max(np.abs(found.astype(np.float64) - expected)):.3g}"


def kind(value: Any) -> str:
    """Return what a value is: ``"None"``, ``"a list"``."""
    return "None" if value is None else f"a {type(value).__name__}"
