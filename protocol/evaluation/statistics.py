"""Test whether two recommenders differ, by their per-user values (P24).

The tests are paired t-tests on per-user values. Wilcoxon's test and the sign test report differences that do not exist
too often here (Ihemelandu & Ekstrand, SIGIR 2023). There are two kinds of claim. One is about *these trained models*,
for other users like these. The other is about the *algorithms*, for such users and for training again. It needs at
least three training seeds of every random algorithm, because a seed moves all users at once, and no number of users
averages that out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    import numpy.typing as npt

_LOG_P = (-300.0, -1e-6)
"""Logarithms of the smallest and the largest p-value that is computed; below, SciPy's quantiles can be 0."""

LEAST_SEEDS = 3
"""The fewest training seeds of a random algorithm for a claim about algorithms.

Two seeds give one number about their spread. No critical value was found that keeps its level, within one percentage
point at 5 %, for every share of the variance that seeds may have.
"""


LEAST_USERS = 10
"""The fewest users for a test.

With fewer, a paired t-test does not keep its level. Differences of hit rates are -1, 0 or 1, and all users can have the
same one by chance: tests at 5 % give up to 50 % false alarms with 2 users, 25 % with 3 and 12 % with 4 or 7. From 10
users on it is at most 6.6 % (enumerated in ``tests/protocol/evaluation/test_statistics.py``).
"""


def enough_users(n_users: int) -> bool:
    """Return whether there are enough users for a test."""
    return n_users >= LEAST_USERS


@dataclass(frozen=True)
class Comparison:
    """The difference between two recommenders over the same users.

    With fewer than `LEAST_USERS` users, everything but the difference is NaN.

    Parameters
    ----------
    difference, low, high
        The mean of the per-user differences, and its two-sided confidence interval.
    p_value
        The two-sided p-value of the hypothesis that they do not differ; not corrected (see `holm`).
    effect_size
        Cohen's d_z: the mean of the per-user differences (averaged over seeds) in units of their standard deviation.
    about_algorithms
        Whether the claim holds for training again; if not, it is about these trained models only, averaged over their
        seeds.
    error
        Of the difference; None where it is not known.
    """

    difference: float
    low: float
    high: float
    p_value: float
    effect_size: float
    about_algorithms: bool
    error: MeanError | None = None

    def interval(self, level: float) -> tuple[float, float]:
        """Return the two-sided interval that is without 0 exactly where the p-value is at most this level.

        NaN where the error is not known. Where all users have the same difference, it is that one number, or infinite
        if the sign test, by which the p-value is then, does not reject.
        """
        if self.error is None or math.isnan(level):
            return math.nan, math.nan
        if self.error.variance == 0:
            is_known = self.difference == 0 or self.p_value <= level
            return (self.difference, self.difference) if is_known else (-math.inf, math.inf)
        half_width = self.error.critical_value(level) * self.error.variance**0.5
        return self.difference - half_width, self.difference + half_width


def paired_comparison(
    ours: npt.NDArray[np.float64],
    theirs: npt.NDArray[np.float64],
    *,
    deterministic: tuple[bool, bool] = (False, False),
    confidence: float = 0.95,
) -> Comparison:
    """Compare two recommenders by their per-user values of one metric.

    Row ``s`` of ``theirs`` is subtracted from row ``s`` of ``ours``. Seeds of two algorithms are unrelated, so any
    pairing that is fixed beforehand is valid: none favours either, though the numbers differ a little. A single row is
    paired with every row of the other. The claim is about the algorithms if each of the two is deterministic or has at
    least `LEAST_SEEDS` rows; else it is about these trained models, averaged over their rows.

    Parameters
    ----------
    ours, theirs
        float64, ``(n_seeds, n_eval)`` each: one row per training seed, the same users in the same order.
    deterministic
        Whether training again gives the same model, for each of the two; then it has one row.

    Raises
    ------
    ProtocolError
        If the numbers of users differ, or both have several seeds and the numbers of seeds differ.
    """
    if ours.ndim != 2 or theirs.ndim != 2 or ours.shape[1] != theirs.shape[1]:
        raise ProtocolError(
            f"per-user values have shapes {ours.shape} and {theirs.shape}, "
            "expected (n_seeds, n_eval) each, of the same users"
        )
    if 1 < len(ours) != len(theirs) > 1:
        raise ProtocolError(
            f"{len(ours)} training seeds cannot be paired with {len(theirs)}; run both with the same --seeds, "
            "or compare over the seeds that both have"
        )
    enough = [fixed or len(values) >= LEAST_SEEDS for fixed, values in zip(deterministic, (ours, theirs), strict=True)]
    return comparison_of_differences(ours - theirs, about_algorithms=all(enough), confidence=confidence)


