"""How sure a mean over users is, and whether two recommenders differ (P17, P24).

Tests are paired t-tests on per-user values: Wilcoxon's and the sign test find differences where there are none too
often here (Ihemelandu & Ekstrand, SIGIR 2023). There are two claims. One is about *these trained models*, for other
users like these. The other is about the *algorithms*, for such users and for training again: it needs at least three
training seeds of whatever is random, because a seed moves all users at once, which no number of users averages out.
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
"""Logarithms of the least and the most that p-values are told apart; nearer to 0, SciPy's quantiles can be 0."""

LEAST_SEEDS = 3
"""Training seeds of whatever is random that a claim about algorithms needs.

With two, one number is all that is known of their spread: no critical value was found that holds its level, within one
percentage point at 5 %, for every share of the variance that seeds may have.
"""


@dataclass(frozen=True)
class Interval:
    """A mean and its two-sided confidence interval, ``mean - half_width .. mean + half_width``."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half_width


def mean_interval(values: npt.NDArray[np.float64], confidence: float = 0.95) -> Interval:
    """Return the mean of per-user values and Student's interval ``t(n - 1) * s / sqrt(n)`` around it.

    It is about these trained models, for other users like these; it says nothing about training again.

    Parameters
    ----------
    values
        float64, ``(n_eval,)``, one per user (averaged over training seeds where there are several). One value alone
        has no interval: the half-width is then NaN.
    """
    from scipy.special import stdtrit

    n = values.size
    mean = float(np.mean(values))
    if n < 2:
        return Interval(mean, float("nan"))
    half_width = stdtrit(n - 1, (1 + confidence) / 2) * np.std(values, ddof=1) / np.sqrt(n)
    return Interval(mean, float(half_width))


@dataclass(frozen=True)
class Comparison:
    """How far one recommender is above another, over the same users.

    Parameters
    ----------
    difference, low, high
        Mean of the per-user differences, and its two-sided confidence interval.
    p_value
        Of the hypothesis that they do not differ, two-sided; not corrected (see `holm`).
    effect_size
        Cohen's d_z: the mean of the per-user differences (averaged over seeds) in units of their standard deviation.
    about_algorithms
        Whether all this holds for training again; if not, it is about these trained models only, averaged over their
        seeds.
    """

    difference: float
    low: float
    high: float
    p_value: float
    effect_size: float
    about_algorithms: bool


def compare(
    ours: npt.NDArray[np.float64],
    theirs: npt.NDArray[np.float64],
    *,
    deterministic: tuple[bool, bool] = (False, False),
    confidence: float = 0.95,
) -> Comparison:
    """Compare two recommenders by their per-user values of one metric.

    Row ``s`` of one is subtracted from row ``s`` of the other. Seeds of two algorithms have nothing to do with each
    other, so any pairing that was fixed beforehand will do: none favours either, though figures differ a little. One
    row alone is compared with every row of the other. The claim is about the algorithms if each of the two is
    deterministic or has `LEAST_SEEDS` rows or more; else it is about these trained models, several rows being averaged.

    Parameters
    ----------
    ours, theirs
        float64, ``(n_seeds, n_eval)`` each: one row per training seed, the same users in the same order.
    deterministic
        Of each, whether training again gives the same model; then it has one row.

    Raises
    ------
    ProtocolError
        If the users are not as many, both have several seeds and not as many, or what is deterministic has two rows.
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
    return compare_differences(ours - theirs, about_algorithms=all(enough), confidence=confidence)


