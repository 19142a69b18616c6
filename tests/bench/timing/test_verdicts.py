"""Slower by a third is caught, noise is not."""

from __future__ import annotations

import math
import random

import pytest
from fabricated_timing import ENVIRONMENT, session, sessions

from bench.timing.gate import judge_patiently
from bench.timing.timings import Measured, Timing, joined
from bench.timing.verdicts import judge
from protocol.errors import RecbenchError

BASELINE = sessions("fit", [0.97, 0.99, 1.0, 1.01, 1.03], noise=0.02)


def verdict(centre: float, noise: float = 0.02, baseline: Measured = BASELINE) -> str:
    (row,) = judge(session({"fit": centre}, noise), baseline)
    return row.verdict


@pytest.mark.parametrize(
    ("centre", "expected"),
    [(1.0, "same"), (1.19, "same"), (1.21, "slower"), (4 / 3, "slower"), (0.9, "same"), (0.8, "faster")],
)
def test_more_than_a_fifth_is_more_than_tolerance(centre: float, expected: str) -> None:
    assert verdict(centre) == expected


def test_within_noise_is_unclear() -> None:
    assert verdict(4 / 3, noise=0.3) == "unclear"
    assert verdict(4 / 3, baseline=sessions("fit", [0.7, 0.85, 1.0, 1.2, 1.4])) == "unclear"
    assert verdict(0.75, noise=0.3) == "same"


def test_noise_is_three_standard_errors_of_the_difference() -> None:
    """One session now, five in the baseline: sqrt(1 + 1/5) session spreads, for medians sqrt(pi/2) times as much."""
    (row,) = judge(session({"fit": 1.0}), BASELINE)
    spread = BASELINE.timings["fit"].session_spread
    assert spread == pytest.approx(1.4826 * math.log(1.01), rel=0.02)
    assert row.noise == pytest.approx(math.expm1(3 * math.sqrt(math.pi / 2) * spread * math.sqrt(1.2)))


def test_new_and_missing_benchmarks_are_named() -> None:
    rows = judge(session({"score": 1.0}), BASELINE)
    assert [(row.name, row.verdict, row.ratio, row.noise) for row in rows] == [
        ("score", "new", None, None),
        ("fit", "missing", None, None),
    ]


def test_another_reference_does_not_compare() -> None:
    other = Measured(ENVIRONMENT, {"fit": Timing("memory: other work", 0.1, (1.0,), (0.1,))})
    with pytest.raises(RecbenchError, match=r"'memory: other work', in the baseline against .*--save"):
        judge(other, BASELINE)


def test_ten_unchanged_runs_of_fifty_benchmarks_raise_no_alarm_and_a_third_is_always_caught() -> None:
    """Sessions scatter by 4 %, one in twenty by 15 %, as on a busy machine; one benchmark is slowed by a third."""
    rng = random.Random(0)
    names = [f"fit[{number}]" for number in range(50)]

    def measured(slowed: str = "") -> Measured:
        scatter = {name: 0.15 if rng.random() < 0.05 else 0.04 for name in names}
        centres = {name: math.exp(rng.gauss(0, scatter[name])) * (4 / 3 if name == slowed else 1) for name in names}
        return session(centres, noise=0.05)

    baseline = joined(measured() for _ in range(5))
    for _ in range(10):
        rows = judge_patiently(measured(), baseline, lambda _: measured())
        assert not [row for row in rows if row.verdict == "slower"]
    caught = 0
    for name in names[:20]:
        rows = judge_patiently(measured(name), baseline, lambda _, name=name: measured(name))
        caught += name in {row.name for row in rows if row.verdict == "slower"}
    assert caught >= 18
