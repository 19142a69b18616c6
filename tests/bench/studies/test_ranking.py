"""Ranks, win rates and relative scores by hand, and ranks against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from bench.studies.ranking import mean_ranks, ranks_of, relative_scores, win_rates

NAN = float("nan")


def test_ranks_by_hand() -> None:
    """Ties share the mean of their ranks; a row without a figure has no rank and counts for none."""
    assert ranks_of(np.array([0.5, 0.3, 0.5, 0.1])).tolist() == [1.5, 3, 1.5, 4]
    found = ranks_of(np.array([[0.1, 0.2, 0.3], [0.2, NAN, 0.2]]))
    assert found[0].tolist() == [3, 2, 1]
    assert found[1] == pytest.approx([1.5, NAN, 1.5], nan_ok=True)


def test_what_differs_in_the_last_bits_alone_is_tied() -> None:
    assert ranks_of(np.array([0.1 + 0.2, 0.3])).tolist() == [1.5, 1.5]


def test_ranks_against_another_program() -> None:
    means = np.random.default_rng(0).integers(0, 5, (20, 7)) / 7
    assert np.array_equal(ranks_of(means), np.array([rankdata(-line) for line in means]))


def test_mean_ranks_are_over_the_datasets_of_a_row() -> None:
    """B is second, then alone: (2 + 1) / 2; A is first once."""
    assert mean_ranks(np.array([[0.9, 0.8], [NAN, 0.1]])).tolist() == [1, 1.5]


def test_win_rates_by_hand() -> None:
    """On dataset 1 A > B = C; on dataset 2 B > A, and C is missing.

    A: 2 wins of 3. B: half of 1 with C, 0 of 2 with A on the first, 1 on the second: (0 + .5 + 1) / 3. C: (0 + .5) / 2.
    """
    found = win_rates(np.array([[0.9, 0.5, 0.5], [0.1, 0.2, NAN]]))
    assert found == pytest.approx([2 / 3, 1.5 / 3, 0.5 / 2])
    assert np.isnan(win_rates(np.array([[0.4]]))).all(), "alone, it meets no other"


def test_relative_scores_by_hand() -> None:
    found = relative_scores(np.array([[0.2, 0.4], [0.0, 0.0], [NAN, 0.3]]), np.array([0.4, 0.0, 0.6]))
    assert found[0] == pytest.approx([0.5, 1.0])
    assert np.isnan(found[1]).all(), "the best figure is 0"
    assert found[2] == pytest.approx([NAN, 0.5], nan_ok=True)
