"""The experiment on defaults: what is held out, and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocol.errors import ProtocolError
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


def of_best_weight(module: ModuleType, users: int, best: float, constant: float = 2.0) -> object:
    """Return a dataset on which a value is the better, the nearer it is to the best one; one constant is better."""
    values = (0.01, 0.1, 1.0, 10.0)
    figures = {
        (value, other): (0.5 if other == constant else 0.4) / (1 + abs(values.index(value) - values.index(best)))
        for value in values
        for other in (1.0, 2.0)
    }
    return module.Scored(f"{users}", module.Facts(users, 10, 100), 0.2, figures)


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
        module.Experiment("als", ("unobserved_weight", (0.1, 1.0)), ("reg", (0.01, 0.1))),
        module.Experiment("item_knn", ("neighbors", (2, 5)), ("shrinkage", (0.0,))),
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
        module.read("als")


def test_the_page_is_remade_byte_for_byte() -> None:
    assert load_file(RESULTS / "defaults.py").page() == (RESULTS / "defaults.md").read_text(encoding="utf-8")


def test_the_default_of_als_is_the_best_held_out_rule() -> None:
    """And it is as good as the rule with a factor of its own for each dataset."""
    loaded = load_file(RESULTS / "defaults.py")
    scored = loaded.read("als")
    means = {name: sum(one.relative for one in loaded.held_out(rule, scored)) for name, rule in loaded.RULES.items()}
    assert max(means, key=means.__getitem__) == "to its square root"
    setting = loaded.IN_USE["als"]['the default, `"auto"`']
    assert sum(one.relative(*setting(one.facts)) for one in scored) >= means["to its square root"] - 0.01
