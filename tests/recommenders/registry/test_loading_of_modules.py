"""Bare PyTorch modules in files: which one is the recommender, and what is said where none is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import modules_to_train
import pytest

from bench.choices import plugin_entries
from protocol.errors import RecommenderError
from recommenders import registry
from recommenders.modules.wrapping import recommender_class
from recommenders.registry.loading import find_class, load_module, only_class

if TYPE_CHECKING:
    from pathlib import Path

TOWER = """
from torch import nn

class Layer(nn.Module):
    def __init__(self, size: int):
        super().__init__()
    def forward(self, values):
        return values

class {name}(nn.Module):
    "A tower."
    def __init__(self, n_users: int, n_items: int):
        super().__init__()
        self.bias = nn.Embedding(n_items, 1)
    def forward(self, users, items):
        return self.bias(items).squeeze(-1) + 0 * users
"""

WHOLE = """
class Whole:
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items
"""


def only(tmp_path: Path, text: str) -> str:
    file = tmp_path / "mine.py"
    file.write_text(text)
    return only_class("mine.py", load_module(str(file), ""))


def test_helper_layers_are_no_recommenders(tmp_path: Path) -> None:
    assert only(tmp_path, TOWER.format(name="Tower")) == "Tower"


def test_a_class_with_fit_and_score_comes_before_the_module_that_it_uses(tmp_path: Path) -> None:
    assert only(tmp_path, TOWER.format(name="Tower") + WHOLE) == "Whole"


def test_several_are_listed(tmp_path: Path) -> None:
    text = TOWER.format(name="Tower") + TOWER.format(name="Other")
    with pytest.raises(RecommenderError, match=r"mine.py defines 2 recommenders, Tower, Other; name one"):
        only(tmp_path, text)


def test_why_a_module_is_none_is_said(tmp_path: Path) -> None:
    text = TOWER.format(name="Tower").replace("n_items: int", "size: int").replace("n_items, 1", "size, 1")
    with pytest.raises(RecommenderError) as caught:
        only(tmp_path, text)
    assert str(caught.value) == (
        "mine.py defines no class with fit and score; the constructor of Layer takes (size) without n_items; "
        "a module with forward(values) gets n_items by this name; the constructor of Tower takes (n_users, size) "
        "without n_items; a module with forward(users, items) gets n_users and n_items by these names"
    )


def test_a_module_with_fit_and_score_is_an_ordinary_recommender(tmp_path: Path) -> None:
    text = TOWER.format(name="Tower") + "    fit = score = lambda self, *args, **kwargs: self\n"
    (tmp_path / "mine.py").write_text(text)
    module = load_module(str(tmp_path / "mine.py"), "")
    assert find_class("mine.py", module, "Tower") is module.Tower


def test_a_class_given_in_python_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = plugin_entries([modules_to_train.TwoTower]).values()
    assert entry.name == "two_tower"
    assert registry.load_class(entry) is recommender_class(modules_to_train.TwoTower)


def test_a_wrapped_class_given_in_python_is_one() -> None:
    (entry,) = plugin_entries([recommender_class(modules_to_train.TwoTower)]).values()
    assert registry.load_class(entry) is recommender_class(modules_to_train.TwoTower)


def test_an_edit_of_what_trains_it_changes_the_digest(tmp_path: Path) -> None:
    from recommenders.registry.source_files import source_files

    file = tmp_path / "mine.py"
    file.write_text(TOWER.format(name="Tower"))
    names = set(source_files(f"{file}:Tower"))
    assert {"mine.py", "recommenders.modules.wrapping", "recommenders.modules.training"} <= names
    assert {"recommenders.kernels.negatives", "recommenders.modules.losses"} <= names
    file.write_text(WHOLE)
    assert set(source_files(f"{file}:Whole")) == {"mine.py"}
