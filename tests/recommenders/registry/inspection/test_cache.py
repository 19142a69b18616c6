"""Earlier inspections answer as long as source, Python and packages are the same, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from recommenders.registry.entry import Entry
from recommenders.registry.inspection import cache
from recommenders.registry.inspection.asking import inspect_plugin
from recommenders.registry.search_space import DeclaredSpace

if TYPE_CHECKING:
    from pathlib import Path

    from recommenders.registry.inspection.outcome import Inspection

MODEL = """
with open({log!r}, "a") as log:
    log.write("x")
class Mine:
    '''{summary}'''
    def fit(self, train, *, rng): ...
    def score(self, users, items): ...
"""


class Plugin:
    """A plug-in that counts how often it is imported."""

    def __init__(self, folder: Path) -> None:
        self.path, self._log = folder / "mine.py", folder / "log"
        self.write("One.")

    def write(self, summary: str, extra: str = "") -> None:
        self.path.write_text(MODEL.format(log=str(self._log), summary=summary) + extra)

    @property
    def n_imports(self) -> int:
        return len(self._log.read_text())

    def inspect(self) -> Inspection:
        return inspect_plugin(Entry("", f"{self.path}:Mine", origin="file"))

    def summary(self) -> str:
        description = self.inspect().description
        assert description is not None
        return description.summary


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    monkeypatch.setattr(cache, "folder_of_inspections", lambda: tmp_path / "cache")
    (tmp_path / "plugin").mkdir()
    return Plugin(tmp_path / "plugin")


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do as a new process: remember nothing but what is on the disk."""
    monkeypatch.setattr(cache, "_kept", {})


def test_it_is_imported_once_for_all_processes(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    first = plugin.inspect()
    assert plugin.inspect() == first
    forget(monkeypatch)
    assert plugin.inspect() == first
    assert plugin.n_imports == 1


def test_the_only_recommender_is_not_imported_again_by_its_name(plugin: Plugin) -> None:
    assert inspect_plugin(Entry("", f"{plugin.path}:", origin="file")) == plugin.inspect()
    assert plugin.n_imports == 1


def test_an_edit_of_a_docstring_is_seen(plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert plugin.summary() == "One."
    plugin.write("Two.")
    assert plugin.summary() == "Two."
    forget(monkeypatch)
    assert plugin.summary() == "Two."
    assert plugin.n_imports == 2
    assert len([*(tmp_path / "cache").iterdir()]) == 1


def test_what_failed_is_tried_again_by_the_next_process_alone(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needed = tmp_path / "needed"
    plugin.write("One.", f"open({str(needed)!r})\n")
    assert plugin.inspect().outcome == plugin.inspect().outcome == "not imported"
    assert plugin.n_imports == 1
    needed.write_text("")
    forget(monkeypatch)
    assert plugin.inspect().outcome == "described"


def test_a_search_space_that_failed_is_tried_again_by_the_next_process_alone(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needed = tmp_path / "needed"
    plugin.write(
        "One.", f"    @classmethod\n    def search_space(cls): return {{'size': [open({str(needed)!r}).read()]}}\n"
    )
    for _ in range(2):
        space = plugin.inspect().space
        assert space is not None
        assert space.problem.startswith("FileNotFoundError")
    assert plugin.n_imports == 1
    needed.write_text("8")
    forget(monkeypatch)
    assert plugin.inspect().space == DeclaredSpace({"size": ["8"]})
    forget(monkeypatch)
    assert plugin.inspect().space == DeclaredSpace({"size": ["8"]})
    assert plugin.n_imports == 2


def test_an_installed_package_is_a_reason_to_look_again(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    plugin.inspect()
    plugin.inspect()
    assert plugin.n_imports == 1
    (folder / "new_package").mkdir()
    os.utime(folder, ns=(1, 1))
    plugin.inspect()
    assert plugin.n_imports == 2


def test_a_damaged_file_is_written_anew(plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = plugin.inspect()
    (kept,) = (tmp_path / "cache").iterdir()
    whole = kept.read_text()
    for number, damage in enumerate(["", "[]", '{"key": 3}', "\x00", "[" * 100_000], start=2):
        kept.write_text(damage)
        forget(monkeypatch)
        assert plugin.inspect() == first
        assert kept.read_text() == whole
        assert plugin.n_imports == number, damage[:10]


def test_without_a_folder_that_can_be_written_it_works_all_the_same(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    assert plugin.summary() == plugin.summary() == "One."
    assert plugin.n_imports == 1
    forget(monkeypatch)
    assert plugin.summary() == "One."
    assert plugin.n_imports == 2


def test_the_cache_folder_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("class Mine:\n    fit = score = lambda self: 1\n")
    code = (
        "import sys; from recommenders import registry; "
        "print(registry.description_of(registry.Entry('', sys.argv[1] + ':Mine', {}, 'file')).summary)"
    )
    environment = {**os.environ, "RECBENCH_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", code, str(tmp_path / "mine.py")]
    subprocess.run(command, env=environment, check=True)
    assert len([*(tmp_path / "cache" / "inspections").glob("*.json")]) == 1
