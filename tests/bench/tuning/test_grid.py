"""Grids: what is tried of a file, and which files are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.tuning.grid import read_grid
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from pathlib import Path


def grid(folder: Path, text: str) -> Path:
    path = folder / "grid.toml"
    path.write_text(text)
    return path


def test_lists_are_tried_in_full_product_and_scalars_are_fixed(tmp_path: Path) -> None:
    path = grid(tmp_path, "[item_knn]\nneighbors = [5, 10]\nshrinkage = [0, 100]\n\n[ease]\nreg = 50\n\n[popularity]\n")
    tried = [(choice.entry.name, choice.parameters) for choice in read_grid(path, {}).choices]
    assert tried == [
        ("item_knn", {"neighbors": 5, "shrinkage": 0}),
        ("item_knn", {"neighbors": 5, "shrinkage": 100}),
        ("item_knn", {"neighbors": 10, "shrinkage": 0}),
        ("item_knn", {"neighbors": 10, "shrinkage": 100}),
        ("ease", {"reg": 50}),
        ("popularity", {}),
    ]


def test_a_value_given_twice_is_tried_once(tmp_path: Path) -> None:
    tried = read_grid(grid(tmp_path, "[ease]\nreg = [100, 100.0, 200, 100]\n"), {}).choices
    assert [choice.parameters for choice in tried] == [{"reg": 100.0}, {"reg": 200.0}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ease\n", "is not TOML"),
        ("", "has nothing; expected a table per recommender"),
        ("reg = [1]\n", "reg outside of any table"),
        ("[ease]\nreg = []\n", "empty list"),
        ("[ease]\nrag = [1]\n", "reg"),
        ("[eease]\n", "ease"),
    ],
)
def test_a_bad_grid_says_what_is_wrong(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(RecommenderError, match=expected):
        read_grid(grid(tmp_path, text), {})
