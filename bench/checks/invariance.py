"""A score is of a user and an item, whoever else is asked about at the same time, and in whatever order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import require_alike
from bench.checks.determinism import TWICE
from bench.checks.outcome import Check
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
        "candidates in another order get other scores",
        "an item's score must depend on the user and the item alone, not on its column",
    )
    rows = rng.permutation(subject.users.size)
    require_alike(
        scores_of(subject.model, subject.users[rows], subject.items[rows]),
        subject.scores[rows],
        "users in another order get other scores",
        "a row's scores must depend on its user alone, not on its place in the batch",
    )


def _subset(subject: Subject) -> None:
    for columns in (slice(0, 1), slice(2, 9)):
        require_alike(
            scores_of(subject.model, subject.users, subject.items[:, columns]),
            subject.scores[:, columns],
            "a part of the candidates gets other scores than among all of them",
            "do not normalise over the candidates at hand",
        )


def _batches(subject: Subject) -> None:
    for rows in (slice(0, 1), slice(3, 5), slice(5, None)):
        require_alike(
            scores_of(subject.model, subject.users[rows], subject.items[rows]),
            subject.scores[rows],
            "a few users get other scores than among all of them",
            "do not normalise over the users at hand",
        )


def _duplicates(subject: Subject) -> None:
    twice = scores_of(subject.model, subject.users, np.concatenate((subject.items, subject.items[:, :2]), axis=1))
    require_alike(
        twice[:, -2:],
        twice[:, :2],
        "an item that stands in a row twice gets two scores",
        "look candidates up by index, and leave repeats in",
    )
    users, items = (np.concatenate((part, part[:2])) for part in (subject.users, subject.items))
    twice = scores_of(subject.model, users, items)
    require_alike(
        twice[-2:],
        twice[:2],
        "a user who is asked about twice gets two kinds of scores",
        "look users up by index, and leave repeats in",
    )


CHECKS = (
    Check(PERMUTED, _permuted, needs=(TWICE,)),
    Check(SUBSET, _subset, needs=(PERMUTED,)),
    Check(BATCHES, _batches, needs=(PERMUTED,)),
    Check(DUPLICATES, _duplicates, needs=(PERMUTED,)),
)
