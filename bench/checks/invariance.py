"""A score depends on its user and its item only, not on what else is scored at the same time or on the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import require_alike
from bench.checks.check import Check
from bench.checks.determinism import TWICE
from bench.checks.subject import scores_of

if TYPE_CHECKING:
    from bench.checks.subject import Subject

PERMUTED = "the order of users and candidates changes nothing"
SUBSET = "a subset of the candidates changes nothing"
BATCHES = "batches of users change nothing"
DUPLICATES = "duplicates get equal scores"


def _permuted(subject: Subject) -> None:
    rng = np.random.default_rng(0)
    order = rng.permuted(np.broadcast_to(np.arange(subject.items.shape[1]), subject.items.shape), axis=1)
    require_alike(
        scores_of(subject.model, subject.users, np.take_along_axis(subject.items, order, axis=1)),
        np.take_along_axis(subject.scores, order, axis=1),
        "candidates in another order get different scores",
        "a score must depend only on its user and item, not on its column",
    )
    rows = rng.permutation(subject.users.size)
    require_alike(
        scores_of(subject.model, subject.users[rows], subject.items[rows]),
        subject.scores[rows],
        "users in another order get different scores",
        "a row's scores must depend only on its user, not on its place in the batch",
    )


def _subset(subject: Subject) -> None:
    for columns in (slice(0, 1), slice(2, 9)):
        require_alike(
            scores_of(subject.model, subject.users, subject.items[:, columns]),
            subject.scores[:, columns],
            "some of the candidates, scored alone, get different scores",
            "do not normalise over the candidates of a call",
        )


def _batches(subject: Subject) -> None:
    for rows in (slice(0, 1), slice(3, 5), slice(5, None)):
        require_alike(
            scores_of(subject.model, subject.users[rows], subject.items[rows]),
            subject.scores[rows],
            "some of the users, scored alone, get different scores",
            "do not normalise over the users of a call",
        )


def _duplicates(subject: Subject) -> None:
    twice = scores_of(subject.model, subject.users, np.concatenate((subject.items, subject.items[:, :2]), axis=1))
    require_alike(
        twice[:, -2:],
        twice[:, :2],
        "an item that occurs twice in a row gets two different scores",
        "look candidates up by index, and leave repeats in",
    )
    users, items = (np.concatenate((part, part[:2])) for part in (subject.users, subject.items))
    twice = scores_of(subject.model, users, items)
    require_alike(
        twice[-2:],
        twice[:2],
        "a user who occurs twice gets two different rows of scores",
        "look users up by index, and leave repeats in",
    )


CHECKS = (
    Check(PERMUTED, _permuted, needs=(TWICE,)),
    Check(SUBSET, _subset, needs=(PERMUTED,)),
    Check(BATCHES, _batches, needs=(PERMUTED,)),
    Check(DUPLICATES, _duplicates, needs=(PERMUTED,)),
)
