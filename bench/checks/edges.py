"""Unusual data: users and items without interactions, few interactions, or interactions that are all alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.checks.check import Check, RefutedError
from bench.checks.contract import FINITE
from bench.checks.data import DEGENERATE, SILENT, every_pair, interactions_of
from bench.checks.subject import scores_of
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.checks.subject import Subject

COLD = "users and items without interactions get scores"


def _edge(pairs: Iterable[tuple[int, int]], n_users: int, n_items: int, advice: str, subject: Subject) -> None:
    train = interactions_of(pairs, n_users, n_items)
    try:
        scores_of(subject.fitted(train), *every_pair(train))
    except (Exception, SystemExit) as error:
        raise RefutedError(
            f"{count_text(n_users, 'user')}, {count_text(n_items, 'item')}, {count_text(len(train), 'interaction')}: "
            f"{type(error).__name__}: {error}; {advice}"
        ) from error


_COLD_ADVICE = (
    "take sizes from train.n_users and train.n_items, and give users and items without interactions finite scores"
)
_ADVICE = "look for a division by zero, a matrix of one row, or a sample from an empty set"

CHECKS = (
    Check(COLD, partial(_edge, *SILENT, _COLD_ADVICE), needs=(FINITE,)),
    *(
        Check(f"degenerate data: {name}", partial(_edge, *data, _ADVICE), needs=(FINITE,))
        for name, data in DEGENERATE.items()
    ),
)
