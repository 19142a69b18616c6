"""Slower by a third is caught, noise is not."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import partial

import pytest
from fabricated_timing import ENVIRONMENT, REFERENCE, session, sessions

from bench.timing.gate import judge_patiently
from bench.timing.timings import Measured, Timing, joined
from bench.timing.verdicts import detectable, judge
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
    """One session now, and the median of five in the baseline, whose variance is pi/2 times a mean's."""
    (row,) = judge(session({"fit": 1.0}), BASELINE)
    spread = BASELINE.timings["fit"].session_spread
    assert spread == pytest.approx(1.4826 * math.log(1.01), rel=0.02)
    assert row.noise == pytest.approx(math.expm1(3 * spread * math.sqrt(1 + math.pi / 2 / 5)))


def test_new_and_missing_benchmarks_are_named() -> None:
    baseline = joined((BASELINE, session({"both": 1.0})))
    rows = judge(session({"both": 1.0, "score": 1.0}), baseline)
    assert [(row.name, row.verdict, row.ratio, row.noise) for row in rows[1:]] == [
        ("score", "new", None, None),
        ("fit", "missing", None, None),
    ]


def test_nothing_in_common_is_an_error() -> None:
    with pytest.raises(RecbenchError, match=r"is in the baseline, not even score; .*--save"):
        judge(session({"score": 1.0, "loss": 1.0}), BASELINE)


def test_another_reference_does_not_compare() -> None:
    other = Measured(ENVIRONMENT, {"fit": Timing("memory: other work", 1, 0.1, (1.0,), (0.1,))})
    with pytest.raises(RecbenchError, match=r"'memory: other work', in the baseline against .*--save"):
        judge(other, BASELINE)


def test_another_number_of_threads_does_not_compare() -> None:
    other = Measured(ENVIRONMENT, {"fit": Timing(REFERENCE, 2, 0.1, (1.0,), (0.1,))})
    with pytest.raises(RecbenchError, match=r"fit is timed with 2 threads, in the baseline with 1; .*both again"):
        judge(other, BASELINE)


def test_noise_beyond_all_measure_has_a_bound() -> None:
    wild = Measured(ENVIRONMENT, {"fit": Timing.of_rounds(REFERENCE, 1, 0.1, [1e-300, 1.0, 1e300])})
    (row,) = judge(wild, BASELINE)
    assert (row.verdict, row.noise) == ("same", pytest.approx(math.expm1(9)))
    assert math.isfinite(detectable(wild.timings["fit"], 3))


def test_what_is_detectable() -> None:
    """Without noise, what is beyond tolerance; 3 % between sessions allow for 1.645 standard errors more."""
    assert detectable(sessions("fit", [1.0] * 5).timings["fit"], 3) == pytest.approx(1.2)
    noisy = replace(sessions("fit", [1.0] * 5).timings["fit"], errors=(0.03,) * 5)
    error = 0.03 * math.sqrt(math.pi / 2 * (1 / 3 + 1 / 5))
    assert detectable(noisy, 3) == pytest.approx(1.2 * math.exp(1.645 * error))


def fabricated(rng: random.Random, spread: float, slowdown: float = 1.0) -> Measured:
    """Return a session: its median scatters by a spread, one in twenty by three times as much, as on a busy machine."""
    scatter = 3 * spread if rng.random() < 0.05 else spread
    return session({"fit": slowdown * math.exp(rng.gauss(0, scatter))}, noise=0.05)


def share_slower(spread: float, slowdown: float, n_trials: int) -> float:
    """Return how often a slow-down, against a baseline of five sessions, is called slower."""
    n_slower = 0
    for seed in range(n_trials):
        rng = random.Random(seed)
        baseline = joined(fabricated(rng, spread) for _ in range(5))
        again = partial(fabricated, rng, spread, slowdown)
        (row,) = judge_patiently(again(), baseline, lambda _, again=again: again())
        n_slower += row.verdict == "slower"
    return n_slower / n_trials


@pytest.mark.parametrize(
    ("spread", "alarms", "caught"), [(0.02, 0.0, 1.0), (0.04, 0.0, 0.975), (0.05, 0.0, 0.915), (0.07, 0.002, 0.74)]
)
def test_how_often_a_third_is_caught_and_nothing_is(spread: float, alarms: float, caught: float) -> None:
    """By what spread sessions have: the rates in 1000 trials, each with a baseline and a seed of its own."""
    assert share_slower(spread, 1.0, 1000) <= alarms
    assert share_slower(spread, 4 / 3, 1000) == pytest.approx(caught, abs=0.02)


@pytest.mark.parametrize("spread", [0.02, 0.04, 0.07])
def test_what_is_detectable_is_caught_nineteen_times_in_twenty(spread: float) -> None:
    baseline = replace(sessions("fit", [1.0] * 5).timings["fit"], errors=(spread,) * 5)
    assert share_slower(spread, detectable(baseline, 3), 1000) == pytest.approx(0.95, abs=0.02)
