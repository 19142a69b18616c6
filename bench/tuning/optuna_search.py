"""Tuning: Optuna's TPE suggests hyper-parameters, and every recommender is given the same budget.

A suggestion is a pure function of the search's seed, the trial's number and the outcomes so far, and outcomes are
records on disk. So nothing else need be stored: a search that was stopped, or is given a larger budget, hears of its
finished trials again and goes on as if it had never stopped.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.choices import Choice, value_text
from bench.tuning.spaces import Choices, Range, Space, rounded, space_of
from bench.tuning.trials import seconds_of
from protocol.errors import RecbenchError, RecommenderError
from protocol.keyed import root_key
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.tuning.budget import Budget
    from bench.tuning.trials import Trial

LEAST_SECONDS = 1.0
"""What a trial costs at least: its process must start."""


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

    The first trial is the defaults, as far as they lie in the space: where all do, what is tuned is no worse than them.

    Parameters
    ----------
    entry
        The recommender.
    space
        Where to look; where nothing is searched, the fixed values are the one trial.
    defaults
        Of its hyper-parameters.
    seed
        Of the search.
    """

    entry: registry.Entry
    space: Space
    defaults: Mapping[str, Any]
    seed: int
    n_trials: int = 0
    spent: float = 0.0
    _study: Any = None
    _asked: Any = None
    _distributions: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        optuna = import_optuna()
        self._study = optuna.create_study(direction="maximize")
        self._distributions = {name: _distribution(optuna, each) for name, each in self.space.searched.items()}
        self._study.enqueue_trial(dict(self._inside(self.defaults)))

    def wants_more(self, budget: Budget) -> bool:
        """Whether there is something to try, and budget left for it."""
        if not self.space.searched:
            return self.n_trials == 0
        return budget.is_left(self.n_trials, self.spent)

    def ask(self) -> Choice:
        """Return what to try next."""
        optuna = import_optuna()
        key = int(root_key(self.seed, f"tuning: {self.entry.name}, trial {self.n_trials}"))
        self._study.sampler = optuna.samplers.TPESampler(seed=key % 2**32)
        self._asked = self._study.ask(fixed_distributions=self._distributions)
        searched = {name: _value(each, self._asked.params[name]) for name, each in self.space.searched.items()}
        return Choice(self.entry, {**searched, **self.space.fixed})

    def tell(self, trials: Sequence[Trial]) -> None:
        """Hear how that did with each seed; a failure is worth nothing, so that the search avoids what fails."""
        values = [0.0 if trial.ndcg is None else trial.ndcg for trial in trials]
        failed = any(trial.failure is not None for trial in trials)
        self._study.tell(self._asked, 0.0 if failed else sum(values) / len(values))
        self.n_trials += 1
        self.spent += max(LEAST_SECONDS, seconds_of(trials))

    def _inside(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield those values that lie in the space, as Optuna knows them."""
        for name, dimension in self.space.searched.items():
            value = values.get(name)
            if isinstance(dimension, Range) and value in dimension:
                yield name, value
            elif isinstance(dimension, Choices) and value_text(value) in dimension.values:
                yield name, value_text(value)


def make_tuners(choices: Sequence[Choice], spaces: Mapping[str, Mapping[str, Any]], *, seed: int) -> list[Tuner]:
    """Return a search for each recommender; the parameters of a choice are fixed (see `bench.tuning.spaces.space_of`).

    Raises
    ------
    RecommenderError
        If a recommender stands twice, has no search space, or a faulty one.
    """
    names = [choice.entry.name for choice in choices]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise RecommenderError(f"{', '.join(twice)} would be tuned twice; name each recommender once")
    tuners = []
    for choice in choices:
        description = registry.describe(registry.load_class(choice.entry), choice.entry.preset)
        defaults = {name: parameter.default for name, parameter in description.parameters.items()}
        tuners.append(Tuner(choice.entry, space_of(choice, spaces), defaults, seed))
    return tuners


def tune(
    tuners: Sequence[Tuner], budget: Budget, run: Callable[[int, Sequence[Choice]], Sequence[Trial]]
) -> list[Trial]:
    """Spend the budget of each recommender; return each trial once, by recommender.

    Parameters
    ----------
    run
        Tries some choices, one of each recommender, in round ``1, 2, ...``; returns their trials.
    """
    found: dict[str, dict[str, Trial]] = {tuner.entry.name: {} for tuner in tuners}
    number = 0
    while asking := [tuner for tuner in tuners if tuner.wants_more(budget)]:
        number += 1
        trials = run(number, [tuner.ask() for tuner in asking])
        for tuner in asking:
            own = [trial for trial in trials if trial.recommender == tuner.entry.name]
            tuner.tell(own)
            found[tuner.entry.name] |= {repr((dict(trial.parameters), trial.seed)): trial for trial in own}
    return [trial for own in found.values() for trial in own.values()]


def _distribution(optuna: Any, dimension: Range | Choices) -> Any:
    if isinstance(dimension, Choices):
        return optuna.distributions.CategoricalDistribution(list(dimension.values))
    if dimension.whole:
        return optuna.distributions.IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _value(dimension: Range | Choices, suggested: Any) -> Any:
    return dimension.values[suggested] if isinstance(dimension, Choices) else rounded(suggested, dimension)
