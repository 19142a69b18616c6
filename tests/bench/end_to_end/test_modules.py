"""PyTorch modules as plug-ins, as their authors wrote them: run, check, tune, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import modules_to_train
import numpy as np
import pandas as pd
import pytest
from fake_benchmark import FakeBenchmark

from bench.actions.results import results_of
from bench.api import run
from bench.checks.examination import Examination
from bench.checks.learning import LEARNS
from bench.checks.testing import conformance_tests
from bench.choices import choose_one
from bench.cli.main import main
from bench.timing.benchmarks import recommender_benchmarks
from recommenders.registry import name_of_class

MODULES = Path(modules_to_train.__file__)
DATA = ("--dataset", "synthetic:60x80x900", "--negatives", "20")

BAD = """
import torch
from torch import nn

class Bad(nn.Module):
    def __init__(self, n_users: int, n_items: int, how: str = ""):
        super().__init__()
        self.how = how
        self.users, self.items = nn.Embedding(n_users, 4), nn.Embedding(n_items, 4)

    def forward(self, users, items):
        if self.how == "cat":
            return torch.cat((self.users(users), self.items(items)), -1).sum(-1)
        logits = (self.users(users) * self.items(items)).sum(-1)
        if self.how == "shape":
            return logits.unsqueeze(-1)
        if self.how == "device":
            return logits.to("meta")
        if self.how == "nan":
            return logits * float("nan")
        if self.how == "late" and not self.training:
            return logits * float("nan")
        return logits
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


GROUPS, GROUP_USERS, GROUP_ITEMS, TOUCHED = 4, 250, 25, 15
NEGATIVES = 60


def groups_of_taste() -> pd.DataFrame:
    """Return users who touch items of their own group only: each item equally often, 3 in 5 of the group's.

    A user's items are 15 neighbours on the circle of the group's 25; the last of them in time is held out.
    """
    users, place = (part.ravel() for part in np.indices((GROUPS * GROUP_USERS, TOUCHED)))
    items = users // GROUP_USERS * GROUP_ITEMS + (users + place) % GROUP_ITEMS
    # In an order of time that differs by user, so that the item held out is any of a user's.
    return pd.DataFrame({"user": users, "item": items, "timestamp": (place + users // 2) % TOUCHED})


def test_bare_modules_learn_by_default_what_popularity_cannot_know(in_this_process) -> None:
    """Of a user's 85 untouched items, 10 are of the own group, so about 7 of the 60 negatives are.

    Who knows the groups puts the held-out item among these 8, so nearly always into the first 10. Who does not, puts
    it anywhere among all 61: HR@10 is 10 / 61, and popularity, which is flat, gets no more. Half-way is learned.
    """
    names = ["TwoTower", "PostMLP"]
    plugins = [f"{MODULES}:{name}" for name in names]
    rows = ["popularity", *(name_of_class(name) for name in names)]
    results = run(groups_of_taste(), rows, plugins=plugins, negatives=NEGATIVES)
    found = results.to_frame()["HR@10"].to_dict()
    chance = 10 / (NEGATIVES + 1)
    error = (chance * (1 - chance) / (GROUPS * GROUP_USERS)) ** 0.5
    assert found.pop("popularity") < chance + 4 * error
    assert len(found) == len(names)
    assert min(found.values()) > (1 + chance) / 2


test_conformance = conformance_tests(modules_to_train.PostMLP, epochs=6, batch_size=256, learning_rate=0.01)
test_conformance_of_one_of_histories = conformance_tests(modules_to_train.GRU4Rec, epochs=10, learning_rate=0.01)


@pytest.mark.parametrize("name", ["TwoTower", "PostMLP"])
def test_the_defaults_learn_the_board_of_the_checks(name: str) -> None:
    """The other checks with the defaults take half a minute: `recbench check FILE:NAME`."""
    examination = Examination(choose_one(f"{MODULES}:{name}").entry, {})
    result = examination.result(LEARNS)
    assert result.status == "ok", result.message


def test_early_stopping_and_the_page(in_this_process, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = ("--plugin", f"{MODULES}:TwoTower", "-r", "two_tower:epochs=3,learning_rate=0.05")
    assert main(["run", *DATA, *plugin, "--patience", "1", "--out", "results"]) == 0, capsys.readouterr().err
    (record,) = results_of("results").records
    curve = record.selection.curve
    assert 1 <= record.selection.best_epoch <= len(curve) <= 3
    assert all(line.ndcg is not None and line.loss is not None for line in curve)
    assert len(record.curve) == record.selection.best_epoch
    assert main(["report", "results", "--output", "page.html"]) == 0, capsys.readouterr().err
    assert "two_tower" in Path("page.html").read_text()


@pytest.mark.parametrize("module", [modules_to_train.TwoTower, f"{MODULES}:TwoTower"])
def test_benchmarks_of_a_module(module: type | str) -> None:
    """As a class and as text; nothing is timed."""
    test = recommender_benchmarks(module, epochs=1)
    for phase in ("fit", "score"):
        benchmark = FakeBenchmark(disabled=True)
        test(benchmark, recommender=module, phase=phase, size="60x300x1200")
        assert benchmark.n_rounds == 1


def test_a_module_of_histories_learns_an_order_that_popularity_cannot(in_this_process) -> None:
    """Each user goes ten steps from one of 20 items to the next, and all items are equally popular."""
    lines = [f"{user},{(7 * user + step) % 20},{step}" for user in range(60) for step in range(10)]
    Path("circle.csv").write_text("\n".join(["user,item,timestamp", *lines]))
    rows = ["popularity", "gru4rec:epochs=16,batch_size=16,learning_rate=0.02"]
    results = run("circle.csv", rows, plugins=[f"{MODULES}:GRU4Rec"], negatives=8, short_users="all")
    ndcg = results.to_frame()["NDCG@10"].to_dict()
    assert max(ndcg.values()) > 0.9
    assert min(ndcg.values()) < 0.5


def test_tune_finds_the_search_space_of_training(in_this_process, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--trials", "2", "--out", "tuned", "--plugin", f"{MODULES}:TwoTower", "-r", "two_tower")
    assert main(["tune", *DATA, *options]) == 0, capsys.readouterr().err


BAD_WAYS = {
    "how=cat": "it takes equal shapes only: let it broadcast",
    "how=shape": "Bad.forward returned a tensor (102, 5, 1) for users (102, 1) and items (102, 5), expected (102, 5)",
    "how=device": "Bad.forward returned a tensor on meta",
    "how=nan": "NaN or infinite, before any training",
    "how=late": "scores are not finite (some are NaN)",
    "n_negatives=0": "Bad: the loss bce needs negatives, and n_negatives is 0; set it to 1 or more",
}


def test_a_bad_module_costs_its_own_row(in_this_process, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.py").write_text(BAD)
    rows = [word for way in BAD_WAYS for word in ("-r", f"bad:epochs=1,batch_size=512,{way}")]
    main(["run", *DATA, "--plugin", "bad.py", "-r", "popularity", *rows, "--out", "results", "--notes"])
    out = " ".join(capsys.readouterr().out.split())
    assert "popularity" in out
    assert [said for said in BAD_WAYS.values() if said not in out] == []


def test_a_module_that_cannot_be_trained_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.py").write_text(BAD.replace("n_items: int", "size: int"))
    assert main(["run", *DATA, "--plugin", "bad.py", "--out", "results"]) == 2
    said = "the constructor of Bad takes (n_users, size, how) without n_items"
    assert said in " ".join(capsys.readouterr().err.split())
