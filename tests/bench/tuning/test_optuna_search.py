"""Optuna's search: what it tries, that budgets are equal, and that it is repeated exactly."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.choices import choose
from bench.tuning.budget import Budget
from bench.tuning.optuna_search import optuna_search
from bench.tuning.trials import Trial, best_of
from protocol.installation import how_to_add
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.choices import Choice

pytestmark = pytest.mark.usefixtures("jobs_here")


class Lab:
    """Tries choices without fitting: the best reg of EASE is 300, the best number of neighbors of item_knn 50."""

    def __init__(self, seconds: float = 2.0) -> None:
        self.rounds: list[list[str]] = []
        self.titles: list[str | None] = []
        self._seconds = seconds

    def run(self, choices: Sequence[Choice], title: str | None = None) -> list[Trial]:
        self.titles.append(title)
        self.rounds.append([choice.label for choice in choices])
        return [self._trial(choice) for choice in choices]

    def _trial(self, choice: Choice) -> Trial:
        name, parameters = choice.entry.name, choice.parameters
        value, best = (parameters["reg"], 300) if name == "ease" else (parameters["neighbors"], 50)
        ndcg = 1 / (1 + abs(math.log(value / best)))
        if value > 1000:
            return Trial(name, parameters, 0, None, None, None, 60.0, "timeout: stopped after 60 s")
        return Trial(name, parameters, 0, None, ndcg, ndcg, self._seconds)


def tuned(lab: Lab, budget: Budget, *texts: str, seed: int = 0) -> dict[str, list[Trial]]:
    trials = optuna_search(choose(texts), {}, budget, seed=seed).search(lab.run)
    return {text: [trial for trial in trials if trial.recommender == text.split(":")[0]] for text in texts}


def test_every_recommender_has_the_same_budget_and_comes_close() -> None:
    lab = Lab()
    trials = tuned(lab, Budget(trials=40), "ease", "item_knn")
    assert [len(names) for names in lab.rounds] == [2] * 40
    best = {name: max(own, key=lambda trial: trial.ndcg or 0) for name, own in trials.items()}
    assert 240 < best["ease"].parameters["reg"] < 375
    assert 45 <= best["item_knn"].parameters["neighbors"] <= 55


def test_a_search_is_repeated_exactly_and_a_larger_budget_goes_on_from_it() -> None:
    once = tuned(Lab(), Budget(trials=15), "ease")["ease"]
    assert tuned(Lab(), Budget(trials=15), "ease")["ease"] == once
    assert tuned(Lab(), Budget(trials=20), "ease")["ease"][:15] == once
    assert tuned(Lab(), Budget(trials=15), "item_knn", "ease")["ease"] == once, "whichever others are tuned"
    assert tuned(Lab(), Budget(trials=15), "ease", seed=1)["ease"][1:] != once[1:]
    assert once[0].parameters == {"reg": 200.0}, "the default comes first"


def test_seconds_are_what_was_spent_and_a_timeout_spends_them_all() -> None:
    lab = Lab(seconds=2.5)
    assert len(tuned(lab, Budget(seconds=7.6), "item_knn")["item_knn"]) == len(lab.rounds) == 4
    trials = tuned(Lab(), Budget(seconds=50), "ease", seed=1)["ease"]
    assert [trial.seconds for trial in trials if trial.failure] == [60.0], "and it was the last one"
    (best,) = best_of(trials)
    assert best.seconds == 60.0 + 2.0 * (len(trials) - 1), "what the search cost is what it spent"
    # Starting a process costs something, however short the trial.
    assert len(tuned(Lab(seconds=0.001), Budget(seconds=3), "item_knn")["item_knn"]) == 3


def test_of_both_budgets_the_first_that_is_used_up_counts() -> None:
    assert len(tuned(Lab(), Budget(trials=3, seconds=50), "item_knn")["item_knn"]) == 3
    assert len(tuned(Lab(), Budget(trials=40, seconds=7.6), "item_knn")["item_knn"]) == 4


def test_where_nothing_is_searched_there_is_one_trial() -> None:
    lab = Lab()
    assert [trial.parameters for trial in tuned(lab, Budget(trials=9), "ease:reg=7")["ease:reg=7"]] == [{"reg": 7.0}]
    assert lab.rounds == [["ease:reg=7"]]


@pytest.mark.parametrize(
    ("budget", "title"),
    [
        (Budget(trials=2), "trial 2 of 2 of each recommender:"),
        (Budget(trials=2, seconds=90), "trial 2 of at most 2 of each recommender:"),
        (Budget(seconds=4), "trial 2 of each recommender:"),
    ],
)
def test_each_round_has_a_title(budget: Budget, title: str) -> None:
    lab = Lab()
    tuned(lab, budget, "item_knn")
    assert lab.titles[1:] == [title]


def test_a_combination_that_is_suggested_again_is_one_trial_and_spends_the_budget() -> None:
    space = {"item_knn": {"neighbors": {"choices": [50, 60]}}}
    lab = Lab()
    trials = optuna_search(choose(["item_knn"]), space, Budget(trials=9), seed=0).search(lab.run)
    assert len(lab.rounds) == 9
    assert sorted(trial.parameters["neighbors"] for trial in trials) == [50, 60]


def test_defaults_outside_of_the_space_are_not_tried() -> None:
    space = {"ease": {"reg": {"low": 1, "high": 9}}}
    (tuner,) = optuna_search(choose(["ease"]), space, Budget(trials=1), seed=0).tuners
    assert 1 <= tuner.ask().parameters["reg"] <= 9


def test_what_fails_is_avoided() -> None:
    trials = tuned(Lab(), Budget(trials=40), "ease", seed=1)["ease"]
    failed = [trial.failure is not None for trial in trials]
    assert any(failed[:10])
    assert sum(failed[20:]) <= 2


def test_the_declared_spaces_hold_the_defaults_so_the_first_trial_is_the_defaults() -> None:
    built_in = [entry for entry in registry.entries().values() if entry.origin == "built-in" and not entry.preset]
    declaring = [entry.name for entry in built_in if hasattr(registry.load_class(entry), "search_space")]
    assert set(declaring) == {entry.name for entry in built_in} - {"random", "popularity"}
    for tuner in optuna_search(choose(declaring), {}, Budget(trials=1), seed=0).tuners:
        first = dict(tuner.ask().parameters)
        first.pop("epochs", None)
        defaults = registry.describe(registry.load_class(tuner.entry), {}).parameters
        assert first
        assert first == {name: defaults[name].default for name in first}


def test_without_optuna_the_error_says_what_to_install(
    here: Path, recbench: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, out, err = recbench("tune", "-r", "ease", "--trials", "1")
    assert (code, out) == (2, "")
    assert err == (f"recbench: error: recbench tune needs Optuna, and optuna is not installed; {how_to_add('tune')}\n")
    assert list(here.iterdir()) == []


def test_only_a_search_imports_optuna() -> None:
    modules = ("grid", "optuna_search", "search", "spaces", "tuned_choices", "tuned_file", "tuner")
    code = f"import sys, bench.api, bench.cli.main, {', '.join(f'bench.tuning.{name}' for name in modules)}; "
    done = subprocess.run(
        [sys.executable, "-c", code + "print('optuna' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout == "False\n"
