"""The expected gain of the held-out item: over the orders of tied items, and over draws of negatives (P15, P16).

Ties follow McSherry & Najork, "Computing information retrieval performance measures efficiently in the presence of
tied scores", ECIR 2008: a held-out item with ``g`` better and ``t`` tied rivals has each of the ranks
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


def mean_over_ties(ranks: Ranks, gains: npt.NDArray[np.float64]) -> PerUser:
    """Return the mean gain over all orders of the tied items; float64, ``(n_eval,)``.

    Parameters
    ----------
    gains
        float64, ``(k,)``: of the ranks ``1 .. k``; later ranks gain nothing.
    """
    gain_up_to = np.concatenate(([0.0], np.cumsum(gains)))
    first, last = ranks.n_better, ranks.n_better + ranks.n_tied + 1
    sums: PerUser = gain_up_to[np.minimum(last, gains.size)] - gain_up_to[np.minimum(first, gains.size)]
    return sums / (ranks.n_tied + 1)


class Draws:
    """All draws of some negatives among each user's rivals, without replacement, each with the same chance.

    Their mean removes the noise of one draw, not the bias of sampling (Krichene & Rendle, KDD 2020). With ``N`` rivals,
    ``g`` better and ``t`` tied, ``x`` of ``m`` drawn rivals come before the held-out item with the chance

        P_x = 1/(t+1) * sum over j = 0 .. t of hypergeom.pmf(x; N, g+j, m)
            = (N+1)/((m+1)(t+1)) * [cdf(x; N+1, g, m+1) - cdf(x; N+1, g+t+1, m+1)],

    where the second form takes O(k) for any number of ties. The expected gain is the sum of ``P_x * gain(x + 1)``.
    Worked: N=4, g=1, t=1, m=2 gives P_0 = 1/3, P_1 = 7/12 and P_2 = 1/12.

    Parameters
    ----------
    ranks
        Of the full ranking: against every untouched item.
    n_drawn
        How many rivals are drawn.
    most_places
        The largest cut-off that will be asked for, where it is known: the chances are then computed once.

    Raises
    ------
    ProtocolError
        If a user has fewer rivals than are drawn.
    """

    def __init__(self, ranks: Ranks, n_drawn: int, most_places: int = 0) -> None:
        n_short = int(np.sum(ranks.n_rivals < n_drawn))
        if n_short:
            raise ProtocolError(
                f"{n_short} of {ranks.n_rivals.size} users have fewer than {n_drawn} rivals (the fewest: "
                f"{ranks.n_rivals.min()}), so the expectation over draws of {n_drawn} is undefined; draw fewer"
            )
        self.ranks, self.n_drawn = ranks, n_drawn
        self._most_places, self._chances = most_places, np.empty((0, 0))

    def mean_gain(self, gains: npt.NDArray[np.float64]) -> PerUser:
        """Return the mean gain over all draws and all orders of tied items; float64, ``(n_eval,)``.

        Parameters
        ----------
        gains
            float64, ``(k,)``: of the ranks ``1 .. k``; later ranks gain nothing.
        """
        n_places = min(gains.size, self.n_drawn + 1)
        if self._chances.shape[1] < n_places:
            most = max(n_places, min(self._most_places, self.n_drawn + 1))
            self._chances = _chances_of_places(self.ranks, self.n_drawn, most)
        # Contiguous, so that a sum has the same bits whatever the other cut-offs are.
        means: PerUser = np.ascontiguousarray(self._chances[:, :n_places]) @ gains[:n_places]
        return means


def _chances_of_places(ranks: Ranks, n_drawn: int, n_places: int) -> npt.NDArray[np.float64]:
    """Return ``P_x`` for ``x = 0 .. n_places - 1``; float64, ``(n_eval, n_places)``."""
    n_rivals, n_better, n_tied = (count.astype(np.int64) for count in (ranks.n_rivals, ranks.n_better, ranks.n_tied))
    chances = np.empty((n_rivals.size, n_places))
    untied = n_tied == 0
    chances[untied] = _hypergeometric(n_places, n_rivals[untied], n_better[untied], n_drawn)
    n_rivals, n_better, n_tied = (count[~untied] for count in (n_rivals, n_better, n_tied))
    if n_tied.size:
        before = _hypergeometric(n_places, n_rivals + 1, n_better, n_drawn + 1).cumsum(axis=1)
        behind = _hypergeometric(n_places, n_rivals + 1, n_better + n_tied + 1, n_drawn + 1).cumsum(axis=1)
        chances[~untied] = ((n_rivals + 1) / ((n_drawn + 1) * (n_tied + 1)))[:, None] * (before - behind)
    return chances


def _hypergeometric(
    n_x: int, n_all: npt.NDArray[np.int64], n_marked: npt.NDArray[np.int64], n_drawn: int
) -> npt.NDArray[np.float64]:
    """Return the chances that ``x = 0 .. n_x - 1`` of those drawn are marked; float64, ``(n, n_x)``.

    ``scipy.stats.hypergeom.pmf`` says the same, at microseconds a value, which is minutes for a large dataset. Here

        P(x) = C(m, x) * prod over i < m - x of (N-g-i)/(N-i) * prod over j < x of (g-j)/(N-m+1+j).

    For many drawn items one product falls below the smallest float and the other rises above the largest, so both are
    kept as mantissa and exponent.

    Parameters
    ----------
    n_all, n_marked
        ``N`` and ``g``, ``(n,)`` each, with ``N >= n_drawn >= n_x - 1``.
    n_drawn
        ``m``.
    """
    mantissas, exponents = np.empty((n_all.size, n_x)), np.empty((n_all.size, n_x), dtype=np.int64)
    mantissa, exponent = np.ones(n_all.size), np.zeros(n_all.size, dtype=np.int64)
    for i in range(n_drawn + 1):
        if n_drawn - i < n_x:
            mantissas[:, n_drawn - i], exponents[:, n_drawn - i] = mantissa, exponent
        mantissa, shift = np.frexp(mantissa * (n_all - n_marked - i) / np.maximum(n_all - i, 1))
        exponent = exponent + shift
    mantissa, exponent = np.ones(n_all.size), np.zeros(n_all.size, dtype=np.int64)
    for x in range(1, n_x):
        step = mantissa * (n_marked - x + 1) / (n_all - n_drawn + x) * ((n_drawn - x + 1) / x)
        mantissa, shift = np.frexp(step)
        exponent = exponent + shift
        mantissas[:, x] *= mantissa
        exponents[:, x] += exponent
    chances: npt.NDArray[np.float64] = np.ldexp(mantissas, exponents)
    return chances