def compare_differences(
    differences: npt.NDArray[np.float64], *, about_algorithms: bool, confidence: float = 0.95
) -> Comparison:
    """Test whether per-user differences have the mean 0.

    About trained models, and with one row: the paired t-test on each user's difference, averaged over seeds. About
    algorithms: ``differences[s, u]`` is taken as mean + effect of seed ``s`` + effect of user ``u`` + rest, all drawn
    independently. From the mean squares of this two-way layout the variance of the overall mean is

        se^2 = V_user + V_seed,
        V_user = max(MS_user - MS_rest, 0) / (n_seeds * n_users),    V_seed = MS_seed / (n_seeds * n_users),

    and the mean differs from 0 at level p if its square is above both of

        t_user^2 * (V_user + V_seed)    and    (f - 2) / f * t_user^2 * V_user + t_seed^2 * V_seed,

    where t_user = t(p; n_users - 1), t_seed = t(p; f) and f = n_seeds - 1. The first is what it would be if V_seed were
    known exactly, the second is exact where only seeds count, and takes less of users, because where MS_seed comes out
    large the first is too large already. With 3 seeds it is the t-test of the seeds' means. The factor was chosen for
    the levels it gives: with many users, tests at 5 % give 4.6 to 5.2 % false alarms with 3 seeds, and 4.9 to 5.4 %
    with 4 to 20, whatever the shares; at lower levels, which Holm's correction comes to, never more than 1.1 times the
    level, but with few seeds down to a sixth of it at .1 % (integrated in ``tests/protocol/test_statistics.py``,
    simulated on real values in ``results/simulation/``). Student's t with Satterthwaite's degrees of freedom
    (Biometrics Bulletin 2, 1946), as is usual, gives up to 7.7 % with 3 seeds.

    Where seeds differ less than chance would have it, se^2 is below the variance over users alone: not to let it be
    would make it too large on average.

    Parameters
    ----------
    differences
        float64, ``(n_seeds, n_eval)``. One user alone allows no claim: all but the difference is then NaN.
    about_algorithms
        Whether the seeds represent training again; with one row, whether both recommenders are deterministic.

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
    if of_users.size < 2:
        nan = float("nan")
        return Comparison(difference, nan, nan, nan, nan, about_algorithms)
    crossed = about_algorithms and len(differences) > 1
    error = _error_over_users_and_seeds(differences) if crossed else _error_over_users(of_users)
    half_width = error.critical_value(1 - confidence) * error.variance**0.5
    return Comparison(
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        p_value=error.p_value(abs(_in_units_of(difference, error.variance**0.5))),
        effect_size=_in_units_of(difference, float(np.std(of_users, ddof=1))),
        about_algorithms=about_algorithms,
    )


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return Holm's adjusted p-values: those at most alpha belong to claims that are all true with chance 1 - alpha.

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


@dataclass(frozen=True)
class _Error:
    """How far a mean is off, and what the mean in units of that is held against (see `compare_differences`).

    Parameters
    ----------
    variance
        Of the mean.
    of_users, of_seeds
        Degrees of freedom.
    share
        Of the seeds in the variance, 0 to 1; at 0 there is Student's t of the users alone.
    """

    variance: float
    of_users: int
    of_seeds: int = LEAST_SEEDS - 1
    share: float = 0.0

    def critical_value(self, p: float) -> float:
        """Return what is exceeded in either direction with chance ``p``."""
        from scipy.special import stdtrit

        users, seeds = (float(stdtrit(freedom, p / 2)) ** 2 for freedom in (self.of_users, self.of_seeds))
        counted = (self.of_seeds - 2) / self.of_seeds
        return float(max(users, counted * (1 - self.share) * users + self.share * seeds) ** 0.5)

    def p_value(self, quotient: float) -> float:
        """Return the chance with which a quotient of 0 or more is exceeded in either direction."""
        from scipy.optimize import brentq
        from scipy.special import stdtr

        least, most = _LOG_P
        if self.share == 0 or quotient <= self.critical_value(math.exp(most)):
            return float(2 * stdtr(self.of_users, -quotient))
        if quotient >= self.critical_value(math.exp(least)):
            return 0.0
        log_p = brentq(lambda log_p: math.log(self.critical_value(math.exp(log_p)) / quotient), least, most, xtol=1e-11)
        return math.exp(log_p)


def _error_over_users(of_users: npt.NDArray[np.float64]) -> _Error:
    """Return the error of a mean with users as the only thing that varies."""
    return _Error(float(np.var(of_users, ddof=1)) / of_users.size, of_users.size - 1)


def _error_over_users_and_seeds(differences: npt.NDArray[np.float64]) -> _Error:
    """Return the error of a mean with users and seeds varying."""
    n_seeds, n_users = differences.shape
    mean, of_seeds, of_users = differences.mean(), differences.mean(axis=1), differences.mean(axis=0)
    rest = differences - of_seeds[:, None] - of_users + mean
    users = n_seeds * np.sum((of_users - mean) ** 2) / (n_users - 1)
    seeds = n_users * np.sum((of_seeds - mean) ** 2) / (n_seeds - 1)
    within = np.sum(rest**2) / ((n_users - 1) * (n_seeds - 1))
    total = max(users - within, 0.0) + seeds
    if total == 0:
        return _error_over_users(of_users)
    return _Error(float(total / (n_seeds * n_users)), n_users - 1, n_seeds - 1, float(seeds / total))


def _in_units_of(difference: float, spread: float) -> float:
    """Return the quotient: 0 / 0 is 0, and x / 0 is infinite with the sign of x."""
    if spread > 0 or difference == 0:
        return difference / spread if spread > 0 else 0.0
    return float(np.copysign(np.inf, difference))
