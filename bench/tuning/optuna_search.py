"""Optuna's TPE suggests hyper-parameters; every recommender gets the same budget.

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
from bench.tuning.spaces import space_of
from bench.tuning.trials import distinct_trials, seconds_of
from protocol.errors import RecbenchError, RecommenderError
from protocol.keyed import root_key
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.tuning.budget import Budget
    from bench.tuning.dimensions import Dimension
    from bench.tuning.search import TryChoices
    from bench.tuning.spaces import Space
    from bench.tuning.trials import Trial


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
            f"recbench tune needs Optuna, and {error.name} is not installed; run `pip install 'recbench[tune]'`"
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


@dataclass(frozen=True, eq=False)
class OptunaSearch:
    """Spends the budget of each recommender; one round tries one combination of every recommender with budget left.

    Parameters
    ----------
    tuners
        One for each recommender, new.
    seed
        The search's seed.
    """

    tuners: Sequence[Tuner]
    budget: Budget
    seed: int

    @property
    def recommenders(self) -> list[str]:
        """Names of the recommenders that are searched."""
        return [tuner.entry.name for tuner in self.tuners]

    @property
    def about(self) -> dict[str, Any]:
        """What ``tuned.toml`` says about the method."""
        return {
            "sampler": f"TPE of Optuna {import_optuna().__version__}",
            "search_seed": self.seed,
            "budget": f"{self.budget} for each recommender",
        }

    def search(self, try_choices: TryChoices) -> list[Trial]:
        """Return the trials by recommender (see `bench.tuning.search.Method`)."""
        n_rounds = 0
        while asking := [tuner for tuner in self.tuners if tuner.wants_more(self.budget)]:
            n_rounds += 1
            title = f"trial {n_rounds}{self.budget.most_trials} of each recommender:"
            trials = try_choices([tuner.ask() for tuner in asking], title)
            for tuner in asking:
                tuner.tell([trial for trial in trials if trial.recommender == tuner.entry.name])
        return [trial for tuner in self.tuners for trial in distinct_trials(tuner.trials)]


def optuna_search(
    choices: Sequence[Choice], spaces: Mapping[str, Mapping[str, Any]], budget: Budget, *, seed: int
) -> OptunaSearch:
    """Return the search for some recommenders; the parameters of a choice are fixed.

    Parameters
    ----------
    spaces
        By recommender; without one, its class declares it (see `bench.tuning.spaces.space_of`).

    Raises
    ------
    RecbenchError
        If Optuna is not installed, a recommender is named twice, or its search space is missing or faulty.
    """
    names = [choice.entry.name for choice in choices]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise RecommenderError(f"{', '.join(twice)} would be tuned twice; name each recommender once")
    return OptunaSearch([_tuner(choice, spaces, seed) for choice in choices], budget, seed)


def _tuner(choice: Choice, spaces: Mapping[str, Mapping[str, Any]], seed: int) -> Tuner:
    description = registry.describe(registry.load_class(choice.entry), choice.entry.preset)
    defaults = {name: parameter.default for name, parameter in description.parameters.items()}
    return Tuner(choice.entry, space_of(choice, spaces), defaults, seed)


def _distribution(optuna: Any, dimension: Dimension) -> Any:
    if isinstance(dimension, Categorical):
        return optuna.distributions.CategoricalDistribution(list(dimension.values))
    if dimension.whole:
        return optuna.distributions.IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)
