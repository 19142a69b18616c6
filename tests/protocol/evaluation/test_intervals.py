"""Confidence intervals (P17): by hand, and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from protocol.evaluation.intervals import mean_interval


def test_five_values_by_hand() -> None:
    """Mean 0.4, s = sqrt(0.3), t(4) at 97.5 % = 2.776445: half-width 2.776445 * sqrt(0.3 / 5) = 0.680087."""
    interval = mean_interval(np.array([1.0, 0, 1, 0, 0]))
    assert interval.mean == pytest.approx(0.4)
    assert interval.half_width == pytest.approx(0.680087, abs=1e-6)
    assert (interval.low, interval.high) == pytest.approx((0.4 - 0.680087, 0.4 + 0.680087), abs=1e-6)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_scipy_agrees(confidence: float) -> None:
    values = np.random.default_rng(0).normal(size=40)
    theirs = ttest_1samp(values, 0).confidence_interval(confidence)
    ours = mean_interval(values, confidence)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_equal_values_have_no_width_and_one_value_has_no_interval() -> None:
    assert mean_interval(np.full(10, 0.5)).half_width == 0
    assert np.isnan(mean_interval(np.array([0.5])).half_width)
