"""Parameters of every type on the command line, in a search and in its file: the model receives what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jobs_here import jobs_here

from bench.cli.main import main

MODEL = """
import enum, pathlib
import numpy as np

class Act(enum.Enum):
    UP = 1
    DOWN = -1

class Signed:
    deterministic = True
    personalised = False
    def __init__(self, act: Act = Act.UP, power=np.float64(1.0), parts=[1, 2], config={"lr": 0.1}, **kwargs):
        self.act, self.power, self.parts, self.config, self.kwargs = act, power, parts, config, kwargs
    def fit(self, train, *, rng):
        with open("given.log", "a") as log:
            print(f"{self.act!r} {self.power!r} {self.parts!r} {self.config!r} {self.kwargs!r}", file=log)
        counts = np.bincount(train.items, minlength=train.n_items).astype(float)
        self.scores = counts if self.act is Act.UP else -counts
        return self
    def score(self, users, items):
        return self.scores[items]
    @classmethod
    def search_space(cls):
        return {"act": [Act.UP, Act.DOWN]}
"""

DATA = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--plugin", "signed.py"]
PLAIN = "<Act.UP: 1> np.float64(1.0) [1, 2] {'lr': 0.1} {}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("signed.py").write_text(MODEL)


def given() -> list[str]:
    return Path("given.log").read_text().splitlines()


def test_the_model_receives_what_the_command_line_means(capsys: pytest.CaptureFixture[str]) -> None:
    changed = 'signed:act=DOWN,power=2,parts=3-4,config={"lr":0.5,"names":["a,b=c"]},dim=8'
    with jobs_here():
        assert main(["run", *DATA, "-r", "signed", "-r", changed, "--out", "results"]) == 0
    assert given() == [
        PLAIN,
        "<Act.DOWN: -1> np.float64(2.0) [3, 4] {'lr': 0.5, 'names': ['a,b=c']} {'dim': 8}",
    ]
    recorded = [json.loads(path.read_text())["recommender"] for path in Path("results").rglob("record.json")]
    labels = {one["label"]: one["parameters"] for one in recorded}
    assert labels["signed"] == {"act": "UP", "power": 1.0, "parts": [1, 2], "config": {"lr": 0.1}}
    assert labels[changed]["config"] == {"lr": 0.5, "names": ["a,b=c"]}
    capsys.readouterr()
    # The label of a row names the same job again, and so does the default written out.
    with jobs_here():
        assert main(["run", *DATA, "-r", "signed:act=UP", "-r", changed, "--out", "results"]) == 0
    assert "2 jobs are stored in results already; no jobs to run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [("act=LEFT", "act=LEFT is not one of UP, DOWN"), ("config=fast", "config=fast is not a JSON object such as")],
)
def test_what_cannot_be_converted_ends_with_a_message(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *DATA, "-r", f"signed:{text}", "--out", "results"]) == 2
    assert message in capsys.readouterr().err


def test_a_search_tries_members_and_its_file_gives_them_back() -> None:
    with jobs_here():
        assert main(["tune", *DATA, "-r", "signed", "--trials", "2", "--out", "search"]) == 0
        assert {line.split(" np")[0] for line in given()} == {"<Act.UP: 1>", "<Act.DOWN: -1>"}
        assert 'act = "UP"' in Path("search/tuned.toml").read_text()
        Path("given.log").unlink()
        Path("mine.toml").write_text('[signed]\nact = "DOWN"\nparts = [3]\nconfig = { lr = 1.0 }\npower = 2\n')
        assert main(["run", *DATA, "-r", "signed", "--params", "mine.toml", "--out", "results"]) == 0
    assert given() == ["<Act.DOWN: -1> np.float64(2.0) [3] {'lr': 1.0} {}"]


def test_a_grid_has_lists_and_tables_among_its_values() -> None:
    Path("grid.toml").write_text('[signed]\nact = ["UP", -1]\nparts = [[3, 4], "5-6"]\nconfig = [{ lr = 1.0 }]\n')
    with jobs_here():
        assert main(["tune", *DATA, "--grid", "grid.toml", "--out", "search"]) == 0
    assert sorted(given()) == sorted(
        f"{act} np.float64(1.0) {parts} {{'lr': 1.0}} {{}}"
        for act in ("<Act.UP: 1>", "<Act.DOWN: -1>")
        for parts in ("[3, 4]", "[5, 6]")
    )
