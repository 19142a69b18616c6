"""The trials of a search, and the combination of hyper-parameters that did best."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.choices import parameters_text
from bench.records.compared import compared_ranks
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import hit_rate, ndcg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.records.record import Record


@dataclass(frozen=True)
class Trial:
    """The result of one combination of hyper-parameters with one training seed, on the validation task.

    Parameters
    ----------
    parameters
        The combination, typed; parameters that the search left at their defaults are not in it.
    best_epoch
        The epoch with the highest NDCG@10; None if the recommender does not learn in epochs.
    hit_rate, ndcg
        At 10, after that epoch; None for a failure.
    seconds
        Of fitting and of scoring the validation task. After a timeout, the seconds until the trial was stopped. None
        for other failures, whose time is not recorded.
    failure
        One line that says what failed; None if nothing did.
    most_epochs, patience
        The most epochs that it may learn in, and those without a better NDCG@10 after which it stops; None if the
        recommender does not learn in epochs.
    """

    recommender: str
    parameters: Mapping[str, Any]
    seed: int
    best_epoch: int | None
    hit_rate: float | None
    ndcg: float | None
    seconds: float | None
    failure: str | None = None
    most_epochs: int | None = None
    patience: int | None = None

    @property
    def combination(self) -> str:
        """See `combination_of`."""
        return combination_of(self.parameters)


@dataclass(frozen=True)
class Best:
    """The best combination of one recommender: highest mean NDCG@10 over seeds.

    Parameters
    ----------
    parameters
        Those of the trial. If the recommender learns in epochs, ``epochs`` is the rounded mean of the seeds' best
        epochs.
    hit_rate, ndcg
        Means over seeds.
    n_combinations, n_failed
        How many combinations were tried, and how many of them are excluded because a seed failed.
    seconds
        Of all trials of the recommender (see `seconds_of`).
    most_epochs, patience
        Of its trials, as `Trial` has them.
    """

    recommender: str
    parameters: Mapping[str, Any]
    hit_rate: float
    ndcg: float
    best_epochs: tuple[int, ...]
    n_combinations: int
    n_failed: int
    seconds: float
    most_epochs: int | None = None
    patience: int | None = None


def combination_of(parameters: Mapping[str, Any]) -> str:
    """Return parameters as one text; equal ones have the same, whatever their order."""
    return json.dumps(parameters, sort_keys=True)


def best_of(trials: Sequence[Trial]) -> list[Best]:
    """Return the best combination of each recommender, in the order of the trials.

    A combination with a failed seed is excluded; a recommender without any other is left out. Of combinations with
    equal means, the one tried first is the best.
    """
    found = []
    for name, combinations in _by_recommender(trials).items():
        complete = [group for group in combinations if all(trial.failure is None for trial in group)]
        if complete:
            group = max(complete, key=lambda group: _mean([trial.ndcg for trial in group]))
            seconds = seconds_of(itertools.chain(*combinations))
            found.append(_best(name, group, len(combinations), len(combinations) - len(complete), seconds))
    return found


def seconds_of(trials: Iterable[Trial]) -> float:
    """Return the seconds that trials took; a trial whose time is not recorded counts 0."""
    return sum(trial.seconds or 0.0 for trial in trials)


def trial_of(parameters: Mapping[str, Any], record: Record, *, over_all: bool = False) -> Trial:
    """Return the trial of some parameters, read from its record of the validation task.

    Parameters
    ----------
    over_all
        Whether the figures are over all evaluated users, as earlier versions had them, and not over those whose
        held-out item has a training interaction (P7).

    Raises
    ------
    ProtocolError
        If the record holds neither a failure nor ranks with times.
    """
    name, seed, selection = record.recommender.name, record.seed, record.selection
    if record.failure is not None:
        text = f"{record.failure.kind}: {record.failure.message}"
        return Trial(name, parameters, seed, None, None, None, record.failure.seconds, text)
    ranks = record.ranks if over_all else compared_ranks(record)
    fit_seconds, score_seconds = record.time.fit_seconds, record.time.score_seconds
    if ranks is None or fit_seconds is None or score_seconds is None:
        raise ProtocolError(f"the record of {record.recommender.label} is no trial: it holds no ranks or no times")
    return Trial(
        recommender=name,
        parameters=parameters,
        seed=seed,
        best_epoch=selection.best_epoch if selection else None,
        hit_rate=float(np.mean(hit_rate(ranks, 10))),
        ndcg=float(np.mean(ndcg(ranks, 10))),
        seconds=selection.seconds if selection else fit_seconds + score_seconds,
        most_epochs=_most_epochs(record) if selection else None,
        patience=record.patience if selection else None,
    )


def _most_epochs(record: Record) -> int | None:
    """Return the hyper-parameter ``epochs``; None where it is no number of them."""
    found = record.recommender.parameters.get("epochs")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def trial_rows(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return one dictionary per trial, for a data frame or a CSV file."""
    return [
        {
            "recommender": trial.recommender,
            "parameters": parameters_text(trial.parameters),
            "seed": trial.seed,
            "best_epoch": trial.best_epoch,
            "HR@10": trial.hit_rate,
            "NDCG@10": trial.ndcg,
            "seconds": trial.seconds,
            "failure": trial.failure,
        }
        for trial in trials
    ]


def _by_recommender(trials: Sequence[Trial]) -> dict[str, list[list[Trial]]]:
    """Return each recommender's combinations, each with its trials over seeds."""
    groups: dict[str, dict[str, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        groups[trial.recommender][trial.combination].append(trial)
    return {name: list(combinations.values()) for name, combinations in groups.items()}


def _best(name: str, group: Sequence[Trial], n_combinations: int, n_failed: int, seconds: float) -> Best:
    epochs = tuple(trial.best_epoch for trial in group if trial.best_epoch is not None)
    parameters = dict(group[0].parameters)
    if epochs:
        parameters["epochs"] = max(1, round(_mean(epochs)))
    return Best(
        recommender=name,
        parameters=parameters,
        hit_rate=_mean([trial.hit_rate for trial in group]),
        ndcg=_mean([trial.ndcg for trial in group]),
        best_epochs=epochs,
        n_combinations=n_combinations,
        n_failed=n_failed,
        seconds=seconds,
        most_epochs=group[0].most_epochs,
        patience=group[0].patience,
    )


def _mean(values: Sequence[float | None]) -> float:
    present = [value for value in values if value is not None]
    return sum(present) / len(present)
