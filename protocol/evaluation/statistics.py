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
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Values = npt.NDArray[np.float64]
    Numbers = Values | float

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
        variance = float(self.error.variance)
        if variance == 0:
            is_known = self.difference == 0 or self.p_value <= level
            return (self.difference, self.difference) if is_known else (-math.inf, math.inf)
        half_width = float(self.error.critical_value(level)) * math.sqrt(variance)
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
    return comparisons_of_differences(differences[None], about_algorithms=about_algorithms, confidence=confidence)[0]


def comparisons_of_differences(
    differences: Values, *, about_algorithms: bool, confidence: float = 0.95
) -> list[Comparison]:
    """Return what `comparison_of_differences` returns for each of several pairs of recommenders, in one pass.

    Parameters
    ----------
    differences
        float64, ``(n_pairs, n_seeds, n_eval)``.

    Raises
    ------
    ProtocolError
        As `comparison_of_differences`.
    """
    _, n_seeds, n_users = differences.shape
    if about_algorithms and 1 < n_seeds < LEAST_SEEDS:
        raise ProtocolError(
            f"a claim about algorithms needs at least {LEAST_SEEDS} training seeds, and there are {n_seeds}"
        )
    of_users = differences.mean(axis=1)
    means = of_users.mean(axis=1)
    if not enough_users(n_users):
        nan = float("nan")
        return [Comparison(float(mean), nan, nan, nan, nan, about_algorithms) for mean in means]
    crossed = about_algorithms and n_seeds > 1
    error = error_over_users_and_seeds(differences) if crossed else _error_over_users(of_users)
    spreads = np.std(of_users, axis=1, ddof=1)
    return comparisons_by(error, means, spreads, about_algorithms=about_algorithms, confidence=confidence)


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
    return comparisons_by(
        error, np.array([difference]), np.array([spread]), about_algorithms=about_algorithms, confidence=confidence
    )[0]


def comparisons_by(
    error: MeanError, differences: Values, spreads: Values, *, about_algorithms: bool, confidence: float = 0.95
) -> list[Comparison]:
    """Return the comparisons of several mean differences, ``(n_pairs,)``; see `comparison_by`."""
    half_widths = error.critical_value(1 - confidence) * np.sqrt(error.variance)
    columns = (
        differences,
        differences - half_widths,
        differences + half_widths,
        _p_values(differences, error),
        _in_units_of(differences, spreads),
    )
    return [
        Comparison(float(mean), float(low), float(high), float(p_value), float(effect_size), about_algorithms, of_mean)
        for mean, low, high, p_value, effect_size, of_mean in zip(*columns, error.each(len(differences)), strict=True)
    ]


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
    """The error of a mean, or of several, and its distribution in units of it (see `comparison_of_differences`).

    Parameters
    ----------
    variance
        The variance of the mean; a number, or one for each mean.
    of_users, of_seeds
        The degrees of freedom.
    share
        The share of the seeds in the variance, 0 to 1, likewise; at 0 the distribution is Student's t of the users.
    """

    variance: Numbers
    of_users: int
    of_seeds: int = LEAST_SEEDS - 1
    share: Numbers = 0.0

    def each(self, n_means: int) -> Iterator[MeanError]:
        """Yield the error of each of several means."""
        variances, shares = (np.broadcast_to(values, n_means) for values in (self.variance, self.share))
        for variance, share in zip(variances, shares, strict=True):
            yield MeanError(float(variance), self.of_users, self.of_seeds, float(share))

    def critical_value(self, p: Numbers) -> Any:
        """Return the value that the quotient exceeds in absolute value with chance ``p``."""
        return self._critical_value(p, self.share)

    def _critical_value(self, p: Numbers, share: Numbers) -> Any:
        from scipy.special import stdtrit

        users, seeds = (stdtrit(freedom, np.asarray(p) / 2) ** 2 for freedom in (self.of_users, self.of_seeds))
        counted = (self.of_seeds - 2) / self.of_seeds
        return np.sqrt(np.maximum(users, counted * (1 - share) * users + share * seeds))

    def p_value(self, quotients: Values) -> Values:
        """Return the chance that the absolute quotient exceeds each of these, ``(n,)``, which are 0 or more."""
        from scipy.special import stdtr

        shares = np.broadcast_to(self.share, quotients.shape)
        found = np.asarray(2 * stdtr(self.of_users, -quotients))
        least, most = (self._critical_value(math.exp(log_p), shares) for log_p in _LOG_P)
        mixed = (shares > 0) & (quotients > most)
        found[mixed & (quotients >= least)] = 0.0
        mixed &= quotients < least
        if mixed.any():
            from scipy.optimize.elementwise import find_root  # It takes as long as all else that a table imports.

            def excess(log_p: Values, share: Values, quotient: Values) -> Any:
                return np.log(self._critical_value(np.exp(log_p), share) / quotient)

            found[mixed] = np.exp(find_root(excess, _LOG_P, args=(shares[mixed], quotients[mixed])).x)
        return found


def _error_over_users(of_users: Values) -> MeanError:
    """Return the error of means over users, ``(..., n_users)``, if only users vary."""
    n_users = of_users.shape[-1]
    return MeanError(np.var(of_users, axis=-1, ddof=1) / n_users, n_users - 1)


def error_over_users_and_seeds(differences: Values, inflation: float = 1.0) -> MeanError:
    """Return the error of means over users and seeds, if both vary.

    Parameters
    ----------
    differences
        float64, ``(..., n_seeds, n_eval)``.
    inflation
        How many times the variance between the seeds counts: more than once where they are not independent.
    """
    n_seeds, n_users = differences.shape[-2:]
    of_seeds, of_users = differences.mean(axis=-1, keepdims=True), differences.mean(axis=-2, keepdims=True)
    mean = of_users.mean(axis=-1, keepdims=True)
    axes = (-2, -1)
    users = n_seeds * np.sum((of_users - mean) ** 2, axis=axes) / (n_users - 1)
    seeds = inflation * n_users * np.sum((of_seeds - mean) ** 2, axis=axes) / (n_seeds - 1)
    rest = differences - of_seeds - of_users + mean
    within = np.sum(rest**2, axis=axes) / ((n_users - 1) * (n_seeds - 1))
    total = np.maximum(users - within, 0.0) + seeds
    share = np.divide(seeds, total, out=np.zeros_like(total), where=total > 0)
    # Where seeds do not differ, and users less than by chance, only users vary.
    only_users = np.var(of_users, axis=axes, ddof=1) / n_users
    variance = np.where(total > 0, total / (n_seeds * n_users), only_users)
    return MeanError(variance, n_users - 1, n_seeds - 1, share)


def _p_values(differences: Values, error: MeanError) -> Values:
    """Return the p-values of mean differences, ``(n_pairs,)``.

    Where all users have the same difference, there is no spread to test by. The p-value is then that of the sign test:
    the chance that all signs are equal, ``2 / 2^n``.
    """
    variances = np.broadcast_to(error.variance, differences.shape)
    has_spread = variances > 0
    quotients = np.zeros(differences.shape)
    np.divide(np.abs(differences), np.sqrt(variances), out=quotients, where=has_spread)
    without = np.where(differences == 0, 1.0, 2.0**-error.of_users)
    return np.where(has_spread, error.p_value(quotients), without)


def _in_units_of(differences: Values, spreads: Values) -> Values:
    """Return each difference over its spread; 0 over 0 is 0, and x over 0 is infinite with the sign of x."""
    without = np.where(differences == 0, 0.0, np.copysign(np.inf, differences))
    return np.divide(differences, spreads, out=without, where=spreads > 0)
