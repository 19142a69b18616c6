"""Randomness comes only from ``rng``, and only in ``fit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import difference, require_alike
from bench.checks.check import Check, NotApplicableError, RefutedError
from bench.checks.contract import FINITE
from bench.checks.data import ordinary_task
from bench.checks.subject import SEED, scores_of

if TYPE_CHECKING:
    from bench.checks.subject import Subject

SAME_SEED = "the same seed gives the same scores"
TWICE = "scoring twice changes nothing"
DETERMINISTIC = "deterministic, if it says so"
REFIT = "a second fit forgets the first"


def _same_seed(subject: Subject) -> None:
    again = scores_of(subject.fitted(), subject.users, subject.items)
    if not np.array_equal(again, subject.scores):
        raise RefutedError(
            f"two fits with the same rng differ by up to {difference(again, subject.scores)}; take all randomness "
            "from `rng`, none from global generators, the clock, hash() or the order of a set"
        )


def _scoring_twice(subject: Subject) -> None:
    again = scores_of(subject.model, subject.users, subject.items)
    require_alike(again, subject.scores, "scoring twice gives different scores", "score must neither learn nor draw")


def _deterministic(subject: Subject) -> None:
    if not subject.description.deterministic:
        raise NotApplicableError("does not apply: the class does not set `deterministic = True`")
    other = scores_of(subject.fitted(seed=SEED + 1), subject.users, subject.items)
    if not np.array_equal(other, subject.scores):
        raise RefutedError(
            f"the class sets `deterministic = True`, but another rng changes scores by up to "
            f"{difference(other, subject.scores)}; remove that line, so that every training seed is run"
        )


def _second_fit(subject: Subject) -> None:
    train = ordinary_task().train
    model = subject.fitted(train.where(train.items % 3 > 0), seed=SEED + 1)
    model.fit(train, rng=np.random.default_rng(SEED))
    require_alike(
        scores_of(model, subject.users, subject.items),
        subject.scores,
        "after an earlier fit on other data, it gives different scores",
        "let fit begin anew: initialise in it everything that is learned",
    )


CHECKS = (
    Check(SAME_SEED, _same_seed, needs=(FINITE,)),
    Check(TWICE, _scoring_twice, needs=(FINITE,)),
    Check(DETERMINISTIC, _deterministic, needs=(SAME_SEED,)),
    Check(REFIT, _second_fit, needs=(SAME_SEED, TWICE)),
)
