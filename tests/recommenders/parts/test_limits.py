"""Hyper-parameters within their limits."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from protocol.errors import RecommenderError
from recommenders.parts.limits import above, at_least, at_most, below, check_layers

MODEL = SimpleNamespace(zero=0, one=1.0, unknown=math.nan)


def test_within() -> None:
    at_least(0, MODEL, "zero", "one")
    above(0, MODEL, "one")
    at_most(1, MODEL, "zero", "one")
    below(1, MODEL, "zero")
    check_layers(MODEL, (1, 2))
    check_layers(MODEL, ())


def test_outside() -> None:
    with pytest.raises(RecommenderError, match="SimpleNamespace: zero is 0, expected 1 or more"):
        at_least(1, MODEL, "one", "zero")
    with pytest.raises(RecommenderError, match="SimpleNamespace: zero is 0, expected more than 0"):
        above(0, MODEL, "zero")
    with pytest.raises(RecommenderError, match=r"SimpleNamespace: one is 1\.0, expected 0 or less"):
        at_most(0, MODEL, "zero", "one")
    with pytest.raises(RecommenderError, match=r"SimpleNamespace: one is 1\.0, expected less than 1"):
        below(1, MODEL, "one")
    with pytest.raises(RecommenderError, match=r"layers are \(8, 0\)"):
        check_layers(MODEL, (8, 0))


@pytest.mark.parametrize("limit", [at_least, above, at_most, below])
def test_nan_is_outside_of_any_limit(limit) -> None:
    with pytest.raises(RecommenderError, match="unknown is nan"):
        limit(0, MODEL, "unknown")
