"""Formats: each is one entry and one module, and a new one is nothing more."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from hand_made import RECORDS
from report_page import COMMITTED

from bench.analysis.head_to_head import compare_rows
from bench.cli.main import main
from bench.names import FORMATS
from bench.tables import head_to_head
from bench.tables.results import render

if TYPE_CHECKING:
    import pytest

    from bench.writing.formats import Screen, Writable


def test_every_format_has_a_module_that_writes() -> None:
    assert list(FORMATS) == ["terminal", "github", "latex", "csv", "json", "html-fragment"]
    for module in FORMATS.values():
        assert callable(import_module(module).write)


def test_a_new_format_is_one_entry_and_one_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = ModuleType("toy")

    def write(what: Writable, _: Screen) -> str:
        return "\n".join([*(str(next(iter(row.values()))) for row in what.values()), ""])

    toy.write = write  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toy", toy)
    monkeypatch.setitem(FORMATS, "labels", "toy")
    assert render(RECORDS, "labels") == "ease:reg=500\nbpr\nals\n"
    assert head_to_head.render(compare_rows(RECORDS, "ease:reg=500", "bpr"), "labels") == "all\n"
    assert main(["table", str(COMMITTED.parent), "--format", "labels"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "gmf"


def test_naming_the_formats_and_metrics_imports_nothing_heavy() -> None:
    code = (
        "import sys, bench.cli.main as it; it.make_parser(); "
        "print([name for name in ('numpy', 'scipy', 'pandas', 'rich', 'tabulate', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
