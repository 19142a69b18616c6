"""The page's section about epochs chosen on the test set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.data import Data
from protocol.errors import ProtocolError
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from types import ModuleType

PUBLISHED = {"MLP": ("0.692", "0.425")}
TUNED = {"mlp": {"layers": [4], "epochs": 2}}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with two short trainings and curves of its own."""
    module = load_file(Path(__file__).parents[3] / "results" / "reproductions" / "best_epochs.py")
    trainings = (module.Training("MLP", "mlp:layers=4,reg=0"), module.Training("MLP", "mlp"))
    monkeypatch.setattr(module, "TRAININGS", trainings)
    monkeypatch.setattr(module, "EPOCHS", 3)
    monkeypatch.setattr(module, "CURVES", tmp_path / "best_epochs.json")
    return module


def test_every_epoch_is_scored_and_shown(page: ModuleType) -> None:
    page.run(Data("synthetic:60x150x900"), TUNED)
    published, tuned = json.loads(page.CURVES.read_text())
    assert published["ours"] == "mlp:layers=4,reg=0,epochs=3"
    assert published["chosen_on_validation"] in {1, 2, 3}
    assert tuned["chosen_on_validation"] == 2, "the epochs that were tuned"
    assert [len(each["test"]) for each in (published, tuned)] == [3, 3]
    assert "`mlp:layers=4,epochs=3`" in "\n".join(page.section(PUBLISHED, TUNED, "run"))


def test_what_was_trained_is_not_trained_again(page: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    data = Data("synthetic:60x150x900")
    page.run(data, TUNED)
    complete = json.loads(page.CURVES.read_text())
    page.CURVES.write_text(json.dumps(complete[:1]))
    capsys.readouterr()
    page.run(data, TUNED)
    assert json.loads(page.CURVES.read_text()) == complete
    assert capsys.readouterr().out.count("epoch 3 of 3") == 1, "the second, on the test task"


def test_the_best_epoch_on_the_test_set_is_that_of_the_highest_hit_rate(page: ModuleType) -> None:
    curves = {"chosen_on_validation": 3, "test": [[0.5, 0.4], [0.6, 0.2], [0.55, 0.3]]}
    page.CURVES.write_text(json.dumps([{"ours": f"mlp:layers=4,{one}epochs=3", **curves} for one in ("reg=0,", "")]))
    lines = list(page.section(PUBLISHED, TUNED, "run"))
    (table,) = (line for line in lines if line.startswith("|"))
    cells = [cell.strip() for cell in table.splitlines()[-1].split("|")[1:-1]]
    assert cells == ["MLP", "`mlp:layers=4,epochs=3`", "3", ".5500", ".3000", "2", ".6000", ".2000", ".692", ".425"]
    assert any("at most HR@10 .6000 and NDCG@10 .2000: neither" in line for line in lines)
    assert not any("neither" in line for line in page.section({"MLP": ("0.6", "0.3")}, TUNED, "run"))


def test_a_curve_of_other_parameters_is_missing(page: ModuleType) -> None:
    with pytest.raises(ProtocolError, match=r"no curve of mlp:layers=4,reg=0,epochs=3; run `make`"):
        list(page.section(PUBLISHED, TUNED, "make"))
