"""Beyond accuracy: coverage, popularity and novelty of the stored lists of each user's best items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.evaluation.beyond_accuracy import average_popularity, catalogue_coverage, exposure_gini, novelty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record

BEYOND_ACCURACY = ("coverage", "gini", "popularity", "novelty")
"""See `protocol.evaluation.beyond_accuracy` for each."""


def beyond_accuracy_values(records: Sequence[Record], k: int) -> dict[str, float]:
    """Return each of `BEYOND_ACCURACY` for the first ``k`` of the lists, ``"coverage@10"`` and so on: means over seeds.

    The result is empty if a record has no lists, or shorter ones.

    Raises
    ------
    ProtocolError
        If a value is not finite.
    """
    found = [_of_lists(record, k) for record in records]
    if not found or not all(found):
        return {}
    means = {f"{name}@{k}": float(mean) for name, mean in zip(BEYOND_ACCURACY, np.mean(found, axis=0), strict=True)}
    wrong = [name for name, mean in means.items() if not math.isfinite(mean)]
    if wrong:
        raise ProtocolError(
            f"{', '.join(wrong)} of {records[0].recommender.label} is not finite, so the lists of best items in its "
            "record are damaged; run it again into another folder (--out)"
        )
    return means


def _of_lists(record: Record, k: int) -> tuple[float, ...]:
    """Return the values of one record, in the order of their names; an empty tuple if there are none."""
    lists, counts = record.top_items, record.counts
    if lists is None or counts is None or lists.shape[1] < min(k, counts.items.size):
        return ()
    n_users = record.task.facts.n_users
    return (
        catalogue_coverage(lists, counts.items.size, k),
        exposure_gini(lists, counts.items.size, k),
        float(np.mean(average_popularity(lists, counts.items, k))),
        float(np.mean(novelty(lists, counts.items, n_users, k))),
    )
