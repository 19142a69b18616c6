"""The defaults of training that a PyTorch module gets: they are what the search on validation tasks found."""

from __future__ import annotations

import inspect

import pytest
from scripts import RESULTS, load_script

from recommenders.modules.module_model import ModuleModel


@pytest.fixture(scope="module")
def tuning():
    return load_script("tuning/modules.py")


@pytest.fixture(scope="module")
def found(tuning):
    known = tuning.read_trials(RESULTS / "tuning" / "modules.csv")
    return tuning.stages(lambda trials: [known[trial.question] for trial in trials])


def test_the_defaults_are_what_was_chosen(found) -> None:
    defaults = {name: one.default for name, one in inspect.signature(ModuleModel).parameters.items()}
    assert {name: defaults[name] for name in found[-1].best} == found[-1].best


def test_the_page_is_that_of_the_trials(tuning, found) -> None:
    assert (RESULTS / "tuning" / "modules.md").read_text() == tuning.page(found)


def test_the_setting_with_the_highest_mean_share_is_chosen(tuning) -> None:
    """Shares: (1 + .5) / 2 beside (.6 + 1) / 2."""
    slow, fast = ({**tuning.START, "learning_rate": rate} for rate in (0.002, 0.01))
    trials = [
        tuning.Trial(module, "ml-100k", **setting, best_epoch=epoch, ndcg=ndcg)
        for module, setting, epoch, ndcg in (
            ("TwoTower", slow, 20, 0.5),
            ("PostMLP", slow, 20, 0.2),
            ("TwoTower", fast, 6, 0.3),
            ("PostMLP", fast, 9, 0.4),
        )
    ]
    stage = tuning.Stage(trials)
    assert list(stage.shares.values()) == pytest.approx([0.75, 0.8])
    assert stage.best == {**fast, "epochs": 8}
