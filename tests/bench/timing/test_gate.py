"""What seems slower is measured again before it is called so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fabricated_timing import session, sessions

from bench.timing.gate import judge_patiently
from bench.timing.timings import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.timing.timings import Measured

BASELINE = joined((sessions("fit", [1.0] * 5), sessions("score", [1.0] * 5)))


class Again:
    """Measures what is asked for, and remembers it."""

    def __init__(self, *centres: float) -> None:
        self.centres = list(centres)
        self.asked: list[list[str]] = []

    def __call__(self, names: Sequence[str]) -> Measured:
        self.asked.append(list(names))
        return session(dict.fromkeys(names, self.centres.pop(0)))


def verdicts(again: Again, fit: float) -> dict[str, str]:
    rows = judge_patiently(session({"fit": fit, "score": 1.0}), BASELINE, again)
    return {row.name: row.verdict for row in rows}


def test_nothing_suspicious_is_measured_once() -> None:
    again = Again()
    assert verdicts(again, 1.09) == {"fit": "same", "score": "same"}
    assert again.asked == []


def test_a_disturbed_session_is_outvoted() -> None:
    again = Again(1.0, 1.0)
    assert verdicts(again, 1.4) == {"fit": "same", "score": "same"}
    assert again.asked == [["fit"], ["fit"]]


@pytest.mark.parametrize(("first", "second", "third"), [(1.33, 1.0, 1.33), (1.12, 1.33, 1.33), (1.33, 1.33, 0.9)])
def test_a_lucky_session_is_outvoted(first: float, second: float, third: float) -> None:
    assert verdicts(Again(second, third), first) == {"fit": "slower", "score": "same"}


def test_a_third_is_confirmed_by_two_more_sessions() -> None:
    again = Again(1.3, 1.35)
    assert verdicts(again, 4 / 3) == {"fit": "slower", "score": "same"}
    assert again.asked == [["fit"], ["fit"]]


def test_without_repeats_the_first_session_decides() -> None:
    (row, _) = judge_patiently(session({"fit": 1.4, "score": 1.0}), BASELINE, pytest.fail, n_repeats=0)
    assert row.verdict == "slower"