def comparison_of_differences(
    differences: npt.NDArray[np.float64], *, about_algorithms: bool, confidence: float = 0.95
) -> Comparison:
    """Test whether per-user differences have the mean 0.

    For a claim about trained models, or with one row, it is the paired t-test on each user's difference, averaged over
    seeds. For a claim about algorithms, ``differences[s, u]`` is taken as mean + effect of seed ``s`` + effect of user
    ``u`` + rest, all drawn independently. From the mean squares of this two-way layout the variance of the overall mean
    is

        se^2 = V_user + V_seed,
        V_user = max(MS_user - MS_rest, 0) / (n_seeds * n_users),    V_seed = MS_seed / (n_seeds * n_users),

    and the mean differs from 0 at level p if its square exceeds both of

        t_user^2 * (V_user + V_seed)    and    (f - 2) / f * t_user^2 * V_user + t_seed^2 * V_seed,

    where t_user = t(p; n_users - 1), t_seed = t(p; f) and f = n_seeds - 1. The first would be right if V_seed were
    known exactly. The second is exact if only seeds vary; it takes less of V_user, because for a large MS_seed the
    first is too large already. With 3 seeds it is the t-test of the seeds' means. The factor (f - 2) / f was chosen for
    the levels that it gives: with many users, tests at 5 % give 4.6 to 5.2 % false alarms with 3 seeds, and 4.9 to 5.4
    % with 4 to 20, for all shares of the variance; at lower levels, which Holm's correction uses, never more than 1.1
    times the level, but with few seeds down to a sixth of it at .1 % (integrated in
    ``tests/protocol/evaluation/test_statistics.py``, simulated on real values in ``results/simulation/``). Student's t
    with Satterthwaite's degrees of freedom (Biometrics Bulletin 2, 1946), the usual choice, gives up to 7.7 % with 3
    seeds.

    If seeds happen to differ less than by chance, se^2 is below the variance over users alone. A lower bound there
    would make it too large on average.

    Parameters
    ----------
    differences
        float64, ``(n_seeds, n_eval)``. Fewer than `LEAST_USERS` users allow no claim: everything but the difference is
        then NaN.
    about_algorithms
        Whether the claim is about training again; with one row, whether both recommenders are deterministic.

    Raises
    ------
    ProtocolError
        If the claim is to be about algorithms and there are several rows, but fewer than `LEAST_SEEDS`.
    """
    if about_algorithms and 1 < len(differences) < LEAST_SEEDS:
        raise ProtocolError(
            f"a claim about algorithms needs at least {LEAST_SEEDS} training seeds, and there are {len(differences)}"
        )
    of_users = differences.mean(axis=0)
    difference = float(of_users.mean())
    if not enough_users(of_users.size):
        nan = float("nan")
        return Comparison(difference, nan, nan, nan, nan, about_algorithms)
    crossed = about_algorithms and len(differences) > 1
    error = error_over_users_and_seeds(differences) if crossed else _error_over_users(of_users)
    return comparison_by(
        error, difference, float(np.std(of_users, ddof=1)), about_algorithms=about_algorithms, confidence=confidence
    )


