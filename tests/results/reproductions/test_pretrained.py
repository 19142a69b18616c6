"""The page's section about NeuMF that is pre-trained as in its paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.data import Data
from protocol.errors import ProtocolError
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from types import ModuleType

TUNED = {
    "gmf": {"embedding_size": 4, "reg": 0.04, "epochs": 2},
    "mlp": {"embedding_size": 3, "layers": [4], "reg": 0.01, "epochs": 1},
}
PUBLISHED = ("0.726", "0.445")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with short trainings and figures of its own."""
    loaded = load_file(Path(__file__).parents[3] / "results" / "reproductions" / "pretrained.py")
    monkeypatch.setattr(loaded, "FOUND", tmp_path / "pretrained.json")
    monkeypatch.setattr(loaded, "LEARNING_RATES", (0.001, 0.01))
    monkeypatch.setattr(loaded, "EPOCHS", 2)
    monkeypatch.setattr(loaded, "SEEDS", (0, 1))
    return loaded


def test_the_whole_begins_as_half_of_each_part(module: ModuleType) -> None:
    data = Data("synthetic:60x150x900")
    task = data.validation_task(data.load())
    gmf, mlp = (module._tuned(name, TUNED) for name in module.PARTS)
    trained = module._train(gmf, mlp, task, 0, "fit")
    users = np.arange(5, dtype=np.int32)
    parts = [part.scorer().score_all(users) for part in (trained.gmf, trained.mlp)]
    whole = trained.together
    np.testing.assert_allclose(whole.scorer().score_all(users), sum(parts) / 2, rtol=1e-5, atol=1e-7)
    for _ in module._going_on(whole, gmf, mlp, 0.01, 1, task, trained.rng):
        pass
    again = trained.together.scorer().score_all(users)
    np.testing.assert_allclose(again, sum(parts) / 2, rtol=1e-5, atol=1e-7, err_msg="a copy was trained on")
    assert not np.allclose(whole.scorer().score_all(users), again)


def test_the_choice_is_made_on_the_validation_task_and_shown(module: ModuleType) -> None:
    module.run(Data("synthetic:60x150x900"), TUNED)
    found = json.loads(module.FOUND.read_text())
    tried = [(each["learning_rate"], each["epochs"]) for each in found["choices"]]
    assert tried == [(None, 0), (0.001, 1), (0.001, 2), (0.01, 1), (0.01, 2)]
    assert list(found["seeds"]) == ["0", "1"]
    text = "\n".join(module.section(PUBLISHED, TUNED, "run"))
    assert "with a learning rate of 0.001 or 0.01" in text
    assert text.count(" to .") == 2 * len(module.ROWS)
    assert "| published, NeuMF, pre-trained | .726" in text


def test_a_run_that_was_stopped_makes_no_page(module: ModuleType) -> None:
    module.run(Data("synthetic:60x150x900"), TUNED)
    found = json.loads(module.FOUND.read_text())
    for part in ("seeds", "choices"):
        cut = {**found, part: {"0": found["seeds"]["0"]} if part == "seeds" else found["choices"][:-1]}
        module.FOUND.write_text(json.dumps(cut))
        with pytest.raises(ProtocolError, match="did not come to its end; run `make`"):
            list(module.section(PUBLISHED, TUNED, "make"))


def test_without_a_better_epoch_nothing_is_trained_on(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEEDS", (0,))
    monkeypatch.setattr(module, "LEARNING_RATES", (0.001,))
    monkeypatch.setattr(module, "EPOCHS", 1)
    figures = {"gmf": [0.5, 0.3], "mlp": [0.4, 0.2], "joined": [0.6, 0.4], "chosen": [0.6, 0.4]}
    choices = [
        {"learning_rate": None, "epochs": 0, "validation": [0.5, 0.35]},
        {"learning_rate": 0.001, "epochs": 1, "validation": [0.6, 0.34]},
    ]
    module.FOUND.write_text(json.dumps({"parts": TUNED, "choices": choices, "seeds": {"0": figures}}))
    assert "prefers no more epoch (NDCG@10 .3500" in "\n".join(module.section(PUBLISHED, TUNED, "run"))


def test_figures_of_other_parameters_are_missing(module: ModuleType) -> None:
    with pytest.raises(ProtocolError, match=r"no figures of the tuned gmf and mlp; run `make`"):
        list(module.section(PUBLISHED, TUNED, "make"))
