"""Search with Optuna, which suggests what to try; every recommender gets the same budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.tuning.asked_trials import AskedTrials
from bench.tuning.spaces import space_of
from bench.tuning.tuner import Tuner, import_optuna
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.choices import Choice
    from bench.tuning.budget import Budget
    from bench.tuning.dimensions import Dimension
    from bench.tuning.trials import Trial


@dataclass(eq=False)
class OptunaSearch:
    """Spends the budget of each recommender.

    A recommender has one trial at a time, which is suggested from the outcomes of all before it, as long as there are
    as many recommenders with budget left as jobs run at once. Otherwise it has several, so that no place waits.

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
    _asked: AskedTrials | None = field(default=None, repr=False)

    @property
    def recommenders(self) -> list[str]:
        """Names of the recommenders that are searched."""
        return [tuner.entry.name for tuner in self.tuners]

    @property
    def about(self) -> dict[str, Any]:
        """The entries of ``tuned.toml`` about the method."""
        return {
            "sampler": f"TPE of Optuna {import_optuna().__version__}",
            "search_seed": self.seed,
            "budget": f"{self.budget} for each recommender",
        }

    @property
    def searched(self) -> dict[str, Mapping[str, Dimension]]:
        """What is searched, by recommender and hyper-parameter."""
        return {tuner.entry.name: tuner.space.searched for tuner in self.tuners}

    @property
    def trials(self) -> list[Trial]:
        """See `bench.tuning.search.Method`, and so for the others."""
        return [trial for tuner in self.tuners for trial in tuner.trials]

    @property
    def left(self) -> dict[str, int] | None:
        """How many combinations may follow, as far as the budget is one of trials."""
        most = self.budget.trials
        if most is None:
            return None
        return {one.entry.name: max(0, min(most, one.n_combinations or most) - one.n_asked) for one in self.tuners}

    def go_on_in(self, folder: Path) -> None:
        """Take up what the same search asked for before."""
        self._asked = AskedTrials(folder)
        for tuner in self.tuners:
            tuner.resume(self._asked.of(tuner.key))

    def ask(self, n_free: int) -> Choice | None:
        """Return a combination of the recommender that has the fewest trials running."""
        while wanting := [tuner for tuner in self.tuners if tuner.wants_more(self.budget)]:
            tuner = min(wanting, key=lambda one: (one.n_running, one.n_asked))
            if tuner.n_running and n_free <= 0:
                return None
            if choice := tuner.ask():
                if self._asked is not None and tuner.n_asked > len(self._asked.of(tuner.key)):
                    self._asked.add(tuner.key, tuner.suggested(choice))
                return choice
        return None

    def tell(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Take the trials of a combination."""
        next(tuner for tuner in self.tuners if tuner.entry.name == choice.entry.name).tell(choice, trials)


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
        If Optuna is not installed, a recommender is named twice or does not load, or its search space is missing or
        faulty.
    """
    names = [choice.entry.name for choice in choices]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise RecommenderError(f"{', '.join(twice)} would be tuned twice; name each recommender once")
    return OptunaSearch([_tuner(choice, spaces, seed) for choice in choices], budget, seed)


def _tuner(choice: Choice, spaces: Mapping[str, Mapping[str, Any]], seed: int) -> Tuner:
    description = registry.required_description_of(choice.entry)
    defaults = {name: parameter.default for name, parameter in description.parameters.items()}
    return Tuner(choice.entry, space_of(choice, spaces), defaults, seed)
