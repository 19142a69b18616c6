"""Training: one timed loop for every recommender, and early stopping on the validation task."""

from __future__ import annotations

import math
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from msgspec import structs

from bench.names import CUTOFF
from bench.records.outcome import EpochLine, Selection
from protocol.contract import EpochRecommender, Recommender
from protocol.errors import RecommenderError
from protocol.evaluation.clock import Stopwatch, at_once
from protocol.evaluation.evaluate import Evaluation, evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.keyed import root_key
from protocol.tasks.compared import compared_users

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from protocol.tasks.task import Task
    from protocol.types import Interactions


class OnEpoch(Protocol):
    """Receives each epoch, and how many there will be at most; None where that is unknown."""

    def __call__(self, line: EpochLine, n_epochs: int | None, /) -> None:  # noqa: D102 - the class says it
        ...


@dataclass(frozen=True, eq=False)
class Fit:
    """The time of fitting, and its learning curve.

    Parameters
    ----------
    seconds
        Inside the recommender, from the start of the first epoch to what it does when its epochs are over.
    curve
        Empty where the recommender does not learn in epochs.
    """

    seconds: float
    curve: list[EpochLine]


@dataclass(frozen=True, eq=False)
class Selected:
    """A number of epochs that was chosen on the validation task, and what it was chosen by.

    Parameters
    ----------
    selection
        As the record has it.
    evaluation
        On the validation task, after the best epoch.
    fit
        Of all epochs that were run.
    """

    selection: Selection
    evaluation: Evaluation
    fit: Fit


def training_rng(seed: int, purpose: str) -> np.random.Generator:
    """Return the random stream of a training seed for a named purpose; other purposes have other streams."""
    return np.random.default_rng(int(root_key(seed, f"training: {purpose}")))


def fit(
    recommender: Recommender,
    train: Interactions,
    *,
    rng: np.random.Generator,
    n_epochs: int | None = None,
    on_epoch: OnEpoch,
    synchronise: Callable[[], None] = at_once,
) -> Fit:
    """Fit a recommender; an epoch whose loss is not finite is its last one.

    Parameters
    ----------
    n_epochs
        After how many epochs to stop; None for all that the recommender runs.
    synchronise
        See `protocol.evaluation.clock.Stopwatch`.
    """
    if not isinstance(recommender, EpochRecommender):
        clock = Stopwatch(synchronise)
        with clock:
            recommender.fit(train, rng=rng)
        return Fit(clock.seconds, [])
    loop = _Loop(recommender, train, rng, synchronise)
    curve = []
    with closing(loop.epochs(n_epochs)) as epochs:
        for line in epochs:
            curve.append(line)
            on_epoch(line, n_epochs or most_epochs(recommender))
            if line.loss is None:
                break
    return Fit(loop.seconds, curve)


def select_epochs(
    recommender: EpochRecommender,
    validation: Task,
    *,
    rng: np.random.Generator,
    patience: int,
    name: str,
    on_epoch: OnEpoch,
    synchronise: Callable[[], None] = at_once,
) -> Selected:
    """Train until NDCG@10 on the validation task has not risen for ``patience`` epochs.

    An epoch whose loss is not finite ends the search, and is not among those to choose from.

    Parameters
    ----------
    name
        What error messages call the recommender.
    synchronise
        See `protocol.evaluation.clock.Stopwatch`.

    Raises
    ------
    RecommenderError
        If the recommender runs no epoch with a finite loss.
    ProtocolError
        If no user's held-out item has a training interaction (P7).
    """
    users = compared_users(validation)
    started = time.perf_counter()
    curve: list[EpochLine] = []
    best_epoch, best_ndcg, best = 0, -math.inf, None
    loop = _Loop(recommender, validation.train, rng, synchronise)
    with closing(loop.epochs()) as epochs:
        for trained in epochs:
            if trained.loss is None:
                curve.append(trained)
                on_epoch(trained, most_epochs(recommender))
                break
            evaluation = evaluate(recommender, validation, full=False, name=name, synchronise=synchronise)
            ranks = evaluation.ranks.of(users)
            hits, gain = (float(np.mean(metric(ranks, CUTOFF))) for metric in (hit_rate, ndcg))
            line = structs.replace(trained, hit_rate=hits, ndcg=gain)
            curve.append(line)
            on_epoch(line, most_epochs(recommender))
            if gain > best_ndcg:
                best_epoch, best_ndcg, best = line.epoch, gain, evaluation
            if line.epoch - best_epoch >= patience:
                break
    if best is None and curve:
        raise RecommenderError(
            f"{name}: the loss of its first epoch was NaN or infinite, so none can be chosen; try a lower learning rate"
        )
    if best is None:
        raise RecommenderError(f"{name} ran no epoch, so none can be chosen; ask for 1 or more")
    seconds = time.perf_counter() - started
    return Selected(Selection(best_epoch, seconds, curve, int(np.count_nonzero(users))), best, Fit(loop.seconds, curve))


def most_epochs(recommender: EpochRecommender) -> int | None:
    """Return the hyper-parameter ``epochs``, where the recommender keeps it as scikit-learn would."""
    epochs = getattr(recommender, "epochs", None)
    return epochs if isinstance(epochs, int) else None


_NO_MORE: Any = object()
"""Marks the end of the epochs: no recommender yields this object."""


class _Loop:
    """Runs a recommender's epochs, with the clock stopped in between."""

    def __init__(
        self,
        recommender: EpochRecommender,
        train: Interactions,
        rng: np.random.Generator,
        synchronise: Callable[[], None],
    ) -> None:
        self._recommender, self._train, self._rng = recommender, train, rng
        self._clock = Stopwatch(synchronise)

    @property
    def seconds(self) -> float:
        return self._clock.seconds

    def epochs(self, n_epochs: int | None = None) -> Generator[EpochLine, None, None]:
        """Yield the line of each epoch; the recommender is usable when this ends or is closed."""
        with self._clock:
            steps = self._recommender.fit_epochs(self._train, rng=self._rng)
        epoch = 0
        try:
            while n_epochs is None or epoch < n_epochs:
                with self._clock:
                    loss = next(steps, _NO_MORE)
                if loss is _NO_MORE:
                    return
                epoch += 1
                yield EpochLine(epoch, _finite(loss), self.seconds)
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                with self._clock:
                    close()


def _finite(loss: Any) -> float | None:
    try:
        return float(loss) if math.isfinite(loss) else None
    except TypeError as error:
        raise RecommenderError(f"fit_epochs yielded {loss!r}, expected the epoch's loss, a number") from error
