"""Optuna's search: what it tries, that budgets are equal, and that it is repeated exactly."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench.choices import choose
from bench.tuning.budget import Budget
from bench.tuning.optuna_search import OptunaSearch, optuna_search
from bench.tuning.trials import Trial, best_of
from protocol.installation import how_to_add
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bench.choices import Choice

pytestmark = pytest.mark.usefixtures("jobs_here")


class Lab:
    """Tries choices without fitting: the best reg of EASE is 300, the best number of neighbors of item_knn 50.

    Parameters
    ----------
    at_once
        How many run at once.
    ends
        Which of those that run ends next: 0 for the oldest, -1 for the newest.
    """

    def __init__(self, seconds: float = 2.0, at_once: int = 1, ends: int = 0) -> None:
        self.asked: list[str] = []
        self.most_running = 0
        self._seconds, self._at_once, self._ends = seconds, at_once, ends

    def run(self, search: OptunaSearch, most: int | None = None) -> list[Trial]:
        """Return the trials of a search, or of so many outcomes of it."""
        running: list[Choice] = []
        n_told = 0
        while True:
            while choice := search.ask(self._at_once - len(running)):
                running.append(choice)
                self.asked.append(choice.label)
            self.most_running = max(self.most_running, len(running))
            if not running or n_told == most:
                return search.trials
            ended = running.pop(self._ends)
            search.tell(ended, [self._trial(ended)])
            n_told += 1

    def _trial(self, choice: Choice) -> Trial:
        name, parameters = choice.entry.name, choice.parameters
        value, best = (parameters["reg"], 300) if name == "ease" else (parameters["neighbors"], 50)
        value = 10 if value == "auto" else value
        ndcg = 1 / (1 + abs(math.log(value / best)))
        if value > 1000:
            return Trial(name, parameters, 0, None, None, None, 60.0, "timeout: stopped after 60 s")
        return Trial(name, parameters, 0, None, ndcg, ndcg, self._seconds)


def search_of(budget: Budget, *texts: str, seed: int = 0, spaces: Mapping[str, Any] | None = None) -> OptunaSearch:
    return optuna_search(choose(texts), spaces or {}, budget, seed=seed)


def tuned(lab: Lab, budget: Budget, *texts: str, seed: int = 0) -> dict[str, list[Trial]]:
    trials = lab.run(search_of(budget, *texts, seed=seed))
    return {text: [trial for trial in trials if trial.recommender == text.split(":")[0]] for text in texts}


def test_every_recommender_has_the_same_budget_and_comes_close() -> None:
    lab = Lab()
    trials = tuned(lab, Budget(trials=40), "ease", "item_knn")
    assert [label.split(":")[0] for label in lab.asked] == ["ease", "item_knn"] * 40, "in turn"
    assert [len(own) for own in trials.values()] == [40, 40]
    best = {name: max(own, key=lambda trial: trial.ndcg or 0) for name, own in trials.items()}
    assert 240 < best["ease"].parameters["reg"] < 375
    assert 42 <= best["item_knn"].parameters["neighbors"] <= 60


def test_a_search_is_repeated_exactly_and_a_larger_budget_goes_on_from_it() -> None:
    once = tuned(Lab(), Budget(trials=15), "ease")["ease"]
    assert tuned(Lab(), Budget(trials=15), "ease")["ease"] == once
    assert tuned(Lab(), Budget(trials=20), "ease")["ease"][:15] == once
    assert tuned(Lab(), Budget(trials=15), "item_knn", "ease")["ease"] == once, "whichever others are tuned"
    assert tuned(Lab(), Budget(trials=15), "ease", seed=1)["ease"][1:] != once[1:]
    assert once[0].parameters == {"reg": 200.0}, "the default comes first"


def test_as_long_as_each_place_has_a_recommender_of_its_own_nothing_depends_on_what_ends_first() -> None:
    once = tuned(Lab(), Budget(trials=15), "ease", "item_knn")
    assert tuned(Lab(at_once=2), Budget(trials=15), "ease", "item_knn") == once
    # The newest always ends first: item_knn is through before the second trial of ease ends, and ease then fills both.
    other = tuned(Lab(at_once=2, ends=-1), Budget(trials=15), "ease", "item_knn")
    assert other["item_knn"] == once["item_knn"]
    assert [len(own) for own in other.values()] == [15, 15]


def test_no_place_waits_while_there_is_budget() -> None:
    lab = Lab(at_once=3, ends=-1)
    search = search_of(Budget(trials=8), "ease")
    assert search.left == {"ease": 8}
    first = [search.ask(n_free) for n_free in (3, 2, 1)]
    assert len({choice.label for choice in first if choice}) == 3
    assert search.ask(0) is None
    assert search.left == {"ease": 5}
    tuned(lab, Budget(trials=8), "ease")
    assert (lab.most_running, len(lab.asked)) == (3, 8)


@pytest.mark.parametrize("stopped_after", [1, 4, 13])
def test_a_stopped_search_with_several_at_once_goes_on_with_what_it_asked_for(
    tmp_path: Path, stopped_after: int
) -> None:
    """What an earlier search asked for is asked for again, in order, though other trials end first now."""
    earlier = Lab(at_once=3, ends=-1)
    search = search_of(Budget(trials=14), "ease")
    search.go_on_in(tmp_path)
    earlier.run(search, most=stopped_after)
    for at_once in (1, 3):
        again = Lab(at_once=at_once)
        search = search_of(Budget(trials=14), "ease")
        search.go_on_in(tmp_path)
        trials = again.run(search)
        assert again.asked[: len(earlier.asked)] == earlier.asked
        assert len(trials) == len(again.asked) == 14
        earlier = again
    other = search_of(Budget(trials=3), "ease", seed=1)
    other.go_on_in(tmp_path)
    assert Lab().run(other) == Lab().run(search_of(Budget(trials=3), "ease", seed=1)), "another search begins anew"


def test_seconds_are_what_was_spent_and_a_timeout_spends_them_all() -> None:
    lab = Lab(seconds=2.5)
    assert search_of(Budget(seconds=7.6), "item_knn").left is None
    assert len(tuned(lab, Budget(seconds=7.6), "item_knn")["item_knn"]) == len(lab.asked) == 4
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
    lab = Lab(at_once=2)
    assert [trial.parameters for trial in tuned(lab, Budget(trials=9), "ease:reg=7")["ease:reg=7"]] == [{"reg": 7.0}]
    assert lab.asked == ["ease:reg=7"]


@pytest.mark.parametrize("at_once", [1, 2])
def test_no_combination_is_tried_twice_and_a_space_that_is_used_up_ends_the_search(at_once: int) -> None:
    spaces = {"item_knn": {"neighbors": {"low": 50, "high": 54}, "shrinkage": {"choices": [0.0, 1.0]}}}
    search = search_of(Budget(trials=99), "item_knn", spaces=spaces)
    assert search.left == {"item_knn": 10}
    trials = Lab(at_once=at_once).run(search)
    assert len(trials) == len({trial.combination for trial in trials}) == 5 * 2


def test_a_range_that_is_narrower_than_three_digits_ends_the_search() -> None:
    trials = Lab().run(search_of(Budget(trials=9), "ease", spaces={"ease": {"reg": {"low": 300.1, "high": 300.2}}}))
    assert 1 <= len(trials) <= 2
    assert len({trial.combination for trial in trials}) == len(trials)


def test_the_same_seed_does_not_suggest_the_defaults_again_where_they_are_of_an_earlier_search() -> None:
    """Those of bpr are its third suggestion: they were found with this seed."""
    search = search_of(Budget(trials=4), "bpr")
    asked = [search.ask(4 - number) for number in range(4)]
    assert len({choice.label for choice in asked if choice}) == 4


def test_defaults_outside_of_the_space_are_not_tried() -> None:
    choice = search_of(Budget(trials=1), "ease", spaces={"ease": {"reg": {"low": 1, "high": 9}}}).ask(1)
    assert choice is not None
    assert 1 <= choice.parameters["reg"] <= 9


def test_what_the_data_choose_comes_first_and_a_stopped_search_goes_on_after_it(tmp_path: Path) -> None:
    def asked(n: int) -> list[dict[str, Any]]:
        search = search_of(Budget(trials=12), "als")
        search.go_on_in(tmp_path)
        found = []
        for number in range(n):
            choice = search.ask(1)
            assert choice is not None
            found.append(dict(choice.parameters))
            search.tell(choice, [Trial("als", choice.parameters, 0, None, 0.1, 0.1 + number / 100, 1.0)])
        return found

    first = asked(3)
    assert first[0] == {"embedding_size": 64, "reg": 0.01, "unobserved_weight": "auto", "epochs": 60}
    assert all(0.0001 <= each["unobserved_weight"] <= 1 for each in first[1:])
    assert len({each["unobserved_weight"] for each in first}) == 3
    whole = asked(12)
    assert whole[:3] == first
    assert asked(12) == whole
    (tmp_path / "asked.json").unlink()
    assert asked(12) == whole, "the file only spares what would be asked for again"


@pytest.mark.parametrize(("auto", "first"), [(True, ["auto"]), (False, [])])
def test_a_given_space_says_whether_the_data_may_choose(auto: bool, first: list[str]) -> None:
    spaces = {"als": {"unobserved_weight": {"low": 0.5, "high": 1.0, "auto": auto}}}
    choice = search_of(Budget(trials=1), "als", spaces=spaces).ask(1)
    assert choice is not None
    value = choice.parameters["unobserved_weight"]
    assert [value] == first or 0.5 <= value <= 1


def test_several_at_once_begin_with_what_the_data_choose_and_go_on(tmp_path: Path) -> None:
    """Two are asked for before one is told; a stopped search asks for both again."""

    def asked(n: int) -> list[str]:
        search = search_of(Budget(trials=6), "als")
        search.go_on_in(tmp_path)
        running = [search.ask(2), search.ask(1)]
        found = [choice.label for choice in running if choice]
        while len(found) < n:
            choice = running.pop(0)
            assert choice is not None
            search.tell(choice, [Trial("als", choice.parameters, 0, None, 0.3, 0.3, 1.0)])
            running.append(search.ask(1))
            found += [more.label for more in running[-1:] if more]
        return found

    first = asked(4)
    assert "unobserved_weight=auto" in first[0]
    assert not any("auto" in label for label in first[1:])
    assert asked(6)[:4] == first


def test_all_whole_numbers_are_tried_beside_what_the_data_choose() -> None:
    spaces = {"light_gcn": {"batch_size": {"low": 1, "high": 3, "auto": True}}}
    search = search_of(Budget(trials=9), "light_gcn", spaces=spaces)
    found = []
    while choice := search.ask(1):
        found.append(choice.parameters["batch_size"])
        search.tell(choice, [Trial("light_gcn", choice.parameters, 0, None, 0.3, 0.3, 1.0)])
    assert found[0] == "auto"
    assert sorted(found[1:]) == [1, 2, 3]


def test_the_name_of_a_search_stays_the_same() -> None:
    """A search that was stopped before an update is found again: the name is made of what it can ask for."""
    spaces = {"ease": {"reg": {"low": 10.0, "high": 500.0, "log": True}}}
    (tuner,) = search_of(Budget(trials=1), "ease", spaces=spaces).tuners
    parts = '[0, {"reg": "Range(low=10.0, high=500.0, log=True)"}, {}, {"reg": 200.0}]'
    assert tuner.key == f"ease {hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def test_what_fails_is_avoided() -> None:
    trials = tuned(Lab(), Budget(trials=40), "ease", seed=1)["ease"]
    failed = [trial.failure is not None for trial in trials]
    assert any(failed[:10])
    assert sum(failed[20:]) <= 2


def test_the_declared_spaces_hold_the_defaults_so_the_first_trial_is_the_defaults() -> None:
    built_in = [entry for entry in registry.entries().values() if entry.origin == "built-in" and not entry.preset]
    declaring = [entry.name for entry in built_in if hasattr(registry.load_class(entry), "search_space")]
    assert set(declaring) == {entry.name for entry in built_in} - {"random", "popularity"}
    search = search_of(Budget(trials=1), *declaring)
    for entry in (tuner.entry for tuner in search.tuners):
        choice = search.ask(1)
        assert choice is not None
        assert choice.entry == entry
        first = dict(choice.parameters)
        first.pop("epochs", None)
        defaults = registry.describe(registry.load_class(entry), {}).parameters
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
