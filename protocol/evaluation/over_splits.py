"""Test whether two recommenders differ over repeated splits of one dataset (P28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.evaluation.statistics import (
    LEAST_SEEDS,
    Comparison,
    MeanError,
    comparisons_by,
    enough_users,
    error_over_users_and_seeds,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Values = npt.NDArray[np.float64]

LEAST_SPLITS = LEAST_SEEDS
"""The fewest splits for a test: two give one number about their spread, as two training seeds do."""


def comparison_over_splits(
    differences: Sequence[Values], overlap: float, *, same_users: bool, confidence: float = 0.95
) -> Comparison:
    """Test whether per-user differences have the mean 0, over users and splits at once.

    A split is what a training seed is in `protocol.evaluation.statistics.comparison_of_differences`: it moves all users
    at once. The training sets of two splits overlap, so that their results are correlated; by Nadeau & Bengio
    ("Inference for the generalization error", Machine Learning 2003) the variance between ``n`` splits counts
    ``1 / n + overlap`` times instead of ``1 / n`` times. Where only splits vary, and users do not, this is their
    corrected resampled t-test.

    If the splits do not evaluate the same users, most users are in several of them, and which is not known. The
    variance over users is then the mean of those within the splits, as if the users were the same: more splits make it
    no smaller. The variance between the splits holds it once more, so that the test is careful: it has at most as many
    false alarms as it claims, and finds fewer differences.

    Parameters
    ----------
    differences
        Of each split, float64, ``(n_users,)``; in the same order where ``same_users``.
    overlap
        The number of held-out interactions over that of training interactions, of a split.
    same_users
        Whether the users of each split are the same.

    Returns
    -------
    Comparison
        The difference is the mean over splits of the means over users. With fewer than
        `protocol.evaluation.statistics.LEAST_USERS` users in a split everything else is NaN.

    Raises
    ------
    ProtocolError
        If there are fewer than `LEAST_SPLITS` splits.
    """
    every = [each[None] for each in differences]
    return comparisons_over_splits(every, overlap, same_users=same_users, confidence=confidence)[0]


def comparisons_over_splits(
    differences: Sequence[Values], overlap: float, *, same_users: bool, confidence: float = 0.95
) -> list[Comparison]:
    """Return what `comparison_over_splits` returns for each of several pairs of recommenders, in one pass.

    Parameters
    ----------
    differences
        Of each split, float64, ``(n_pairs, n_users)``.

    Raises
    ------
    ProtocolError
        As `comparison_over_splits`.
    """
    n_splits = len(differences)
    if n_splits < LEAST_SPLITS:
        raise ProtocolError(f"a test over splits needs at least {LEAST_SPLITS} of them, and there are {n_splits}")
    means = np.mean([each.mean(axis=1) for each in differences], axis=0)
    if not all(enough_users(each.shape[1]) for each in differences):
        nan = float("nan")
        return [Comparison(float(mean), nan, nan, nan, nan, about_algorithms=True) for mean in means]
    inflation = 1 + n_splits * overlap
    if same_users:
        crossed = np.stack(differences, axis=1)
        error = error_over_users_and_seeds(crossed, inflation)
        spreads = np.std(crossed.mean(axis=1), axis=1, ddof=1)
    else:
        error = _error_over_other_users(differences, inflation)
        spreads = np.mean([each.var(axis=1, ddof=1) for each in differences], axis=0) ** 0.5
    return comparisons_by(error, means, spreads, about_algorithms=True, confidence=confidence)


def _error_over_other_users(differences: Sequence[Values], inflation: float) -> MeanError:
    """Return the error of means over splits that do not evaluate the same users; see `comparisons_over_splits`."""
    of_users = np.mean([each.var(axis=1, ddof=1) / each.shape[1] for each in differences], axis=0)
    of_splits = np.var([each.mean(axis=1) for each in differences], axis=0, ddof=1)
    between = inflation * of_splits / len(differences)
    total = of_users + between
    share = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    fewest = min(each.shape[1] for each in differences)
    return MeanError(total, fewest - 1, len(differences) - 1, share)
