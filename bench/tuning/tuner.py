"""Suggest the hyper-parameters of one recommender with Optuna's TPE.

A suggestion is a pure function of the search's seed, the trial's number and the outcomes so far, and the outcomes are
records on disk. So a search needs no state of its own: run again after a stop, or with a larger budget, it reads its
finished trials and goes on as if it had never stopped.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.choices import Choice
from bench.tuning.budget import LEAST_SECONDS
from bench.tuning.dimensions import Categorical
from bench.tuning.trials import seconds_of
from protocol.errors import RecbenchError
from protocol.installation import how_to_add
from protocol.keyed import root_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.tuning.budget import Budget
    from bench.tuning.dimensions import Dimension
    from bench.tuning.spaces import Space
    from bench.tuning.trials import Trial
    from recommenders import registry


def import_optuna() -> Any:
    """Import Optuna.

    Raises
    ------
    RecbenchError
        If it is not installed.
    """
    try:
        optuna = importlib.import_module("optuna")
    except ModuleNotFoundError as error:
        raise RecbenchError(
            f"recbench tune needs Optuna, and {error.name} is not installed; {how_to_add('tune')}"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


@dataclass(eq=False)
class Tuner:
    """The search for one recommender's hyper-parameters.

    The first trial is the defaults that the space holds. If it holds all of them, the best is no worse than they are.

    Parameters
    ----------
    entry
        The recommender.
    space
        Where to look; if nothing is searched, the fixed values are the only trial.
    defaults
        The hyper-parameters' default values.
    seed
        The search's seed.
    """

    entry: registry.Entry
    space: Space
    defaults: Mapping[str, Any]
    seed: int
    trials: list[Trial] = field(default_factory=list)
    """All trials so far; a combination that was suggested twice is in it twice."""
    _n_asked: int = 0
    _spent: float = 0.0

    def __post_init__(self) -> None:
        self._optuna = import_optuna()
        self._study = self._optuna.create_study(direction="maximize")
        self._distributions = {
            name: _distribution(self._optuna, dimension) for name, dimension in self.space.searched.items()
        }
        defaults = {
            name: dimension.suggestible(self.defaults.get(name)) for name, dimension in self.space.searched.items()
        }
        self._study.enqueue_trial({name: value for name, value in defaults.items() if value is not None})

    def wants_more(self, budget: Budget) -> bool:
        """Return whether there is something left to try, and budget for it."""
        if not self.space.searched:
            return self._n_asked == 0
        return budget.is_left(self._n_asked, self._spent)

    def ask(self) -> Choice:
        """Return the combination to try next."""
        key = int(root_key(self.seed, f"tuning: {self.entry.name}, trial {self._n_asked}"))
        self._study.sampler = self._optuna.samplers.TPESampler(seed=key % 2**32)
        self._asked = self._study.ask(fixed_distributions=self._distributions)
        self._n_asked += 1
        suggested = self._asked.params
        searched = {name: dimension.value(suggested[name]) for name, dimension in self.space.searched.items()}
        return Choice(self.entry, {**searched, **self.space.fixed})

    def tell(self, trials: Sequence[Trial]) -> None:
        """Take the trials of that combination, one per seed; a failure counts 0, so that the search avoids it."""
        values = [0.0 if trial.ndcg is None else trial.ndcg for trial in trials]
        failed = any(trial.failure is not None for trial in trials)
        self._study.tell(self._asked, 0.0 if failed else sum(values) / len(values))
        self._spent += max(LEAST_SECONDS, seconds_of(trials))
        self.trials += trials


def _distribution(optuna: Any, dimension: Dimension) -> Any:
    if isinstance(dimension, Categorical):
        return optuna.distributions.CategoricalDistribution(list(dimension.values))
    if dimension.whole:
        return optuna.distributions.IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)
