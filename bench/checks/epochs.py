"""``fit_epochs``: the harness may run the epochs instead of ``fit``, score between them, and stop early."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import kind, require_alike
from bench.checks.check import Check, NotApplicableError, RefutedError
from bench.checks.determinism import SAME_SEED, TWICE
from bench.checks.subject import SEED, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.checks.subject import Subject
    from protocol.contract import EpochRecommender
    from protocol.types import Scores

LOSSES = "fit_epochs yields the loss of each epoch"
AGREE = "fit and fit_epochs agree"
BETWEEN = "scoring between epochs changes nothing"
CLOSED = "closing fit_epochs early leaves a usable model"


def _losses(subject: Subject) -> None:
    _iterative(subject)
    losses = list(_started(subject.new_iterative(), subject))
    for epoch, loss in enumerate(losses, 1):
        if isinstance(loss, bool) or not isinstance(loss, int | float | np.number):
            raise RefutedError(
                f"epoch {epoch} yielded {kind(loss)}, expected its mean loss, a number; convert with float"
            )
        if not math.isfinite(loss):
            raise RefutedError(
                f"epoch {epoch} yielded {loss}, expected a finite loss; look for a learning rate too high"
            )
    if not losses:
        raise RefutedError("it ran no epoch; yield once after each")


def _agree(subject: Subject) -> None:
    _iterative(subject)
    model = subject.new_iterative()
    for _ in _started(model, subject):
        pass
    require_alike(
        scores_of(model, subject.users, subject.items),
        _fitted(subject),
        "fit gives different scores from fit_epochs run to its end",
        "let fit consist of `for _ in self.fit_epochs(train, rng=rng): pass` and `return self`",
    )


def _between(subject: Subject) -> None:
    _iterative(subject)
    model, rng = subject.new_iterative(), np.random.default_rng(SEED)
    for _ in model.fit_epochs(subject.train, rng=rng):
        before = rng.bit_generator.state
        scores_of(model, subject.users, subject.items)
        if rng.bit_generator.state != before:
            raise RefutedError("score took random numbers from the rng of fit_epochs; it must not draw")
    require_alike(
        scores_of(model, subject.users, subject.items),
        _fitted(subject),
        "scoring after each epoch changes what it learns",
        "score must not change anything that training reads",
    )


def _closed(subject: Subject) -> None:
    _iterative(subject)
    model = subject.new_iterative()
    epochs = _started(model, subject)
    next(epochs)
    before = scores_of(model, subject.users, subject.items)
    # An iterator that is no generator need not have this method.
    getattr(epochs, "close", lambda: None)()
    require_alike(
        scores_of(model, subject.users, subject.items),
        before,
        "after fit_epochs is closed, it gives different scores from before",
        "do not clean up in `finally`, and store what an epoch learned before the yield",
    )


def _iterative(subject: Subject) -> None:
    if not subject.description.iterative:
        raise NotApplicableError("does not apply: it has no fit_epochs")


def _started(model: EpochRecommender, subject: Subject) -> Iterator[float]:
    return model.fit_epochs(subject.train, rng=np.random.default_rng(SEED))


def _fitted(subject: Subject) -> Scores:
    return scores_of(subject.fitted(**subject.few_epochs), subject.users, subject.items)


_NEEDS = (SAME_SEED, TWICE)

CHECKS = (
    Check(LOSSES, _losses, needs=_NEEDS),
    Check(AGREE, _agree, needs=_NEEDS),
    Check(BETWEEN, _between, needs=(*_NEEDS, AGREE)),
    Check(CLOSED, _closed, needs=_NEEDS),
)
