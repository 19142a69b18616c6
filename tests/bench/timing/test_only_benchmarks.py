"""Of all tests, only benchmarks run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from bench.timing.only_benchmarks import VARIABLE, pytest_collection_modifyitems
from bench.timing.sessions import _environment

if TYPE_CHECKING:
    import pytest


def item(name: str, *fixtures: str) -> SimpleNamespace:
    return SimpleNamespace(nodeid=name, fixturenames=fixtures)


def selected() -> tuple[list[str], list[str]]:
    """Return what is kept, and what is reported as deselected."""
    items = [item("fit", "benchmark"), item("plain", "tmp_path"), item("score", "tmp_path", "benchmark")]
    gone: list[Any] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: gone.extend(items))
    pytest_collection_modifyitems(SimpleNamespace(hook=hook), items)
    return [one.nodeid for one in items], [one.nodeid for one in gone]


def test_benchmarks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert selected() == (["fit", "score"], ["plain"])


def test_of_benchmarks_those_asked_for_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, _environment(["score", "plain"])[VARIABLE])
    assert selected() == (["score"], ["fit", "plain"])
