"""The experiment on defaults: what is held out, and the page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocol.errors import ProtocolError
from recommenders import registry
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from types import ModuleType

RESULTS = Path(__file__).parents[2] / "results"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with a folder of its own."""
    loaded = load_file(RESULTS / "defaults.py")
    monkeypatch.setattr(loaded, "SCORED", tmp_path)
    return loaded


def of_best_weight(module: ModuleType, users: int, best: float, constant: float = 2.0, name: str = "data") -> object:
    """Return a dataset on which a value is the better, the nearer it is to the best one; one constant is better."""
    values = (0.01, 0.1, 1.0, 10.0)
    place = min(3, math.log10(best) + 2)
    figures = {
        (value, other): (0.5 if other == constant else 0.4) / (1 + abs(values.index(value) - place))
        for value in values
        for other in (1.0, 2.0)
    }
    return module.Scored(name, module.Facts(users, 10, 100), 0.2, figures)


def test_figures_between_two_values_are_interpolated(module: ModuleType) -> None:
    scored = of_best_weight(module, 10, 0.1)
    assert scored.relative(0.1, 2.0) == 1
    assert scored.relative(0.1, 1.0) == pytest.approx(0.8)
    assert scored.relative(10**-0.5, 2.0) == pytest.approx(0.75), "half of the way from 1 to .5"


def test_a_rule_that_holds_on_all_data_is_exact_on_the_one_left_out(module: ModuleType) -> None:
    """The best value is .01 times the users, which no constant is."""
    scored = [of_best_weight(module, users, users / 100) for users in (1, 10, 100, 1000)]
    by_users = module.held_out(lambda facts: facts.users, scored)
    assert [one.relative for one in by_users] == pytest.approx([1, 1, 1, 1], abs=0.1)
    assert [one.constant for one in by_users] == [2, 2, 2, 2]
    constants = module.held_out(lambda _: 1.0, scored)
    assert sum(one.relative for one in constants) < 2.5


def test_the_dataset_left_out_has_no_part_in_the_choice(module: ModuleType) -> None:
    others = [of_best_weight(module, 10, 0.1), of_best_weight(module, 20, 0.1)]
    for best in (0.01, 10.0):
        left_out = of_best_weight(module, 30, best, constant=1.0)
        result = module.held_out(lambda _: 1.0, [*others, left_out])[-1]
        assert result.ruled == pytest.approx(0.1, rel=0.1)
        assert result.constant == 2
        assert result.relative == pytest.approx(left_out.relative(result.ruled, 2.0))


def test_every_combination_is_scored_on_the_validation_task(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    experiments = (
        module.Experiment("als", ("unobserved_weight", (0.1, 1.0)), ("reg", (0.01, 0.1)), (0.1, 0.01), "density"),
        module.Experiment("item_knn", ("neighbors", (2, 5)), ("shrinkage", (0.0,)), (2, 0.0), "density"),
    )
    monkeypatch.setattr(module, "EXPERIMENTS", experiments)
    sources = [f"{name}=synthetic:{size}x200x900" for name, size in (("a", 40), ("b", 50), ("c", 60))]
    module.run(sources)
    document = json.loads((module.SCORED / "b.json").read_text())
    assert document["facts"]["users"] == 50
    assert [each[:2] for each in document["als"]] == [[0.1, 0.01], [0.1, 0.1], [1.0, 0.01], [1.0, 0.1]]
    assert all(0 < figure <= 1 for *_, figure in document["als"] + document["item_knn"])
    capsys.readouterr()
    module.run(sources)
    assert capsys.readouterr().out == "", "nothing is scored twice"


def test_with_two_datasets_the_error_says_what_to_run(module: ModuleType) -> None:
    with pytest.raises(ProtocolError, match="has 0 datasets, expected 3 or more; run `make defaults`"):
        module.read(module.EXPERIMENTS[0])


def test_a_file_of_another_experiment_is_refused(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"users": 10, "items": 10, "interactions": 50}
    document = {"facts": facts, "popularity": 0.2, "als": [[0.1, 0.01, 0.5]], "item_knn": []}
    (module.SCORED / "a.json").write_text(json.dumps(document))
    assert module.main(["page"]) == 2
    assert "has other combinations of als than are asked for; remove it" in capsys.readouterr().err


def test_beyond_what_was_scored_the_nearest_value_counts(module: ModuleType) -> None:
    scored = [of_best_weight(module, users, users / 100) for users in (1, 10, 100_000)]
    (*_, result) = module.held_out(lambda facts: facts.users, scored)
    assert result.ruled == 10
    assert result.relative == scored[-1].relative(10, result.constant)


def test_the_page_is_remade_byte_for_byte() -> None:
    assert load_file(RESULTS / "defaults.py").page() == (RESULTS / "defaults.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["als", "item_knn"])
def test_the_defaults_follow_their_rules_and_no_constant_does_better(name: str) -> None:
    loaded = load_file(RESULTS / "defaults.py")
    (experiment,) = (each for each in loaded.EXPERIMENTS if each.recommender == name)
    scored = loaded.read(experiment)
    by_rule = loaded.from_home(loaded.RULES[experiment.default], experiment, scored)
    model = registry.load_class(registry.find(name))()
    value_for = {"als": "weight_for", "item_knn": "neighbors_for"}[name]
    for one, outcome in zip(scored, by_rule, strict=True):
        facts = one.facts
        value = getattr(model, value_for)(facts.users, facts.items, facts.interactions)
        assert value == pytest.approx(outcome.ruled, rel=0.06)
    constants = loaded.held_out(loaded.RULES["a constant"], scored)
    assert sum(each.relative for each in by_rule[1:]) > sum(each.relative for each in constants[1:])
    assert scored[0].name == loaded.HOME


def test_the_rule_from_home_has_the_tuned_value_there(module: ModuleType) -> None:
    scored = [of_best_weight(module, users, users / 100, name=name) for users, name in ((10, "ml-100k"), (100, "b"))]
    experiment = module.Experiment("als", ("a", ()), ("b", ()), tuned=(0.1, 2.0), default="density")
    found = module.from_home(lambda facts: facts.users, experiment, scored)
    assert [(each.ruled, each.constant, each.relative) for each in found] == [(0.1, 2, 1), (1, 2, 1)]
    assert module._figures(found, scored) == ["1.0000", "1.0000", "1.0000"]
