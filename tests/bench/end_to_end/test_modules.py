"""PyTorch modules as plug-ins, as their authors wrote them: run, check, tune, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import modules_to_train
import pytest

from bench.api import run
from bench.checks.testing import conformance_tests
from bench.cli.main import main

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


def test_bare_modules_learn_more_than_popularity(jobs_here) -> None:
    names = ["two_tower:loss=bpr,learning_rate=0.02", "post_mlp", "own_way:learning_rate=0.1"]
    plugins = [f"{MODULES}:{name}" for name in ("TwoTower", "PostMLP", "OwnWay")]
    results = run("synthetic:150x120x5000", ["popularity", *names], plugins=plugins, negatives=30, short_users="all")
    ndcg = results.to_frame()["NDCG@10"].to_dict()
    assert len(ndcg) == 4
    assert min(ndcg, key=ndcg.get) == "popularity"


test_conformance = conformance_tests(modules_to_train.PostMLP, epochs=4)
test_conformance_of_one_of_histories = conformance_tests(modules_to_train.GRU4Rec, epochs=10, learning_rate=0.01)


def test_a_module_of_histories_learns_an_order_that_popularity_cannot(jobs_here) -> None:
    """Each user goes ten steps from one of 20 items to the next, and all items are equally popular."""
    lines = [f"{user},{(7 * user + step) % 20},{step}" for user in range(60) for step in range(10)]
    Path("circle.csv").write_text("\n".join(["user,item,timestamp", *lines]))
    rows = ["popularity", "gru4rec:epochs=16,batch_size=16,learning_rate=0.02"]
    results = run("circle.csv", rows, plugins=[f"{MODULES}:GRU4Rec"], negatives=8, short_users="all")
    ndcg = results.to_frame()["NDCG@10"].to_dict()
    assert max(ndcg.values()) > 0.9
    assert min(ndcg.values()) < 0.5


def test_tune_finds_the_search_space_of_training(jobs_here, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_bad_module_costs_its_own_row(jobs_here, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.py").write_text(BAD)
    rows = [word for way in BAD_WAYS for word in ("-r", f"bad:epochs=1,{way}")]
    main(["run", *DATA, "--plugin", "bad.py", "-r", "popularity", *rows, "--out", "results"])
    out = " ".join(capsys.readouterr().out.split())
    assert "popularity" in out
    assert [said for said in BAD_WAYS.values() if said not in out] == []


def test_a_module_that_cannot_be_trained_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.py").write_text(BAD.replace("n_items: int", "size: int"))
    assert main(["run", *DATA, "--plugin", "bad.py", "--out", "results"]) == 2
    said = "the constructor of Bad takes (n_users, size, how) without n_items"
    assert said in " ".join(capsys.readouterr().err.split())
