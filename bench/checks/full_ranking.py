"""``score_all`` gives the same scores as ``score``, for the whole catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import require_alike
from bench.checks.check import Check, NotApplicableError
from bench.checks.invariance import BATCHES, PERMUTED, SUBSET
from bench.checks.subject import scores_of
from protocol.contract import FullRanker
from protocol.evaluation.ranking import checked_array, checked_scores
from protocol.types import frozen

if TYPE_CHECKING:
    from bench.checks.subject import Subject

AGREES = "score_all agrees with score"


def _agrees(subject: Subject) -> None:
    model = subject.model
    if not isinstance(model, FullRanker):
        raise NotApplicableError("does not apply: it has no score_all")
    for users in (subject.users, subject.users[3:5]):
        everything = model.score_all(frozen(users.copy(), np.int32))
        items = np.tile(np.arange(subject.train.n_items, dtype=np.int32), (users.size, 1))
        scores = scores_of(model, users, items)
        # What a user touched is not ranked, and may have any score there (P14).
        is_open = subject.train.to_csr()[users].toarray() == 0
        found = np.where(is_open, checked_array(everything, items.shape, "score_all"), scores)
        require_alike(
            checked_scores(found, items.shape, "score_all"),
            scores,
            "score_all gives different scores from score",
            "return a row per user and a column per item, in the order of their indices, by the same formula",
        )


CHECKS = (Check(AGREES, _agrees, needs=(PERMUTED, SUBSET, BATCHES)),)
