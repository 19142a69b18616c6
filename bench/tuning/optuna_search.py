"""Search with Optuna, which suggests what to try; every recommender gets the same budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.tuning.spaces import space_of
from bench.tuning.trials import distinct_trials
from bench.tuning.tuner import Tuner, import_optuna
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.choices import Choice
    from bench.tuning.budget import Budget
    from bench.tuning.trial_runner import TryChoices
    from bench.tuning.trials import Trial


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
        """The entries of ``tuned.toml`` about the method."""
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
