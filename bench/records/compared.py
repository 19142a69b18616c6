"""The users over whom a view of a record is a mean, and their ranks and counts (P7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.compared import has_warm_heldout, leaves_out_cold
from protocol.tasks.counts import TrainCounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from bench.names import View
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from protocol.evaluation.ranking import Ranks

    Mask = npt.NDArray[np.bool_]


def is_over_warm(task: RecordedTask, view: View) -> bool:
    """Return whether a view leaves out the users whose held-out item has no training interaction."""
    return view != "full" and leaves_out_cold(task.facts.n_negatives, task.parts.split)


def n_left_out(task: RecordedTask, view: View) -> int:
    """Return how many evaluated users a view leaves out because their held-out item has no training interaction."""
    return task.facts.n_cold_heldout if is_over_warm(task, view) else 0


def n_compared(task: RecordedTask, view: View) -> int:
    """Return how many users a view is over."""
    return task.facts.n_evaluated - n_left_out(task, view)


def compared_users(record: Record, view: View) -> Mask:
    """Return which of the evaluated users a view is over; bool, ``(n_eval,)``.

    Raises
    ------
    ProtocolError
        If the record does not say which users are left out, or says it of another number than its task.
    """
    facts, n_out = record.task.facts, n_left_out(record.task, view)
    if not is_over_warm(record.task, view) or (record.counts is None and not n_out):
        return np.ones(facts.n_evaluated if record.ranks is None else record.ranks.n_better.size, dtype=np.bool_)
    if record.counts is None:
        raise ProtocolError(
            f"the record of {record.recommender.label} holds no counts of training interactions, so it does not say "
            f"which {n_out:,} of {facts.n_evaluated:,} users the {view} view leaves out; make the record again"
        )
    found = has_warm_heldout(record.counts)
    n_cold = int(np.count_nonzero(~found))
    if n_cold != n_out:
        raise ProtocolError(
            f"the record of {record.recommender.label} counts {n_cold:,} held-out items without training interactions, "
            f"and its task has {n_out:,}; `recbench verify` names damaged records"
        )
    return found


def compared_ranks(record: Record) -> Ranks | None:
    """Return the ranks against the candidates of the users over whom figures are; None for a failure."""
    if record.ranks is None:
        return None
    return record.ranks.of(compared_users(record, "sampled" if record.task.facts.n_negatives else "full"))


def compared_counts(record: Record, view: View) -> TrainCounts | None:
    """Return the counts of the users whom a view is over; None if the record holds no counts."""
    if record.counts is None:
        return None
    counts, compared = record.counts, compared_users(record, view)
    return TrainCounts(counts.users[compared], counts.heldout[compared], counts.items)
