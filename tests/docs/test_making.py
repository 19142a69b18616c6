"""What the build of the documentation adds to Sphinx: lists from the code, and the check that pages need no network."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from markdown_pages import ROOT

import bench
from bench.cli.main import COMMANDS
from bench.names import CHARTS
from protocol.data.registered import REGISTERED

if TYPE_CHECKING:
    from types import ModuleType


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module of ``docs/making``."""
    pytest.importorskip("sphinx", reason="Sphinx is not installed: `make docs` installs it")
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    __import__(f"making.{name}")
    return sys.modules[f"making.{name}"]


@pytest.mark.parametrize(
    ("html", "loaded"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', ["//fonts.example/a.css"]),
        ('<img src="http://example.org/badge.svg">', ["http://example.org/badge.svg"]),
        ('<script src="../_static/x.js"></script><a href="https://example.org">a link</a>', []),
        ('<link rel="canonical" href="https://example.org/">', []),
    ],
)
def test_what_a_page_would_load_is_found(html: str, loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert module("offline", monkeypatch).loaded_from_elsewhere(html) == loaded


def test_lists_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    made = module("directives", monkeypatch)
    assert all(f"| `{name}` |" in made.datasets() for name in REGISTERED)
    commands = made.commands()
    assert commands.count("## recbench ") == len(COMMANDS)
    assert str(ROOT) not in commands


def test_a_bar_in_a_cell_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table = module("directives", monkeypatch).table(("a", "b"), [("x|y", "z")])
    assert table.splitlines() == ["| a | b |", "| --- | --- |", r"| x\|y | z |"]


def test_the_gallery_shows_each_chart_that_its_results_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """No recommender of the committed results has two settings, which the chart of settings compares."""
    pictures = module("gallery", monkeypatch).PICTURES
    page = (ROOT / "docs" / "gallery.md").read_text()
    assert {picture.chart for picture in pictures.values()} == {*CHARTS} - {"settings"}
    assert all(f"](made/{name}.svg)" in page for name in pictures)


def test_the_reference_has_every_name_of_bench() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    documented = re.findall(r"\.\. auto(?:function|class):: (?:bench\.)?(\w+)$", page, re.MULTILINE)
    assert set(bench.__all__) <= set(documented)
