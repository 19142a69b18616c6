"""Recommenders are named by text, by file and by class, one or several."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

import bench
from bench.choices import choose, choose_one, parse
from protocol.errors import RecommenderError
from recommenders.ease import EASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

DATASET = "synthetic:60x80x900"
SOURCE = """
class FromTheEnd:
    def __init__(self, step: int = 1) -> None:
        self.step = step
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return self.step * items.astype(float)

class NoModel:
    pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Give a module with a class of the user's own, as a notebook imports one from the folder beside it."""
    (tmp_path / "own_models.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("own_models")
    del sys.modules["own_models"]


def labels(*arguments: Any) -> list[str]:
    return [choice.label for choice in choose(*arguments)]


def test_one_is_a_list_of_one() -> None:
    assert labels("ease") == labels(["ease"]) == ["ease"]
    assert labels("ease:reg=7") == ["ease:reg=7"]
    assert labels(("ease", "popularity")) == ["ease", "popularity"]


def test_the_class_of_a_built_in_is_the_built_in() -> None:
    assert choose(EASE) == choose("ease")
    assert labels([EASE, "ease"]) == ["ease"]
    assert choose_one(EASE) == choose_one("ease")


def test_a_class_of_a_module_and_a_file(module: ModuleType, tmp_path: Path) -> None:
    assert labels(module.FromTheEnd) == ["from_the_end"]
    assert labels(["popularity"], module.FromTheEnd) == ["popularity", "from_the_end"]
    assert labels("from_the_end:step=2", [module.FromTheEnd]) == ["from_the_end:step=2"]
    (tmp_path / "one.py").write_text(SOURCE.partition("class NoModel")[0])
    assert labels([], tmp_path / "one.py") == ["from_the_end"]


def test_a_class_runs_in_a_process_of_its_own(module: ModuleType, tmp_path: Path) -> None:
    results = bench.run(DATASET, module.FromTheEnd, negatives=20, threads=1, out=tmp_path / "out", quiet=True)
    assert results.n_failed == 0
    assert results.frame.index.tolist() == ["from_the_end"]


OWN_EASE = SOURCE.partition("class NoModel")[0].replace("FromTheEnd", "EASE")


def test_a_plugin_called_as_a_built_in_has_the_name_of_its_file_too(tmp_path: Path) -> None:
    mine = tmp_path / "my-own.py"
    mine.write_text(OWN_EASE)
    assert labels("ease", mine) == ["ease", "my_own.ease"]
    assert labels(["ease", "my_own.ease:step=2"], mine) == ["ease", "my_own.ease:step=2"]
    assert labels([], f"{mine}:EASE") == ["my_own.ease"]
    assert choose_one(f"{mine}:EASE:step=2").label == "my_own.ease:step=2"
    assert choose_one(mine).label == "my_own.ease"
    with pytest.raises(RecommenderError, match="step"):
        choose("ease:step=2", mine)


def test_so_have_a_class_and_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other_models.py").write_text(OWN_EASE)
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("other_models").EASE
    assert labels(["ease", own]) == ["ease", "other_models.ease"]
    assert labels([], own) == labels([], "other_models:EASE") == ["other_models.ease"]
    assert labels([], [own, EASE]) == ["other_models.ease", "ease"]
    del sys.modules["other_models"]


def test_two_plugins_of_one_name_have_those_of_their_files_in_any_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    for file in (one, two):
        file.write_text(SOURCE.partition("class NoModel")[0])
    assert labels([], [one, two]) == ["one.from_the_end", "two.from_the_end"]
    assert labels([], [two, one]) == ["two.from_the_end", "one.from_the_end"]
    assert labels([], [one, one]) == ["from_the_end"]


def test_names_that_are_still_equal_are_an_error(tmp_path: Path) -> None:
    files = [tmp_path / folder / "model.py" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(OWN_EASE)
    with pytest.raises(RecommenderError, match=r"would be called 'model.ease', as .*rename the class, or the file"):
        choose([], files)
    torch = tmp_path / "torch.py"
    torch.write_text(OWN_EASE.replace("EASE", "NeuMF"))
    with pytest.raises(RecommenderError, match=r"would be called 'torch.neumf', as recommenders.pytorch.neumf:NeuMF"):
        choose([], torch)


def test_a_class_that_no_other_process_can_import() -> None:
    class Local:
        def fit(self, train: Any, *, rng: Any) -> Any: ...

        def score(self, users: Any, items: Any) -> Any: ...

    at_the_prompt = type("Typed", (), {"__module__": "__main__"})
    for cls in (Local, at_the_prompt, int):
        with pytest.raises(RecommenderError, match="put the class into a file of its own"):
            choose(cls)


def test_a_class_that_is_no_recommender(module: ModuleType) -> None:
    with pytest.raises(RecommenderError, match="has no method fit and no score"):
        choose("ease", module.NoModel)


def test_a_class_that_has_changed_since_it_was_imported(module: ModuleType) -> None:
    old = module.FromTheEnd
    module.FromTheEnd = type("FromTheEnd", (old,), {"__module__": "own_models"})
    with pytest.raises(RecommenderError, match="has changed since own_models was imported"):
        choose(old)


@pytest.mark.parametrize("named", [3, ["ease", 3], [None]])
def test_what_is_neither_a_name_nor_a_class(named: Any) -> None:
    with pytest.raises(RecommenderError, match="expected a name such as 'ease:reg=500' or a class"):
        choose(named)


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ('m:config={"a":1,"b=c":[2,3]},reg=1', {"config": '{"a":1,"b=c":[2,3]}', "reg": "1"}),
        ('m:names=["a,b=c", "d"],reg=1', {"names": '["a,b=c", "d"]', "reg": "1"}),
        (r'm:name=["\",x=1"],reg=1', {"name": r'["\",x=1"]', "reg": "1"}),
        ("m:layers=(64, 32),reg=1", {"layers": "(64, 32)", "reg": "1"}),
        ("m:layers=64,32,reg=1", {"layers": "64,32", "reg": "1"}),
        ("m:name=(a,reg=1", {"name": "(a", "reg": "1"}),
    ],
)
def test_a_comma_within_json_separates_no_parameters(text: str, parameters: dict[str, str]) -> None:
    assert parse(text) == ("m", parameters)
