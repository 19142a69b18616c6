"""Centres and spreads of what was measured."""

from __future__ import annotations

import math

import pytest
from fabricated_timing import ENVIRONMENT, REFERENCE, rounds, session, sessions

from bench.timing.timings import Measured, Timing, joined, variance_share
from protocol.errors import RecbenchError


def test_the_median_of_the_rounds_counts() -> None:
    timing = Timing.of_rounds(REFERENCE, 1, 0.1, [2.0, 3.0, 100.0])
    assert timing.medians == pytest.approx((3.0,))
    assert timing.seconds == 0.1


def test_the_standard_error_of_a_median() -> None:
    """Logarithms ln(1.1)/2 apart: the median absolute deviation of nine is two steps, ln(1.1)."""
    timing = Timing.of_rounds(REFERENCE, 1, 0.1, rounds(5.0, noise=0.1))
    assert timing.errors == pytest.approx((math.sqrt(math.pi / 2) * 1.4826 * math.log(1.1) / 3,))


def test_sessions_differ_more_than_their_rounds_tell() -> None:
    """Where rounds do not differ; the median of five deviations from 1.1 is the third, a factor of 1.05."""
    assert sessions("fit", [1.0, 1.1, 1.1, 1.1, 1.21]).timings["fit"].session_spread == 0
    spread = sessions("fit", [1.0, 1.05, 1.1, 1.155, 1.21]).timings["fit"].session_spread
    assert spread == pytest.approx(1.4826 * math.log(1.05), rel=1e-6)


def test_two_sessions_say_nothing_of_how_sessions_differ() -> None:
    timing = sessions("fit", [1.0, 2.0], noise=0.1).timings["fit"]
    assert timing.session_spread == pytest.approx(timing.errors[0])


def test_joined_sessions_keep_each_benchmark_that_any_measured() -> None:
    both = joined((session({"fit": 1.0, "score": 2.0}), session({"fit": 4.0})))
    assert both.timings["fit"].medians == pytest.approx((1.0, 4.0))
    assert both.timings["fit"].centre == pytest.approx(2.0)
    assert both.timings["fit"].seconds == pytest.approx(0.0025)
    assert both.timings["score"].medians == pytest.approx((2.0,))


@pytest.mark.parametrize(
    ("medians", "errors"),
    [((), ()), ((0.0,), (0.1,)), ((math.nan,), (0.1,)), ((1e13,), (0.1,)), ((1.0,), (-0.1,)), ((1.0,), ())],
)
def test_impossible_times_are_refused(medians: tuple[float, ...], errors: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"times|standard errors"):
        Timing(REFERENCE, 1, 0.1, medians, errors)


@pytest.mark.parametrize(
    ("timing", "cpu", "message"),
    [
        (
            Timing("memory: reads", 1, 0.1, (1.0,), (0.1,)),
            "A_CPU",
            "against 'memory: reads', in another session against",
        ),
        (
            Timing(REFERENCE, 2, 0.1, (1.0,), (0.1,)),
            "A_CPU",
            "with 2 threads, in another session with 1; .*both again",
        ),
        (Timing(REFERENCE, 1, 0.1, (1.0,), (0.1,)), "B_CPU", "on A_CPU and on B_CPU"),
    ],
)
def test_different_units_are_not_joined(timing: Timing, cpu: str, message: str) -> None:
    with pytest.raises(RecbenchError, match=message):
        joined((session({"fit": 1.0}), Measured(ENVIRONMENT | {"cpu": cpu}, {"fit": timing})))


def test_a_median_scatters_more_than_a_mean_from_three_sessions_on() -> None:
    assert [variance_share(n) for n in (1, 2, 3)] == pytest.approx([1, 1 / 2, math.pi / 6])
