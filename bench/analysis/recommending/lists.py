"""The items that a row recommends to a user: those that the user did not touch, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.contract import FullRanker
from protocol.errors import RecbenchError, RecommenderError
from protocol.evaluation.ranking import checked_array, not_finite
from protocol.keyed import id_keys
from recommenders import registry

if TYPE_CHECKING:
    from bench.records.record import Record
    from protocol.contract import Recommender
    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task
    from protocol.types import IndexArray, Scores


def place_among_evaluated(task: Task, user: int) -> int | None:
    """Return a user's place among those that are evaluated; None for one that is not."""
    users = task.candidates.users
    place = int(np.searchsorted(users, user))
    return place if place < users.size and users[place] == user else None


def stored_list(record: Record, place: int | None, n: int) -> IndexArray | None:
    """Return the first items of a user's stored list; None where there is no list, or it was cut off before."""
    if record.top_items is None or place is None:
        return None
    items = record.top_items[place]
    items = items[items >= 0]
    return items[:n] if n <= items.size or items.size < record.top_items.shape[1] else None


def model_list(model: Recommender, dataset: Dataset, task: Task, user: int, n: int, name: str) -> IndexArray:
    """Return the items that a fitted recommender scores highest; equal ones as stored lists have them.

    Raises
    ------
    RecommenderError
        If the recommender raises an error.
    ScoreError
        If its scores break the contract.
    """
    # Here, as it loads numba.
    from protocol.evaluation.full_ranking import in_order, tie_keys

    items = _untouched(task, user)
    scores = _scores(model, user, task.train.n_items, name)[:, items]
    if not np.isfinite(scores).all():
        raise not_finite(scores, name)
    place = place_among_evaluated(task, user)
    keys = id_keys(dataset.user_ids[[user]]) if place is None else task.column_keys[[place]]
    return in_order(items[None], scores.astype(np.float64), tie_keys(keys))[0, :n]


def _untouched(task: Task, user: int) -> IndexArray:
    is_touched = np.zeros(task.train.n_items, dtype=np.bool_)
    for interactions in (task.train, task.later):
        is_touched[interactions.items[interactions.offsets[user] : interactions.offsets[user + 1]]] = True
    return np.flatnonzero(~is_touched).astype(np.int32)


def _scores(model: Recommender, user: int, n_items: int, name: str) -> Scores:
    users = np.array([user], dtype=np.int32)
    try:
        if isinstance(model, FullRanker):
            answer = model.score_all(users)
        else:
            answer = model.score(users, np.arange(n_items, dtype=np.int32)[None])
    except RecbenchError:
        raise
    except Exception as error:  # A stranger's class raises what it likes.
        raise RecommenderError(f"{name} cannot score: {registry.error_text(error)}") from error
    return checked_array(answer, (1, n_items), name)
