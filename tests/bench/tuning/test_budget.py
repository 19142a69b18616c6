"""The budget of a search."""

from __future__ import annotations

import pytest

from bench.tuning.budget import Budget
from protocol.errors import RecbenchError


def test_a_budget_is_left_until_one_of_both_is_used_up() -> None:
    both = Budget(trials=3, seconds=10)
    assert both.is_left(2, 9.9)
    assert not both.is_left(3, 0)
    assert not both.is_left(0, 10)
    assert Budget(trials=3).is_left(2, 1e9)
    assert Budget(seconds=10).is_left(10**9, 9.9)


def test_a_budget_as_text() -> None:
    assert str(Budget(trials=3, seconds=50)) == "3 trials or 50 seconds, whichever is used up first,"
    assert [str(Budget(trials=1_234_567)), str(Budget(seconds=0.5))] == ["1234567 trials", "0.5 seconds"]


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(RecbenchError, match="a search needs a budget"):
        Budget()
    with pytest.raises(RecbenchError, match="a search's trials are 0, expected more than 0"):
        Budget(trials=0, seconds=3)
