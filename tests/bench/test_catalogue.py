"""The list of recommenders: plug-ins are not imported for it, and a broken one is listed with its reason."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bench.catalogue import listed_recommenders, recommender_rows, recommender_text
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
    "mine.py": f"raise SystemExit('imported')\nclass Mine:\n    '''What it is.'''\n"
    f"    def __init__(self, reg: float = 0.5): ...{METHODS}",
    "based.py": f"import torch\nclass Based(torch.nn.Module):\n    '''On another.'''{METHODS}",
    "needs_more.py": f"import nothing_like_it\nclass NeedsMore:{METHODS}",
    "no_python.py": "def (:\n",
}


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return files, beside packages of which one is broken and two share a name."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    points = [("gone", "gone_package.model:Gone"), ("ease", "bench.choices:Choice")]
    made = [SimpleNamespace(name=name, value=value, dist=SimpleNamespace(name="their-pack")) for name, value in points]
    monkeypatch.setattr(metadata, "entry_points", lambda group: made)
    return list(FILES)


def test_nothing_of_a_plugin_is_run_and_broken_ones_say_why(plugins: list[str]) -> None:
    rows = {row["name"]: row for row in recommender_rows(listed_recommenders(plugins))}
    assert (rows["mine"]["summary"], rows["mine"]["parameters"], rows["mine"]["problem"]) == (
        "What it is.", "reg=0.5", None,
    )  # fmt: skip
    assert (rows["based"]["parameters"], rows["based"]["problem"]) == ("those of torch.nn.Module", None)
    problems = {name: row["problem"] for name, row in rows.items() if row["problem"]}
    assert problems == {
        "gone": "there is no module gone_package.model",
        "their-pack.ease": "Choice has no method fit and no score; a recommender has both",
        "needs_more": "needs_more.py imports nothing_like_it (line 1), which is not installed; install what it needs",
        "no_python": "no_python.py is not Python: invalid syntax (line 1)",
    }
    assert rows["ease"]["origin"] == "built-in"


def test_the_text_lists_broken_ones_last(plugins: list[str]) -> None:
    text = recommender_text(listed_recommenders(plugins))
    assert text.index("\nbroken\n") > text.index("file mine.py\n")
    assert "their-pack.ease" in text.partition("\nbroken\n")[2]
    assert "random, not personalised; no parameters" in " ".join(text.split())


def test_a_name_that_two_have_breaks_nothing_else(plugins: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "gone_package" in capsys.readouterr().out
    assert main(["run", "--dataset", "synthetic:60x80x900", "-r", "ease"]) == 2
    message = capsys.readouterr().err
    assert "2 recommenders are called 'ease': recommenders.ease:EASE (built-in) and bench.choices:Choice" in message
    assert message.count("\n") == 1
