"""Records whose order and marks depend on the view, so that a page has to sort and mark anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hand_made import FACTS, TIMEOUT, record, task

if TYPE_CHECKING:
    from bench.records.store import Record

N_USERS = 12

PLACES = {
    "steady": ([0] * 12, [9] * 12),
    "near": ([0] * 11 + [1], [30] * 12),
    "wide": ([3] * 12, [0] * 11 + [1]),
    "low": ([5] * 12, [0] * 12),
}
"""Ranks among the drawn negatives, and among all items.

By sampled NDCG@10 the order is steady, near, wide, low, and near differs from steady for one user of twelve: it is not
distinguishable. By full NDCG@10 it is low, wide, steady, near, and wide is not distinguishable from low.
"""

SAMPLED, FULL = ["steady", "near", "wide", "low", "broken"], ["low", "wide", "steady", "near", "broken"]


def two_orders() -> list[Record]:
    """Return the records, and one of a failure."""
    of = task(facts={**FACTS, "n_users": N_USERS, "n_evaluated": N_USERS})
    found = [
        record(label, sampled, full=full, fit=float(number), of=of)
        for number, (label, (sampled, full)) in enumerate(PLACES.items(), start=1)
    ]
    return [*found, record("broken", [], failure=TIMEOUT, of=of)]
