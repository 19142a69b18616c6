"""Tuning: where it looks, what it tries, that budgets are the same, and that a run takes what it found."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from bench.choices import choose
from bench.cli.main import main
from bench.tuning.budget import Budget
from bench.tuning.optuna_search import make_tuners, tune
from bench.tuning.spaces import Choices, Range, read_spaces, rounded, space_of, tunable
from bench.tuning.trials import Trial, best_of
from protocol.errors import RecbenchError, RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.choices import Choice

pytestmark = pytest.mark.usefixtures("jobs_here")

DATA = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1"]

MINE = """
class Mine:
    deterministic = True
    def __init__(self, reg: float = 1.0, size: int = 8, layers: tuple[int, ...] = (64, 32), share: bool = False):
        self.reg = reg
    @classmethod
    def search_space(cls):
        return {"reg": {"low": 0.1, "high": 10, "log": True}, "size": [4, 8], "share": True}
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -abs(items - 10.0 * self.reg)
"""


# Where to look


def test_those_of_the_default_suite_are_tuned_where_none_is_named() -> None:
    assert tunable() == ["item_knn", "ease", "als", "bpr", "mf", "gmf", "mlp", "neumf"]


def test_the_declared_spaces_hold_the_defaults_so_the_first_trial_is_the_defaults() -> None:
    built_in = [entry for entry in registry.entries().values() if entry.origin == "built-in" and not entry.preset]
    declaring = [entry.name for entry in built_in if hasattr(registry.load_class(entry), "search_space")]
    assert set(declaring) == {entry.name for entry in built_in} - {"random", "popularity"}
    for tuner in make_tuners(choose(declaring), {}, seed=0):
        first = dict(tuner.ask().parameters)
        first.pop("epochs", None)
        defaults = registry.describe(registry.load_class(tuner.entry), {}).parameters
        assert first
        assert first == {name: defaults[name].default for name in first}


def test_a_file_goes_before_the_recommenders_own_space_and_given_parameters_are_fixed(
    plugin: Callable[[str], str],
) -> None:
    (choice,) = choose([], [plugin(MINE)])
    own = space_of(choice, {})
    assert own.searched == {"reg": Range(0.1, 10.0, log=True), "size": Choices({"4": 4, "8": 8})}
    assert own.fixed == {"share": True}
    layers = {"layers": {"choices": ["64-32", [8]]}, "size": {"low": 1, "high": 9}, "reg": 3}
    given = space_of(choice, {"mine": layers})
    assert given.searched == {"layers": Choices({"64-32": (64, 32), "8": (8,)}), "size": Range(1, 9)}
    assert given.searched["size"].whole  # type: ignore[union-attr]
    assert given.fixed == {"reg": 3.0}
    (fixed,) = choose(["mine:reg=2"], [plugin(MINE)])
    assert "reg" not in space_of(fixed, {}).searched
    assert space_of(fixed, {}).fixed == {"share": True, "reg": 2.0}


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"rag": 1}, "ease has no parameter 'rag'"),
        ({"reg": {"low": 1}}, "is no space; write { low = 1, high = 9, log = true }"),
        ({"reg": {"low": 1, "high": 2, "step": 1}}, "is no space"),
        ({"reg": []}, "is no space"),
        ({"reg": {"low": 2, "high": 1}}, "expected numbers, low below high"),
        ({"reg": {"low": 0, "high": 1, "log": True}}, "a logarithm needs it above 0"),
        ({"reg": {"low": "a", "high": 1}}, "reg=a is not a finite number"),
    ],
)
def test_a_faulty_space_says_what_is_wrong(space: dict[str, Any], expected: str) -> None:
    with pytest.raises(RecommenderError) as raised:
        space_of(choose(["ease"])[0], {"ease": space})
    assert expected in str(raised.value)


@pytest.mark.parametrize("wrong", [MINE.replace("@classmethod", ""), MINE.replace('return {"reg"', 'return 3, {"reg"')])
def test_a_faulty_space_of_a_recommenders_own_says_so(plugin: Callable[[str], str], wrong: str) -> None:
    with pytest.raises(RecommenderError, match=r"mine: search_space\(\) cannot be used \(TypeError: "):
        space_of(choose([], [plugin(wrong)])[0], {})


def test_a_space_of_an_unknown_recommender_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "spaces.toml").write_text("[eease]\nreg = 1\n")
    with pytest.raises(RecommenderError, match="did you mean 'ease'"):
        read_spaces(tmp_path / "spaces.toml", {})


def test_suggestions_have_three_digits_and_stay_in_range() -> None:
    assert rounded(0.0123456, Range(0.001, 1.0)) == 0.0123
    assert rounded(123456.0, Range(1.0, 1e6)) == 123000.0
    assert rounded(0.99999, Range(0.1, 0.9999)) == 0.9999
    assert rounded(12345, Range(1, 99999)) == 12345


# What is tried


class Lab:
    """Tries choices without fitting: what is best for EASE is reg = 300, for item_knn 50 neighbors."""

    def __init__(self, seconds: float = 2.0) -> None:
        self.rounds: list[list[str]] = []
        self._seconds = seconds

    def run(self, number: int, choices: Sequence[Choice]) -> list[Trial]:
        assert number == len(self.rounds) + 1
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
    trials = tune(make_tuners(choose(texts), {}, seed=seed), budget, lab.run)
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
    assert tuned(Lab(), Budget(trials=15), "item_knn", "ease")["ease"] == once, "whoever else is tuned"
    assert tuned(Lab(), Budget(trials=15), "ease", seed=1)["ease"][1:] != once[1:]
    assert once[0].parameters == {"reg": 200.0}, "the default comes first"


def test_seconds_are_what_was_spent_and_a_timeout_spends_them_all() -> None:
    lab = Lab(seconds=2.5)
    assert len(tuned(lab, Budget(seconds=7.6), "item_knn")["item_knn"]) == len(lab.rounds) == 4
    trials = tuned(Lab(), Budget(seconds=50), "ease", seed=1)["ease"]
    assert [trial.seconds for trial in trials if trial.failure] == [60.0], "and it was the last one"
    (best,) = best_of(trials)
    assert best.seconds == 60.0 + 2.0 * (len(trials) - 1), "what the search cost is what it spent"
    # Whatever a trial takes, its process must start.
    assert len(tuned(Lab(seconds=0.001), Budget(seconds=3), "item_knn")["item_knn"]) == 3


def test_of_both_budgets_the_first_that_is_used_up_counts() -> None:
    assert len(tuned(Lab(), Budget(trials=3, seconds=50), "item_knn")["item_knn"]) == 3
    assert len(tuned(Lab(), Budget(trials=40, seconds=7.6), "item_knn")["item_knn"]) == 4
    assert str(Budget(trials=3, seconds=50)) == "3 trials or 50 seconds, whichever is used up first,"
    assert [str(Budget(trials=1_234_567)), str(Budget(seconds=0.5))] == ["1234567 trials", "0.5 seconds"]
    with pytest.raises(RecbenchError, match="a search needs a budget"):
        Budget()
    with pytest.raises(RecbenchError, match="a search's trials are 0, expected more than 0"):
        Budget(trials=0, seconds=3)


def test_where_nothing_is_searched_there_is_one_trial() -> None:
    lab = Lab()
    assert [trial.parameters for trial in tuned(lab, Budget(trials=9), "ease:reg=7")["ease:reg=7"]] == [{"reg": 7.0}]
    assert lab.rounds == [["ease:reg=7"]]


def test_defaults_outside_of_the_space_are_not_tried() -> None:
    tuners = make_tuners(choose(["ease"]), {"ease": {"reg": {"low": 1, "high": 9}}}, seed=0)
    assert 1 <= tuners[0].ask().parameters["reg"] <= 9


def test_what_fails_is_avoided() -> None:
    trials = tuned(Lab(), Budget(trials=40), "ease", seed=1)["ease"]
    failed = [trial.failure is not None for trial in trials]
    assert any(failed[:10])
    assert sum(failed[20:]) <= 2


# From the command line


def recbench(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_tune_again_further_and_run_with_what_it_found(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tune", *DATA, "-r", "als:embedding_size=4,epochs=4", "-r", "ease", "--jobs", "2", "--out", "tuning"]
    code, out, err = recbench(capsys, *command, "--trials", "2")
    assert code == 0, err
    assert "trial 2 of 2 of each recommender:\n2 jobs to run" in err
    assert "4 trials in tuning/trials.csv, the best in tuning/tuned.toml" in out
    files = [here / "tuning" / "trials.csv", here / "tuning" / "tuned.toml"]
    before = [file.read_bytes() for file in files]
    again = recbench(capsys, *command, "--trials", "2")
    assert again == (0, out, ""), "all trials are found"
    assert [file.read_bytes() for file in files] == before

    code, _, err = recbench(capsys, *command, "--trials", "3")
    assert code == 0
    assert "trial 3 of 3" in err
    assert "trial 2 of 3" not in err
    rows = list(csv.DictReader(files[0].read_text().splitlines()))
    assert [row["recommender"] for row in rows] == ["als"] * 3 + ["ease"] * 3
    found = tomllib.loads(files[1].read_text())
    about = found.pop("selection")
    assert about["budget"] == "3 trials for each recommender"
    assert about["sampler"].startswith("TPE of Optuna ")
    assert about["ease"]["NDCG@10"] == max(float(row["NDCG@10"]) for row in rows[3:])
    spent = {name: sum(float(row["seconds"]) for row in rows if row["recommender"] == name) for name in ("als", "ease")}
    assert {name: about[name]["seconds"] for name in spent} == pytest.approx(spent)
    assert found["als"]["embedding_size"] == 4
    assert found["als"]["epochs"] == about["als"]["best_epochs"][0]

    code, out, err = recbench(capsys, "run", *DATA, "--params", "tuning/tuned.toml", "--format", "json")
    assert code == 0, err
    assert "warning" not in err
    assert f'"ease:reg={found["ease"]["reg"]:g}"' in out
    assert "als:reg=" in out
    assert '"random' not in out
    assert {row["recommender"].split(":")[0]: row["selection_s"] for row in json.loads(out)["rows"]} == spent
    results = str(next((here / "runs").iterdir()))
    assert main(["table", results]) == 0
    assert "select" in capsys.readouterr().out.splitlines()[2]
    _, out, _ = recbench(capsys, "run", *DATA, "--params", "tuning/tuned.toml", "-r", "ease:reg=3", "--format", "json")
    assert json.loads(out)["rows"][0]["selection_s"] is None, "these parameters are not those that were found"


TUNED = '[selection]\ndataset = "ml-100k"\nvalidation_task = "abcdef0123456789"\n\n[ease]\nreg = 7.5\n'


def test_parameters_of_other_data_are_taken_with_a_warning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "tuned.toml").write_text(TUNED)
    command = ["run", *DATA, "--params", "tuned.toml", "-r", "ease", "-r", "popularity"]
    code, out, err = recbench(capsys, *command)
    assert code == 0
    assert "recbench: warning: tuned.toml was chosen on ml-100k (validation task abcdef012345), and this run is" in err
    assert "ease:reg=7.5" in out
    assert "popularity" in out
    _, out, _ = recbench(capsys, "run", *DATA, "--params", "tuned.toml", "-r", "ease:reg=3")
    assert "ease:reg=3" in out
    assert "7.5" not in out, "what is given goes before the file"
    (here / "tuned.toml").write_text("[ease]\nreg = 7.5\n")
    _, _, err = recbench(capsys, *command)
    assert "tuned.toml does not say on which data its parameters were chosen" in err


def test_what_tuning_took_is_stored_with_a_record_that_was_there(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "tuned.toml").write_text("[ease]\nreg = 7\n[selection.ease]\nseconds = 12.5\n")
    data = [*DATA, "--out", "results", "--format", "json"]
    assert main(["run", *data, "-r", "ease:reg=7"]) == 0
    (folder,) = (here / "results" / "records").iterdir()
    ranks = (folder / "ranks.npz").read_bytes()
    tuned_run = ["run", *data, "--params", "tuned.toml", "-r", "ease"]
    plain_run = ["run", *data, "-r", "ease:reg=7"]
    capsys.readouterr()
    for command in (tuned_run, ["table", "results", "--format", "json"], plain_run):
        _, out, err = recbench(capsys, *command)
        assert [(row["recommender"], row["selection_s"]) for row in json.loads(out)["rows"]] == [("ease:reg=7", 12.5)]
        assert err.endswith("no jobs to run\n") or command[0] == "table", "its key is the same"
    assert [path.name for path in (here / "results" / "records").iterdir()] == [folder.name]
    assert (folder / "ranks.npz").read_bytes() == ranks
    assert main(["verify", "results", "--offline"]) == 0


def rows_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, float | None]:
    """Return what finding the parameters of each row took."""
    code, out, err = recbench(capsys, "run", *DATA, *arguments, "--format", "json")
    assert code == 0, err
    return {row["recommender"]: row["selection_s"] for row in json.loads(out)["rows"]}


def test_a_recommender_whose_defaults_were_found_is_called_by_its_name(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "[selection.ease]\nseconds = 3\n[selection.als]\nseconds = 4\n[ease]\nreg = 200\n[als]\nreg = 0.5\n"
    defaults = registry.describe(registry.load_class(registry.find("als")), {}).parameters
    (here / "tuned.toml").write_text(f"{text}embedding_size = {defaults['embedding_size'].default}\nepochs = 2\n")
    run = ["--out", "results", "-r", "ease", "-r", "als", "-r", "random"]
    assert main(["run", *DATA, "--out", "results", "-r", "ease", "-r", "random"]) == 0
    capsys.readouterr()
    found = rows_of(capsys, *run, "--params", "tuned.toml")
    assert found == {"ease": 3.0, "als:reg=0.5,epochs=2": 4.0, "random": None}
    assert len(list((here / "results" / "records").iterdir())) == 3, "the keys of a plain run"


@pytest.mark.parametrize(
    ("given", "is_tuned"),
    [("", True), (":reg=0.5", True), (":reg=0.25", False), (":unobserved_weight=0.75", False)],
)
def test_parameters_beside_those_that_were_found_are_not_tuned(
    here: Path, capsys: pytest.CaptureFixture[str], given: str, is_tuned: bool
) -> None:
    """The search ran with the defaults of what the file does not name."""
    (here / "tuned.toml").write_text("[als]\nreg = 0.5\nepochs = 1\n[selection.als]\nseconds = 4\n")
    found = rows_of(capsys, "-r", f"als{given}", "--params", "tuned.toml")
    assert list(found.values()) == [4.0 if is_tuned else None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TUNED, "tuned.toml has parameters of ease; this run has popularity"),
        ("[ease]\nrag = 1\n", "tuned.toml: ease has no parameter 'rag' (did you mean 'reg'?)"),
        ('[ease]\nreg = "high"\n', "tuned.toml: ease: reg=high is not a finite number"),
        ("[mine]\nreg = 1\n", "tuned.toml: no recommender is called 'mine'"),
        ("[selection]\n", "tuned.toml has parameters of no recommender"),
        ("reg = 1\n", "tuned.toml has reg outside of any table"),
        (
            "[ease]\nreg = 1\n[selection.ease]\nseconds = -1\n",
            "tuned.toml: [selection.ease] seconds is -1, expected a finite number, 0 or more",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    (here / "tuned.toml").write_text(text)
    code, out, err = recbench(capsys, "run", *DATA, "--params", "tuned.toml", "-r", "popularity")
    assert (code, out) == (2, "")
    assert err.startswith("recbench: error: ")
    assert expected in err


def test_a_plugin_is_tuned_by_its_own_space(
    here: Path, capsys: pytest.CaptureFixture[str], plugin: Callable[[str], str]
) -> None:
    mine = ["--plugin", plugin(MINE), "-r", "mine"]
    code, _, err = recbench(capsys, "tune", *DATA, *mine, "--seconds", "2", "--out", "tuning")
    assert code == 0, err
    found = tomllib.loads((here / "tuning" / "tuned.toml").read_text())
    assert found["selection"]["budget"] == "2 seconds for each recommender"
    assert found["mine"].keys() == {"reg", "size", "share"}
    code, out, err = recbench(capsys, "run", *DATA, *mine, "--params", "tuning/tuned.toml")
    assert code == 0, err
    assert "share=True" in "".join(out.split())


def test_without_optuna_the_error_says_what_to_install(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, out, err = recbench(capsys, "tune", *DATA, "-r", "ease", "--trials", "1")
    assert (code, out) == (2, "")
    assert err == (
        "recbench: error: recbench tune needs Optuna, and optuna is not installed; run `pip install 'recbench[tune]'`\n"
    )
    assert list(here.iterdir()) == []


def test_nothing_but_tuning_imports_optuna() -> None:
    modules = ("search", "spaces", "tuned_file", "optuna_search")
    code = f"import sys, bench.api, bench.cli.main, {', '.join(f'bench.tuning.{name}' for name in modules)}; "
    done = subprocess.run(
        [sys.executable, "-c", code + "print('optuna' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout == "False\n"
