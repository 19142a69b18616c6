"""Factors are computed when they are asked for, and once."""

from __future__ import annotations

import numpy as np

from recommenders.parts.deferred import DeferredFactors
from recommenders.parts.factors import Factors


def test_they_are_made_when_first_asked_for_and_once() -> None:
    made = []

    def make() -> Factors:
        made.append(1)
        return Factors(np.array([[2.0]], np.float32), np.array([[3.0], [5.0]], np.float32))

    deferred = DeferredFactors(make)
    assert not made
    users = np.array([0], dtype=np.int32)
    assert deferred.score_all(users).tolist() == [[6, 10]]
    assert deferred.score(users, np.array([[1]], dtype=np.int32)).tolist() == [[10]]
    assert len(made) == 1
