"""What the inspecting process finds out about the classes of a file, here in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommenders.registry.inspection.inspector import inspect_place
from recommenders.registry.search_space import DeclaredSpace

if TYPE_CHECKING:
    from pathlib import Path

METHODS = """
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items
"""


@pytest.mark.parametrize(
    ("text", "outcome", "problem"),
    [
        ("import nothing_like_it\n", "not imported", "ModuleNotFoundError: No module named 'nothing_like_it' (line 1)"),
        ("def broken(:\n", "not imported", "SyntaxError: invalid syntax"),
        ("x = 1\nraise ValueError('two\\nlines')\n", "not imported", "ValueError: two lines (line 2)"),
        ("import sys\nsys.exit(3)\n", "not imported", "SystemExit: 3 (line 2)"),
        ("raise KeyboardInterrupt\n", "not imported", "KeyboardInterrupt (line 1)"),
        ("x = 1\n", "not found", "mine.py has no class 'Mine'; its recommenders: none"),
        ("Mine = 3\n", "not found", "mine.py:Mine is a int, expected a class with fit and score"),
        ("class Mine: ...\n", "not found", "mine.py:Mine has no method fit and no score; a recommender has both"),
        (f"class Mine:\n    __signature__ = 3{METHODS}", "not described", "cannot be read"),
    ],
)
def test_what_does_not_load_says_why_in_one_line(tmp_path: Path, text: str, outcome: str, problem: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    ((_, found),) = inspect_place(str(tmp_path / "mine.py"), "", ["Mine"])
    assert (found.outcome, found.description, found.name) == (outcome, None, "")
    assert problem in found.problem
    assert "mine.py" in found.problem or outcome == "not described"
    assert "\n" not in found.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\n", "defines no class with fit and score"),
        (f"class One:{METHODS}class Two:{METHODS}", "defines 2 recommenders, One, Two; name one, as in"),
    ],
)
def test_without_a_name_there_must_be_one(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    ((_, found),) = inspect_place(str(tmp_path / "mine.py"), "", [""])
    assert found.outcome == "not found"
    assert problem in found.problem


@pytest.mark.parametrize(
    ("raised", "problem"), [("KeyError('x')", "KeyError: 'x'"), ("KeyboardInterrupt", "KeyboardInterrupt")]
)
def test_a_search_space_that_raises_leaves_the_description(tmp_path: Path, raised: str, problem: str) -> None:
    space = f"    @classmethod\n    def search_space(cls):\n        raise {raised}"
    (tmp_path / "mine.py").write_text(f"class Mine:\n{space}\n{METHODS}")
    (_, described), (_, with_space) = inspect_place(str(tmp_path / "mine.py"), "", ["Mine"])
    assert described.description == with_space.description is not None
    assert (described.space, with_space.space) == (None, DeclaredSpace(problem=problem))
