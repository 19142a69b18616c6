"""The metrics: one entry of `METRICS` each, and everything that shows metrics goes through the entries (P15, P16).

A metric is a function of ranks, one value per user, and the mean over all orders of tied items. This module imports
nothing heavy, because the command line's help names the metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from protocol.evaluation.expectation import Draws, PerUser
    from protocol.evaluation.ranking import Ranks


@dataclass(frozen=True)
class Metric:
    """A metric: from 0 to 1, where higher is better.

    Parameters
    ----------
    name
        As ``--metric`` takes it and as tables show it, without a cut-off.
    explanation
        One sentence with a worked number; ``k`` is the cut-off.
    gain
        The definition: what a held-out item without ties gains, from its rank, the number of its rivals, and ``k``.
    values
        Of ranks and ``k``: the gain of each user, as the mean over the orders of tied items; float64, ``(n_eval,)``.
    expected
        Of draws and ``k``: the same over all draws of negatives, exactly; None where no such form is known.
    reference
        The key of its source in ``bench/references.bib``; None where there is nothing to cite.
    has_cutoff
        Whether ranks beyond ``k`` gain nothing; if not, ``k`` plays no part.
    by_default
        Whether tables show it where no metric is named.
    """

    name: str
    explanation: str
    gain: Callable[[int, int, int], float]
    values: Callable[[Ranks, int], PerUser]
    expected: Callable[[Draws, int], PerUser] | None
    reference: str | None = None
    has_cutoff: bool = True
    by_default: bool = False

    def label(self, k: int) -> str:
        """Return ``NDCG@10``, or ``AUC``, which has no cut-off."""
        return f"{self.name}@{k}" if self.has_cutoff else self.name


def at_cutoff(
    name: str,
    gain: Callable[[int, int], float],
    explanation: str,
    reference: str | None = None,
    *,
    by_default: bool = False,
) -> Metric:
    """Return a metric that sees the first ``k`` ranks only; values and expectation follow from the gain.

    Parameters
    ----------
    gain
        Of a rank from 1 to ``k``, and of ``k``.
    """

    def gains(k: int) -> npt.NDArray[np.float64]:
        import numpy as np

        _check_cutoff(k)
        return np.array([gain(rank, k) for rank in range(1, k + 1)], dtype=np.float64)

    def values(ranks: Ranks, k: int) -> PerUser:
        from protocol.evaluation.expectation import mean_over_ties

        return mean_over_ties(ranks, gains(k))

    return Metric(
        name,
        explanation,
        gain=lambda rank, _, k: gain(rank, k) if rank <= k else 0.0,
        values=values,
        expected=lambda draws, k: draws.mean_gain(gains(k)),
        reference=reference,
        by_default=by_default,
    )


def auc(ranks: Ranks) -> PerUser:
    """Return the share of rivals that score lower than the held-out item, a tie counting one half.

    One float64 for each user, ``(n_eval,)``. 3 better and 2 tied of 10 rivals -> (5 + 1) / 10 = 0.6. A user without
    rivals has 1, as in all other metrics: the held-out item is first.
    """
    import numpy as np

    lost = ranks.n_better + 0.5 * ranks.n_tied
    return 1.0 - lost / np.maximum(ranks.n_rivals, 1)


_HR = at_cutoff(
    "HR",
    lambda _rank, _k: 1.0,
    "HR@k is the share of users whose held-out item is among the first k: rank 2 is a hit at 10 and none at 1.",
    by_default=True,
)
_NDCG = at_cutoff(
    "NDCG",
    lambda rank, _k: 1 / log2(rank + 1),
    "NDCG@k is 1 / log2(rank + 1) for a rank up to k, else 0: rank 2 gives 1 / log2(3) = .6309.",
    "jarvelin2002cumulated",
    by_default=True,
)
_MRR = at_cutoff(
    "MRR",
    lambda rank, _k: 1 / rank,
    "MRR@k is 1 / rank for a rank up to k, else 0: rank 4 gives .2500.",
    "voorhees1999trec",
)
_AUC = Metric(
    "AUC",
    "AUC is the share of rivals that score lower than the held-out item, a tie counting one half, and 1 for a user "
    "without rivals: rank 4 among 100 rivals gives .9700.",
    gain=lambda rank, n_rivals, _: 1 - (rank - 1) / max(n_rivals, 1),
    values=lambda ranks, _: auc(ranks),
    # The share is linear in the number of better rivals, so its mean over draws is the share among all rivals.
    expected=lambda draws, _: auc(draws.ranks),
    reference="hanley1982meaning",
    has_cutoff=False,
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (_HR, _NDCG, _MRR, _AUC)}
"""The metrics by name, in the order of help and tables."""

PRIMARY = "NDCG"
"""The metric that sorts, is tested and selects, wherever it is shown."""

SAME_WITH_ONE_HELD_OUT = {"Recall": "HR", "MAP": "MRR"}
"""Metrics that go by another name here."""

ONE_HELD_OUT = "with one held-out item per user, " + " and ".join(
    f"{name}@k is {same}@k" for name, same in SAME_WITH_ONE_HELD_OUT.items()
)


def hit_rate(ranks: Ranks, k: int) -> PerUser:
    """Return the chance that the held-out item is among the first ``k``; float64, ``(n_eval,)``.

    One better rival and none tied is rank 2: a hit at 10, none at 1. A constant scorer among 100 rivals has 10/101.
    """
    return _HR.values(ranks, k)


def ndcg(ranks: Ranks, k: int) -> PerUser:
    """Return the normalised discounted cumulative gain at ``k`` of the one held-out item; float64, ``(n_eval,)``.

    The gain at rank ``r`` is ``1 / log2(r + 1)`` and the ideal is 1 (Järvelin & Kekäläinen, ACM TOIS 2002):
    rank 2 -> 1/log2(3) = 0.6309; rank 11 at 10 -> 0.
    """
    return _NDCG.values(ranks, k)


def default_metrics() -> tuple[str, ...]:
    """Return the names of the metrics that tables show where none is named."""
    return tuple(name for name, metric in METRICS.items() if metric.by_default)


def check_metric(name: str) -> str:
    """Return the name of a metric.

    Raises
    ------
    ProtocolError
        If there is no such metric, saying what there is. Recall and MAP are refused with the names they have here.
    """
    if name in METRICS:
        return name
    plain, at, _ = name.partition("@")
    if plain.lower() in (other.lower() for other in SAME_WITH_ONE_HELD_OUT):
        raise ProtocolError(f"no metric is called {name!r}: {ONE_HELD_OUT}")
    hint = "; the cut-off is an option of its own, k" if at and plain in METRICS else ""
    raise ProtocolError(f"unknown metric {name!r}; there are {', '.join(METRICS)}{hint}")


def check_metrics(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the metrics to show, each once, in the order given: the default ones for None, and one for a text.

    Raises
    ------
    ProtocolError
        If one is unknown, or the list is empty.
    """
    if names is None:
        return default_metrics()
    found = tuple(dict.fromkeys(check_metric(name) for name in ((names,) if isinstance(names, str) else names)))
    if not found:
        raise ProtocolError(f"no metric is named; name one or more of {', '.join(METRICS)}")
    return found


def primary_of(metrics: Sequence[str]) -> str:
    """Return the metric that sorts and is tested: NDCG where it is among them, else the first."""
    return PRIMARY if PRIMARY in metrics else metrics[0]


def _check_cutoff(k: int) -> None:
    if k < 1:
        raise ProtocolError(f"the cut-off k is {k}, expected 1 or more")
