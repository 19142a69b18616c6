"""Ranks, win rates and relative scores: what can be compared between datasets whose figures cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Values = npt.NDArray[np.float64]

DIGITS = 12
"""Means that agree in so many decimals are equal: the last bits depend on the order of summation."""


def ranks_of(means: Values) -> Values:
    """Return the rank of each row, 1 for the highest mean; tied rows share the mean of their ranks.

    Worked: .5, .3, .5, .1 -> 1.5, 3, 1.5, 4.

    Parameters
    ----------
    means
        float64, ``(..., n_rows)``: each line of the last axis is ranked by itself. A NaN is no figure: it has no rank,
        which is NaN, and does not count for the ranks of the others.
    """
    from scipy.stats import rankdata

    return np.asarray(rankdata(-np.round(means, DIGITS), axis=-1, nan_policy="omit"), dtype=np.float64)


def mean_ranks(means: Values) -> Values:
    """Return each row's mean rank over the datasets that it has a figure for; float64, ``(n_rows,)``.

    Parameters
    ----------
    means
        float64, ``(n_datasets, n_rows)``; NaN where a row has no figure. Each row has one somewhere.
    """
    return np.asarray(np.nanmean(ranks_of(means), axis=0), dtype=np.float64)


def win_rates(means: Values) -> Values:
    """Return how often each row is above another one: over all pairs with the others, where both have a figure.

    A tie is half a win. NaN for a row that meets no other. Worked, with two datasets: row A is above B on both,
    and above C on one of them: 3 of 4.

    Parameters
    ----------
    means
        As for `mean_ranks`.
    """
    rounded = np.round(means, DIGITS)
    ours, theirs = rounded[:, :, None], rounded[:, None, :]
    meet = ~np.isnan(ours) & ~np.isnan(theirs) & ~np.eye(means.shape[1], dtype=np.bool_)
    points = np.where(ours > theirs, 1.0, np.where(ours == theirs, 0.5, 0.0))
    n_met = meet.sum(axis=(0, 2))
    won = (points * meet).sum(axis=(0, 2))
    return _quotients(won, n_met)


def relative_scores(means: Values, best: Values) -> Values:
    """Return each figure as a share of the best one of its dataset; float64, ``(n_datasets, n_rows)``.

    NaN where a row has no figure, and for a dataset whose best figure is 0.

    Parameters
    ----------
    means
        As for `mean_ranks`.
    best
        float64, ``(n_datasets,)``: the best figure of each dataset.
    """
    return _quotients(means, np.broadcast_to(best[:, None], means.shape))


def _quotients(values: Values, divisors: npt.NDArray[Any]) -> Values:
    """Return quotients; NaN where the divisor is not above 0."""
    found = np.full(values.shape, np.nan)
    np.divide(values, divisors, out=found, where=divisors > 0)
    return found
