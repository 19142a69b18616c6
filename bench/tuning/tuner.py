"""Suggest the hyper-parameters of one recommender with Optuna's TPE.

A suggestion is a pure function of the search's seed, the trial's number and the outcomes that are known when it is
asked for, and the outcomes are records on disk. So a search with one trial at a time needs no state of its own: run
again after a stop, or with a larger budget, it reads its finished trials and goes on as if it had never stopped.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.choices import Choice, value_text
from bench.tuning.budget import LEAST_SECONDS
from bench.tuning.dimensions import AUTO, Categorical, Range
from bench.tuning.trials import combination_of, seconds_of
from protocol.errors import RecbenchError
from protocol.installation import how_to_add
from protocol.keyed import root_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bench.tuning.budget import Budget
    from bench.tuning.dimensions import Dimension
    from bench.tuning.spaces import Space
    from bench.tuning.trials import Trial
    from recommenders import registry

MOST_REPEATS = 20
"""So many suggestions in a row that were tried before, and the search takes what is left, in the order of the space."""


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
    """The search for one recommender's hyper-parameters; it asks for each combination once.

    The first trial is the defaults that the space holds, or ``"auto"`` where a range says so. If these are all the
    defaults, the best is no worse than they are.

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
    _asked: list[str] = field(default_factory=list)
    _running: dict[str, Any] = field(default_factory=dict)
    _trials: dict[str, Sequence[Trial]] = field(default_factory=dict)
    _earlier: Sequence[Mapping[str, Any]] = ()
    _spent: float = 0.0
    _has_more: bool = True

    def __post_init__(self) -> None:
        self._optuna = import_optuna()
        self._study = self._optuna.create_study(direction="maximize")
        self._distributions = {
            name: _distribution(self._optuna, dimension) for name, dimension in self.space.searched.items()
        }

    @property
    def key(self) -> str:
        """The name of this search: it differs where another combination could be asked for."""
        searched = {name: repr(dimension) for name, dimension in self.space.searched.items()}
        fixed = {name: value_text(value) for name, value in self.space.fixed.items()}
        parts = [self.seed, searched, fixed, self._first]
        inputs = json.dumps(parts + [self._automatic] * bool(self._automatic), sort_keys=True)
        return f"{self.entry.name} {hashlib.sha256(inputs.encode()).hexdigest()[:16]}"

    @property
    def n_asked(self) -> int:
        """How many combinations were asked for."""
        return len(self._asked)

    @property
    def n_running(self) -> int:
        """How many of them have no outcome yet."""
        return len(self._running)

    @property
    def trials(self) -> list[Trial]:
        """All trials so far, in the order in which they were asked for."""
        return [trial for asked in self._asked for trial in self._trials.get(asked, ())]

    @property
    def n_combinations(self) -> int | None:
        """How many combinations there are; None where they are not countable."""
        countable = [dimension.suggestions for dimension in self.space.searched.values()]
        if None in countable:
            return None
        # The first trial, with what is left to the data, is one more.
        return math.prod(len(each) for each in countable if each is not None) + bool(self._automatic)

    def resume(self, earlier: Sequence[Mapping[str, Any]]) -> None:
        """Ask first for what an earlier search of this name asked for: suggestions, in order."""
        self._earlier = [
            each for number, each in enumerate(earlier) if self._holds(each, self._automatic if number == 0 else ())
        ]

    def wants_more(self, budget: Budget) -> bool:
        """Return whether there is something left to try, and budget for it."""
        is_open = self._has_more and (self.n_combinations is None or self.n_asked < self.n_combinations)
        return is_open and budget.is_left(self.n_asked, self._spent)

    def ask(self) -> Choice | None:
        """Return the combination to try next; None where nothing is found that was not tried."""
        for attempt in range(MOST_REPEATS):
            if choice := self._distinct(self._suggestion(attempt)):
                return choice
        # Of so many and one, at least one was not tried.
        for number in range(min(self.n_combinations or 0, self.n_asked + 1)):
            if choice := self._distinct(self._fixed(self._numbered(number))):
                return choice
        self._has_more = False
        return None

    def suggested(self, choice: Choice) -> dict[str, Any]:
        """Return what the sampler suggested of a combination that runs, for `resume`."""
        return dict(self._running[combination_of(choice.parameters)].params)

    def tell(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Take the trials of a combination, one per seed; a failure counts 0, so that the search avoids it."""
        combination = combination_of(choice.parameters)
        values = [0.0 if trial.ndcg is None else trial.ndcg for trial in trials]
        failed = any(trial.failure is not None for trial in trials)
        self._study.tell(self._running.pop(combination), 0.0 if failed else sum(values) / len(values))
        self._spent += max(LEAST_SECONDS, seconds_of(trials))
        self._trials[combination] = trials

    @property
    def _first(self) -> dict[str, Any]:
        """The defaults that the space holds, as the sampler names them."""
        searched = self.space.searched.items()
        found = {name: dimension.suggestible(self.defaults.get(name)) for name, dimension in searched}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def _automatic(self) -> list[str]:
        """The hyper-parameters that the first trial leaves to the data."""
        return [name for name, each in self.space.searched.items() if isinstance(each, Range) and each.auto]

    def _suggestion(self, attempt: int) -> Any:
        """Return a trial of Optuna's: what an earlier search asked for, the defaults, or what the sampler suggests."""
        number = self.n_asked
        if attempt == 0 and number < len(self._earlier):
            return self._fixed(self._earlier[number])
        again = f", attempt {attempt}" if attempt else ""
        key = int(root_key(self.seed, f"tuning: {self.entry.name}, trial {number}{again}"))
        self._study.sampler = self._optuna.samplers.TPESampler(seed=key % 2**32)
        return self._fixed(self._first if number == attempt == 0 else {})

    def _fixed(self, suggested: Mapping[str, Any]) -> Any:
        """Return a trial of Optuna's with some values given, and the others by the sampler.

        The sampler is not told of what the first trial leaves to the data.
        """
        if suggested:
            self._study.enqueue_trial(dict(suggested))
        left_out = self._automatic if self.n_asked == 0 else []
        asked = {name: each for name, each in self._distributions.items() if name not in left_out}
        return self._study.ask(fixed_distributions=asked)

    def _numbered(self, number: int) -> dict[str, Any]:
        """Return one of countable combinations by its number, as the sampler names the values."""
        found = {}
        for name, dimension in self.space.searched.items():
            values = dimension.suggestions or ()
            number, place = divmod(number, len(values))
            found[name] = values[place]
        return found

    def _distinct(self, suggestion: Any) -> Choice | None:
        """Return the combination of a suggestion, and note that it runs; None where it was asked for before."""
        given = suggestion.params
        searched = {
            name: dimension.value(given[name]) if name in given else AUTO
            for name, dimension in self.space.searched.items()
        }
        choice = Choice(self.entry, {**searched, **self.space.fixed})
        combination = combination_of(choice.parameters)
        if combination in self._asked:
            # The sampler learns nothing from a trial that it is told to have failed so.
            self._study.tell(suggestion, state=self._optuna.trial.TrialState.FAIL)
            return None
        self._asked.append(combination)
        self._running[combination] = suggestion
        return choice

    def _holds(self, suggested: Mapping[str, Any], left_out: Collection[str]) -> bool:
        """Return whether the space holds a suggestion that was read from a file."""
        searched = {name: each for name, each in self.space.searched.items() if name not in left_out}
        return suggested.keys() == searched.keys() and all(searched[name].holds(suggested[name]) for name in searched)


def _distribution(optuna: Any, dimension: Dimension) -> Any:
    if isinstance(dimension, Categorical):
        return optuna.distributions.CategoricalDistribution(list(dimension.values))
    if dimension.whole:
        return optuna.distributions.IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)
