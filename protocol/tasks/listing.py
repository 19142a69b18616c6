"""List every rival of a task, for programs that cannot rank a whole catalogue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.candidates import draw_candidates

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task

MOST_LISTED = 10**8
"""The largest number of candidates that `written_out` lists; each takes some thirty bytes while it is in use."""


def written_out(task: Task, dataset: Dataset) -> Task:
    """Return the task with candidates that list every rival, for programs that cannot rank a whole catalogue.

    A task with drawn negatives is returned unchanged. In a task of the full ranking (P25), each user's list gets all
    untouched items. The digest stays the same.

    Parameters
    ----------
    dataset
        The task's dataset.

    Raises
    ------
    ProtocolError
        If there are more than `MOST_LISTED` candidates.
    """
    if not task.is_full_ranking:
        return task
    longest = int(task.n_untouched.max())
    n_listed = task.candidates.n_evaluated * (1 + longest)
    if n_listed > MOST_LISTED:
        raise ProtocolError(
            f"{dataset.name}: listing every untouched item of {task.candidates.n_evaluated:,} users takes "
            f"{n_listed:,} candidates, more than {MOST_LISTED:,}; draw some with --negatives 100"
        )
    users, heldout = task.candidates.users, task.candidates.heldout
    # Drawing as many as the largest number of untouched items draws all of them, whatever the keys.
    listed = draw_candidates(
        dataset.interactions.to_csr(np.bool_), users, heldout, task.column_keys, max(longest, 1), "all"
    )
    return replace(task, candidates=listed)
