"""The users of the drawn views: those whose held-out item has a training interaction (P7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.counts import count_train
from protocol.tasks.split_rule import IMPORTED

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.tasks.counts import TrainCounts
    from protocol.tasks.task import Task

    Mask = npt.NDArray[np.bool_]


def leaves_out_cold(n_negatives: int, split: str) -> bool:
    """Return whether a task draws its negatives, so that users with a cold held-out item are left out.

    Parameters
    ----------
    n_negatives
        Of each user; 0 where the whole catalogue is ranked.
    split
        The part ``split`` of the task.
    """
    return n_negatives > 0 and split != IMPORTED


def has_warm_heldout(counts: TrainCounts) -> Mask:
    """Return whether each user's held-out item has a training interaction; bool, ``(n_eval,)``."""
    return counts.heldout > 0


def compared_users(task: Task) -> Mask:
    """Return which users count where the ranks against a task's candidates become figures; bool, ``(n_eval,)``.

    Raises
    ------
    ProtocolError
        If no user counts.
    """
    candidates = task.candidates
    if not leaves_out_cold(candidates.negatives.shape[1], task.parts["split"]):
        return np.ones(candidates.n_evaluated, dtype=np.bool_)
    found = has_warm_heldout(count_train(task.train, candidates))
    if not found.any():
        raise ProtocolError(
            f"{task.dataset}: none of the {found.size:,} held-out items of the {task.purpose} task has a training "
            "interaction, so none can be compared with drawn negatives; use data with more interactions for each item, "
            "or rank all items with --negatives 0"
        )
    return found


def check_compared(task: Task) -> None:
    """Refuse a task in which no user counts, before anything is fitted.

    Raises
    ------
    ProtocolError
        See `compared_users`.
    """
    compared_users(task)
