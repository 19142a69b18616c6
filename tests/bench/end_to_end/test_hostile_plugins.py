"""Plug-ins that end or stop the process that imports them: no command ends or hangs with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here

from bench.cli.main import main
from recommenders import registry
from recommenders.registry.inspection import asking

if TYPE_CHECKING:
    from collections.abc import Callable

CLASS = """
class Mine:
    deterministic = True
    def __init__(self, reg: float = 1.0): ...
    @classmethod
    def search_space(cls):
        return {"reg": {"low": 0.5, "high": 2.0}}
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items.astype(float)
"""

ENDS, HANGS = "import os\nos._exit(3)\n", "import time\ntime.sleep(600)\n"

DATA = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1"]


@pytest.fixture
def recbench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command; it returns its exit code and what it printed on both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        hangs = HANGS in Path("mine.py").read_text()
        monkeypatch.setattr(asking, "TIMEOUT_S", 1.0 if hangs else 100.0)
        code = main([*arguments])
        printed = capsys.readouterr()
        return code, printed.out, " ".join(printed.err.split())

    return run


@pytest.mark.parametrize(
    ("source", "problem"),
    [(ENDS, "ended the process with exit code 3"), (HANGS, "importing it took longer than 1 s")],
    ids=["ends", "hangs"],
)
def test_list_and_tune_say_what_is_wrong(
    recbench: Callable[..., tuple[int, str, str]], source: str, problem: str
) -> None:
    Path("mine.py").write_text(source + CLASS)
    code, out, _ = recbench("list", "--plugin", "mine.py")
    assert code == 0
    assert problem in " ".join(out.partition("\nbroken\n")[2].split())
    for plugin in ("mine.py", "mine.py:Mine"):
        code, _, err = recbench("tune", *DATA, "--trials", "1", "-r", "mine", "--plugin", plugin)
        assert (code, err.count("recbench: error: ")) == (2, 1)
        assert problem in err
    Path("spaces.toml").write_text("[mine]\nreg = [1.0, 2.0]\n")
    code, _, err = recbench("tune", *DATA, "--trials", "1", "--spaces", "spaces.toml", "--plugin", "mine.py")
    assert code == 2
    assert problem in err


@pytest.mark.parametrize(
    ("source", "problem"),
    [(ENDS, "ended with exit code 3"), (HANGS, "importing it took longer than 1 s; move what takes long into fit")],
    ids=["ends", "hangs"],
)
def test_run_goes_on_with_the_others_and_its_results_can_be_verified(
    recbench: Callable[..., tuple[int, str, str]], source: str, problem: str
) -> None:
    Path("mine.py").write_text(source + CLASS)
    code, out, _ = recbench("run", *DATA, "-r", "popularity", "--plugin", "mine.py", "--out", "results", "--notes")
    assert code == 1
    assert "popularity" in out
    assert problem in " ".join(out.split())
    assert recbench("verify", "results")[0] == 0


@pytest.mark.parametrize(
    ("source", "problem"),
    [(ENDS, "importing it ended the process with exit code 3"), (HANGS, "importing it took longer than 1 s")],
    ids=["ends", "hangs"],
)
@pytest.mark.parametrize("reference", ["mine.py", "mine.py:Mine", "mine:Mine"])
def test_check_imports_here_only_what_was_imported_before(
    recbench: Callable[..., tuple[int, str, str]], source: str, problem: str, reference: str
) -> None:
    Path("mine.py").write_text(source + CLASS)
    code, out, err = recbench("check", reference)
    assert (code, out) == (2, "")
    assert problem in err


def test_tune_imports_nothing_of_a_plugin(
    recbench: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(entry: registry.Entry) -> type:
        return original(entry) if registry.is_imported_here(entry) else pytest.fail(f"{entry.name} was imported here")

    original = registry.load_class
    monkeypatch.setattr(registry, "load_class", refuse)
    monkeypatch.setattr("recommenders.registry.facts.load_class", refuse)
    Path("mine.py").write_text(CLASS)
    code, out, err = recbench("tune", *DATA, "--trials", "2", "-r", "mine", "--plugin", "mine.py", "--out", "search")
    assert code == 0, err
    assert "mine" in out
    assert "reg" in Path("search/tuned.toml").read_text()


METACLASS = """
class Meta(type):
    def __getattribute__(cls, name):
        if name in {names}:
            raise KeyError(name)
        return super().__getattribute__(name)
"""


@pytest.mark.parametrize(
    "names", ["('deterministic',)", "('fit', 'score')", "('__mro__', '__signature__', '__init__')"]
)
def test_a_metaclass_that_raises_costs_its_own_row(recbench: Callable[..., tuple[int, str, str]], names: str) -> None:
    Path("mine.py").write_text(
        METACLASS.format(names=names) + CLASS.replace("class Mine:", "class Mine(metaclass=Meta):")
    )
    code, out, err = recbench("check", "mine.py:Mine")
    assert (code, out) == (2, "")
    assert "KeyError" in err
    with jobs_here():
        code, out, err = recbench("run", *DATA, "-r", "popularity", "--plugin", "mine.py:Mine", "--out", "results")
    assert "popularity" in out
    assert "Traceback" not in out + err


def test_defaults_that_cannot_be_shown_cost_nothing(recbench: Callable[..., tuple[int, str, str]]) -> None:
    shy = "class Shy:\n    def __repr__(self):\n        raise KeyError('no')\nLOOP = []\nLOOP.append(LOOP)\n"
    deep = "DEEP = []\nfor _ in range(1000):\n    DEEP = [DEEP]\n"
    signature = "reg: float = 1.0, shy=Shy(), loop=LOOP, deep=DEEP, table={'loop': LOOP}"
    Path("mine.py").write_text(shy + deep + CLASS.replace("reg: float = 1.0", signature))
    with jobs_here():
        code, out, err = recbench("run", *DATA, "-r", "mine:reg=2", "--plugin", "mine.py", "--out", "results")
    assert code == 0, err
    assert "mine:reg=2" in out
    assert recbench("list", "--plugin", "mine.py")[0] == 0
    assert "mine: shy=x is not a value" in recbench("run", *DATA, "-r", "mine:shy=x", "--plugin", "mine.py")[2]