def comparison_by(
    error: MeanError, difference: float, spread: float, *, about_algorithms: bool, confidence: float = 0.95
) -> Comparison:
    """Return the comparison of a mean difference whose error is known.

    Parameters
    ----------
    spread
        The standard deviation of the per-user differences.
    about_algorithms
        See `Comparison`.
    """
    half_width = error.critical_value(1 - confidence) * error.variance**0.5
    return Comparison(
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        p_value=_p_value(difference, error, error.of_users + 1),
        effect_size=_in_units_of(difference, spread),
        about_algorithms=about_algorithms,
        error=error,
    )


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return Holm's adjusted p-values: claims with values up to alpha are all true with a chance of 1 - alpha.

    The smallest of ``m`` is multiplied by ``m``, the next by ``m - 1``, ...; none is below the one before it or above 1
    (Holm, Scandinavian Journal of Statistics 6, 1979). Worked: .01, .04, .03 -> .03, .06, .06. NaN stays, uncounted.

    Parameters
    ----------
    p_values
        ``(n_tests,)``.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values)
    factors = np.count_nonzero(~np.isnan(values)) - np.arange(values.size)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def holm_levels(p_values: npt.ArrayLike, alpha: float) -> npt.NDArray[np.float64]:
    """Return the level at which Holm's procedure tests each p-value: it rejects those that are at most their level.

    The smallest of ``m`` is tested at ``alpha / m``, the next at ``alpha / (m - 1)``, ..., and from the first that is
    not rejected on, all at the level of that one. Worked: .01, .04, .03 at .05 -> .0167, .025, .025. NaN stays,
    uncounted.

    Parameters
    ----------
    p_values
        ``(n_tests,)``.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values)
    n_tests = np.count_nonzero(~np.isnan(values))
    levels = np.full(values.shape, np.nan)
    steps = alpha / (n_tests - np.arange(n_tests))
    kept = np.flatnonzero(values[order][:n_tests] > steps)
    levels[order[:n_tests]] = np.minimum(steps, steps[kept[0]]) if kept.size else steps
    return levels


@dataclass(frozen=True)
class MeanError:
    """The error of a mean, and the distribution of the mean in units of it (see `comparison_of_differences`).

    Parameters
    ----------
    variance
        The variance of the mean.
    of_users, of_seeds
        The degrees of freedom.
    share
        The share of the seeds in the variance, 0 to 1; at 0 the distribution is Student's t of the users.
    """

    variance: float
    of_users: int
    of_seeds: int = LEAST_SEEDS - 1
    share: float = 0.0

    def critical_value(self, p: float) -> float:
        """Return the value that the quotient exceeds in absolute value with chance ``p``."""
        from scipy.special import stdtrit

        users, seeds = (float(stdtrit(freedom, p / 2)) ** 2 for freedom in (self.of_users, self.of_seeds))
        counted = (self.of_seeds - 2) / self.of_seeds
        return float(max(users, counted * (1 - self.share) * users + self.share * seeds) ** 0.5)

    def p_value(self, quotient: float) -> float:
        """Return the chance that the absolute quotient exceeds this one, which is 0 or more."""
        from scipy.optimize import brentq
        from scipy.special import stdtr

        least, most = _LOG_P
        if self.share == 0 or quotient <= self.critical_value(math.exp(most)):
            return float(2 * stdtr(self.of_users, -quotient))
        if quotient >= self.critical_value(math.exp(least)):
            return 0.0
        log_p = brentq(lambda log_p: math.log(self.critical_value(math.exp(log_p)) / quotient), least, most, xtol=1e-11)
        return math.exp(log_p)


def _error_over_users(of_users: npt.NDArray[np.float64]) -> MeanError:
    """Return the error of a mean over users, if only users vary."""
    return MeanError(float(np.var(of_users, ddof=1)) / of_users.size, of_users.size - 1)


def error_over_users_and_seeds(differences: npt.NDArray[np.float64], inflation: float = 1.0) -> MeanError:
    """Return the error of a mean over users and seeds, if both vary.

    Parameters
    ----------
    differences
        float64, ``(n_seeds, n_eval)``.
    inflation
        How many times the variance between the seeds counts: more than once where they are not independent.
    """
    n_seeds, n_users = differences.shape
    mean, of_seeds, of_users = differences.mean(), differences.mean(axis=1), differences.mean(axis=0)
    rest = differences - of_seeds[:, None] - of_users + mean
    users = n_seeds * np.sum((of_users - mean) ** 2) / (n_users - 1)
    seeds = inflation * n_users * np.sum((of_seeds - mean) ** 2) / (n_seeds - 1)
    within = np.sum(rest**2) / ((n_users - 1) * (n_seeds - 1))
    total = max(users - within, 0.0) + seeds
    if total == 0:
        return _error_over_users(of_users)
    return MeanError(float(total / (n_seeds * n_users)), n_users - 1, n_seeds - 1, float(seeds / total))


def _p_value(difference: float, error: MeanError, n_users: int) -> float:
    """Return the p-value of a mean difference.

    Where all users have the same difference, there is no spread to test by. The p-value is then that of the sign test:
    the chance that all signs are equal, ``2 / 2^n``.
    """
    if error.variance == 0:
        return 1.0 if difference == 0 else 2.0 ** (1 - n_users)
    return error.p_value(abs(difference) / error.variance**0.5)


def _in_units_of(difference: float, spread: float) -> float:
    """Return ``difference / spread``; 0 / 0 is 0, and x / 0 is infinite with the sign of x."""
    if spread > 0 or difference == 0:
        return difference / spread if spread > 0 else 0.0
    return float(np.copysign(np.inf, difference))
