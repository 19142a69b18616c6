"""The list of recommenders: plug-ins are imported in other processes, and a broken one is listed with its reason."""

from __future__ import annotations

import os
from importlib import metadata
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bench.catalogue.recommenders import listed_recommenders, recommender_rows, recommender_text
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

METHODS = """
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items
"""

FILES = {
    "mine.py": f"import os\nos.environ['MINE'] = 'imported'\nclass Mine:\n    '''My own.'''\n"
    f"    def __init__(self, reg: float = 0.5): ...{METHODS}",
    "based.py": "from base import Base\nclass Based(Base):\n    '''On another.'''\n",
    "base.py": f"class Base:\n    def __init__(self, size: int = 3): ...{METHODS}",
    "gone.py": "import os\nos._exit(3)\n",
    "needs_more.py": f"import nothing_like_it\nclass NeedsMore:{METHODS}",
    "no_python.py": "def (:\n",
}


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return files, beside packages of which one is broken and two share a name."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    points = [("lost", "lost_package.model:Lost"), ("ease", "bench.choices:Choice")]
    made = [SimpleNamespace(name=name, value=value, dist=SimpleNamespace(name="their-pack")) for name, value in points]
    monkeypatch.setattr(metadata, "entry_points", lambda group: made)
    return [name for name in FILES if name != "base.py"]


def test_a_plugin_is_described_as_if_imported_and_broken_ones_say_why(plugins: list[str], tmp_path: Path) -> None:
    rows = {row["name"]: row for row in recommender_rows(listed_recommenders(plugins))}
    assert (rows["mine"]["summary"], rows["mine"]["parameters"], rows["mine"]["problem"]) == (
        "My own.", "reg=0.5", None,
    )  # fmt: skip
    assert "MINE" not in os.environ
    assert (rows["based"]["parameters"], rows["based"]["problem"]) == ("size=3", None)
    problems = {name: row["problem"] for name, row in rows.items() if row["problem"]}
    assert problems == {
        "lost": "there is no package lost_package; install it, or name a FILE.py",
        "their-pack.ease": "bench.choices:Choice has no method fit and no score; a recommender has both",
        "gone": f"{tmp_path}/gone.py cannot be loaded: importing it ended the process with exit code 3",
        "needs_more": f"{tmp_path}/needs_more.py cannot be loaded: ModuleNotFoundError: No module named "
        "'nothing_like_it' (line 1)",
        "no_python": f"{tmp_path}/no_python.py cannot be loaded: SyntaxError: invalid syntax (no_python.py, line 1)",
    }
    assert rows["ease"]["origin"] == "built-in"
    assert rows["ease"]["parameters"] == "reg=200"


def test_the_text_lists_broken_ones_last(plugins: list[str]) -> None:
    text = recommender_text(listed_recommenders(plugins))
    assert text.index("\nbroken\n") > text.index("file mine.py\n")
    assert "their-pack.ease" in text.partition("\nbroken\n")[2]
    assert "random, not personalised; no parameters" in " ".join(text.split())


def test_a_name_that_two_have_breaks_nothing_else(plugins: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "lost_package" in capsys.readouterr().out
    assert main(["run", "--dataset", "synthetic:60x80x900", "-r", "ease"]) == 2
    message = capsys.readouterr().err
    assert "2 recommenders are called 'ease': recommenders.ease:EASE (built-in) and bench.choices:Choice" in message
    assert message.count("\n") == 1
