"""Training as the harness does it: one loop for every recommender, timed; early stopping on the validation task."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bench.names import CUTOFF
from protocol.contract import EpochRecommender, Recommender
from protocol.errors import RecommenderError
from protocol.evaluation.evaluate import Evaluation, evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.keyed import root_key

if TYPE_CHECKING:
    from collections.abc import Generator

    from protocol.tasks.task import Task
    from protocol.types import Interactions


Line = dict[str, Any]
"""One epoch of a learning curve: ``epoch`` from 1, ``loss`` (None where it is not finite), ``seconds`` of training so
far and, in a selection, ``HR@10`` and ``NDCG@10`` on the validation task."""


class OnEpoch(Protocol):
    """Is told of each epoch, and of the most epochs that there will be; None where that is unknown."""

    def __call__(self, line: Line, n_epochs: int | None, /) -> None:  # noqa: D102 - the class says it
        ...


@dataclass(frozen=True, eq=False)
class Fit:
    """What fitting took.

    Parameters
    ----------
    seconds
        Inside the recommender.
    curve
        Empty where it does not learn in epochs.
    """

    seconds: float
    curve: list[Line]


@dataclass(frozen=True, eq=False)
class Selection:
    """A number of epochs that was chosen on the validation task.

    Parameters
    ----------
    best_epoch
        The first one after which NDCG@10 was highest.
    curve
        Of all epochs, those after the best one included.
    seconds
        Of training and scoring together.
    evaluation
        Of the validation task, after the best epoch.
    """

    best_epoch: int
    curve: list[Line]
    seconds: float
    evaluation: Evaluation


def training_rng(seed: int, purpose: str) -> np.random.Generator:
    """Return the stream of a training seed for a named purpose, which shares it with no other."""
    return np.random.default_rng(int(root_key(seed, f"training: {purpose}")))


def fit(
    recommender: Recommender,
    train: Interactions,
    *,
    rng: np.random.Generator,
    n_epochs: int | None = None,
    on_epoch: OnEpoch,
) -> Fit:
    """Fit a recommender.

    Parameters
    ----------
    n_epochs
        After how many epochs to stop; None for all that the recommender runs.
    """
    if not isinstance(recommender, EpochRecommender):
        started = time.perf_counter()
        recommender.fit(train, rng=rng)
        return Fit(time.perf_counter() - started, [])
    loop = _Loop(recommender, train, rng)
    curve = []
    for line in loop.epochs(n_epochs):
        curve.append(line)
        on_epoch(line, n_epochs or most_epochs(recommender))
    return Fit(loop.seconds, curve)


def select_epochs(
    recommender: EpochRecommender,
    validation: Task,
    *,
    rng: np.random.Generator,
    patience: int,
    name: str,
    on_epoch: OnEpoch,
) -> Selection:
    """Train until NDCG@10 on the validation task has not risen for ``patience`` epochs.

    Parameters
    ----------
    name
        What error messages call the recommender.

    Raises
    ------
    RecommenderError
        If the recommender runs no epoch.
    """
    started = time.perf_counter()
    curve: list[Line] = []
    best_epoch, best_ndcg, best = 0, -math.inf, None
    for line in _Loop(recommender, validation.train, rng).epochs():
        evaluation = evaluate(recommender, validation, full=False, name=name)
        line |= accuracy(evaluation)
        curve.append(line)
        on_epoch(line, most_epochs(recommender))
        if line[f"NDCG@{CUTOFF}"] > best_ndcg:
            best_epoch, best_ndcg, best = line["epoch"], line[f"NDCG@{CUTOFF}"], evaluation
        if line["epoch"] - best_epoch >= patience:
            break
    if best is None:
        raise RecommenderError(f"{name} ran no epoch, so none can be chosen; ask for 1 or more")
    return Selection(best_epoch, curve, time.perf_counter() - started, best)


def accuracy(evaluation: Evaluation) -> dict[str, float]:
    """Return the mean hit rate and NDCG over users, by name."""
    return {
        f"{name}@{CUTOFF}": float(np.mean(metric(evaluation.ranks, CUTOFF)))
        for name, metric in (("HR", hit_rate), ("NDCG", ndcg))
    }


def most_epochs(recommender: EpochRecommender) -> int | None:
    """Return the hyper-parameter ``epochs``, where the recommender keeps it as scikit-learn would."""
    epochs = getattr(recommender, "epochs", None)
    return epochs if isinstance(epochs, int) else None


_NO_MORE: Any = object()
"""What no recommender yields."""


class _Loop:
    """Runs a recommender's epochs, with the clock stopped in between."""

    def __init__(self, recommender: EpochRecommender, train: Interactions, rng: np.random.Generator) -> None:
        self._recommender, self._train, self._rng = recommender, train, rng
        self.seconds = 0.0

    def epochs(self, n_epochs: int | None = None) -> Generator[Line, None, None]:
        """Yield the line of each epoch; the recommender is usable when this ends or is closed."""
        started = time.perf_counter()
        steps = self._recommender.fit_epochs(self._train, rng=self._rng)
        epoch = 0
        try:
            while n_epochs is None or epoch < n_epochs:
                loss = next(steps, _NO_MORE)
                self.seconds += time.perf_counter() - started
                if loss is _NO_MORE:
                    return
                epoch += 1
                yield {"epoch": epoch, "loss": _finite(loss), "seconds": self.seconds}
                started = time.perf_counter()
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()


def _finite(loss: Any) -> float | None:
    try:
        return float(loss) if math.isfinite(loss) else None
    except TypeError as error:
        raise RecommenderError(f"fit_epochs yielded {loss!r}, expected the epoch's loss, a number") from error
