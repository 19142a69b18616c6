"""Accuracy as functions of ranks: one value per user, each the expectation over all orders of tied items (P15, P16).

Ties follow McSherry & Najork, "Computing information retrieval performance measures efficiently in the presence of
tied scores", ECIR 2008: a held-out item with ``g`` better and ``t`` tied rivals is at each of the ranks
``g + 1 .. g + t + 1`` with the same chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from protocol.evaluation.ranking import Ranks

PerUser = npt.NDArray[np.float64]
"""One value per evaluated user, ``(n_eval,)``."""


def hit_rate(ranks: Ranks, k: int) -> PerUser:
    """Return the chance that the held-out item is among the first ``k``; float64, ``(n_eval,)``.

    One better rival and none tied is rank 2: a hit at 10, none at 1. A constant scorer among 100 rivals has 10/101.
    """
    _check_cutoff(k)
    tied_and_itself = ranks.n_tied + 1
    hits: PerUser = np.asarray(np.clip(k - ranks.n_better, 0, tied_and_itself)) / tied_and_itself
    return hits


def ndcg(ranks: Ranks, k: int) -> PerUser:
    """Return the normalised discounted cumulative gain at ``k`` of the one held-out item; float64, ``(n_eval,)``.

    The gain at rank ``r`` is ``1 / log2(r + 1)`` and the ideal is 1 (Järvelin & Kekäläinen, ACM TOIS 2002):
    rank 2 -> 1/log2(3) = 0.6309; rank 11 at 10 -> 0.
    """
    _check_cutoff(k)
    gain_up_to = np.concatenate(([0.0], np.cumsum(_discounts(k))))
    first, last = ranks.n_better, ranks.n_better + ranks.n_tied + 1
    gains: PerUser = gain_up_to[np.minimum(last, k)] - gain_up_to[np.minimum(first, k)]
    return gains / (ranks.n_tied + 1)


def reciprocal_rank(ranks: Ranks) -> PerUser:
    """Return one over the rank of the held-out item; float64, ``(n_eval,)``.

    Rank 4 -> 0.25; tied for ranks 1 and 2 -> (1 + 1/2) / 2 = 0.75.
    """
    last = ranks.n_better + ranks.n_tied + 1
    harmonic = np.concatenate(([0.0], np.cumsum(1.0 / np.arange(1, last.max(initial=1) + 1))))
    tied = (harmonic[last] - harmonic[ranks.n_better]) / (ranks.n_tied + 1)
    return np.where(ranks.n_tied == 0, 1.0 / last, tied)


def auc(ranks: Ranks) -> PerUser:
    """Return the share of rivals that the held-out item beats, a tie counting one half; float64, ``(n_eval,)``.

    3 better and 2 tied of 10 rivals -> (5 + 1) / 10 = 0.6. Without rivals there is nothing to lose to: 1.
    """
    lost = ranks.n_better + 0.5 * ranks.n_tied
    return 1.0 - lost / np.maximum(ranks.n_rivals, 1)


def expected_under_sampling(ranks: Ranks, n_drawn: int, k: int) -> tuple[PerUser, PerUser]:
    """Return hit rate and NDCG at ``k`` expected over all draws of ``n_drawn`` of each user's rivals.

    It removes the noise of one draw, not the bias of sampling (Krichene & Rendle, KDD 2020). With ``N`` rivals, ``g``
    better and ``t`` tied, ``x`` drawn rivals come before the held-out item with the chance

        P_x = 1/(t+1) * sum over j = 0 .. t of hypergeom.pmf(x; N, g+j, m)
            = (N+1)/((m+1)(t+1)) * [cdf(x; N+1, g, m+1) - cdf(x; N+1, g+t+1, m+1)],

    where the second form takes O(k) for any number of ties. Then HR@k is the sum of ``P_x`` for ``x < k``, and NDCG@k
    the sum of ``P_x / log2(x + 2)``. Worked: N=4, g=1, t=1, m=2 gives P_0 = 1/3, P_1 = 7/12 and HR@1 = 0.3333.

    Parameters
    ----------
    ranks
        Of the full ranking: against every untouched item.
    n_drawn
        How many rivals are drawn, without replacement.

    Returns
    -------
    hit_rate, ndcg
        float64, ``(n_eval,)`` each.

    Raises
    ------
    ProtocolError
        If a user has fewer rivals than are to be drawn.
    """
    _check_cutoff(k)
    n_short = int(np.sum(ranks.n_rivals < n_drawn))
    if n_short:
        raise ProtocolError(
            f"{n_short} of {ranks.n_rivals.size} users have fewer than {n_drawn} rivals (the fewest: "
            f"{ranks.n_rivals.min()}), so the expectation over draws of {n_drawn} is undefined; draw fewer"
        )
    chances = _chances_of_places(ranks, n_drawn, min(k, n_drawn + 1))
    return chances.sum(axis=1), chances @ (1.0 / np.log2(np.arange(chances.shape[1]) + 2))


def _chances_of_places(ranks: Ranks, n_drawn: int, n_places: int) -> npt.NDArray[np.float64]:
    """Return ``P_x`` for ``x = 0 .. n_places - 1``; float64, ``(n_eval, n_places)``."""
    n_rivals, n_better, n_tied = (count.astype(np.int64) for count in (ranks.n_rivals, ranks.n_better, ranks.n_tied))
    untied = _hypergeometric(n_places, n_rivals, n_better, n_drawn)
    before = _hypergeometric(n_places, n_rivals + 1, n_better, n_drawn + 1).cumsum(axis=1)
    behind = _hypergeometric(n_places, n_rivals + 1, n_better + n_tied + 1, n_drawn + 1).cumsum(axis=1)
    tied = ((n_rivals + 1) / ((n_drawn + 1) * (n_tied + 1)))[:, None] * (before - behind)
    chances: npt.NDArray[np.float64] = np.where(n_tied[:, None] == 0, untied, tied)
    return chances


def _hypergeometric(
    n_x: int, n_all: npt.NDArray[np.int64], n_marked: npt.NDArray[np.int64], n_drawn: int
) -> npt.NDArray[np.float64]:
    """Return the chances that ``x = 0 .. n_x - 1`` of those drawn are marked; float64, ``(n, n_x)``.

    ``scipy.stats.hypergeom.pmf`` says the same, at microseconds a value, which is minutes for a large dataset. Here

        P(x) = C(m, x) * prod over i < m - x of (N-g-i)/(N-i) * prod over j < x of (g-j)/(N-m+1+j).

    Parameters
    ----------
    n_all, n_marked
        ``N`` and ``g``, ``(n,)`` each, with ``N >= n_drawn >= n_x - 1``.
    n_drawn
        ``m``.
    """
    chances = np.empty((n_all.size, n_x))
    none_marked = np.ones(n_all.size)
    for i in range(n_drawn + 1):
        if n_drawn - i < n_x:
            chances[:, n_drawn - i] = none_marked
        none_marked = none_marked * (n_all - n_marked - i) / np.maximum(n_all - i, 1)
    ways = np.ones(n_all.size)
    for x in range(1, n_x):
        ways = ways * (n_marked - x + 1) / (n_all - n_drawn + x) * ((n_drawn - x + 1) / x)
        chances[:, x] *= ways
    return chances


def _discounts(k: int) -> npt.NDArray[np.float64]:
    """Return ``1 / log2(rank + 1)`` for the ranks ``1 .. k``."""
    return 1.0 / np.log2(np.arange(2, k + 2))


def _check_cutoff(k: int) -> None:
    if k < 1:
        raise ProtocolError(f"the cut-off k is {k}, expected 1 or more")
