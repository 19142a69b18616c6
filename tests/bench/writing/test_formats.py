"""Formats: each is one entry and one module, and a new one is nothing more."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import EASE, RECORDS, record
from report_page import COMMITTED

from bench.analysis.head_to_head import compare_rows
from bench.cli.main import main
from bench.names import FORMATS
from bench.tables import head_to_head
from bench.tables.results import render
from bench.writing.sheet import MARK

if TYPE_CHECKING:
    from bench.writing.formats import Screen, Writable

pytestmark = pytest.mark.usefixtures("few_users")


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


class _Reader(HTMLParser):
    """Collects the cells of each row, the tags, and whether all that opened was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def test_html_is_well_formed_and_safe() -> None:
    evil = "x<script>alert(1)</script>&"
    reader = _Reader()
    reader.feed(render([record(evil, [0, 1, 2, 3]), EASE], "html-fragment"))
    assert reader.open == []
    assert "script" not in reader.tags
    assert reader.rows[0][3:7] == ["full NDCG@10", "fit s", "score µs/user", "peak MiB"]
    assert [row[0] for row in reader.rows[1:]] == ["ease:reg=500", f"{evil} {MARK}"]
    assert len({len(row) for row in reader.rows}) == 1


def test_markdown_cells_cannot_break_out() -> None:
    text = render([record("a|b*c*<i>_d_", [0, 1, 2, 3]), EASE], "github")
    heads, row = (next(line for line in text.splitlines() if line.startswith(start)) for start in ("| reco", "| a"))
    assert r"a\|b\*c\*&lt;i&gt;\_d\_" in row
    assert len(re.split(r"(?<!\\)\|", row)) == heads.count("|") + 1 >= 9
    assert "mlp_post" in render([record("mlp_post", [0, 1, 2, 3])], "github")
    assert r"| \$x\$ " in render([record("$x$", [0, 1, 2, 3])], "github")


def test_a_spreadsheet_sees_no_formula() -> None:
    label = '=HYPERLINK("http://x")'
    row = next(csv.DictReader(io.StringIO(render([record(label, [0, 1, 2, 3])], "csv"))))
    assert row["recommender"] == f"'{label}"


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "html-fragment"])
def test_names_cannot_move_the_cursor_or_break_lines(form: Any) -> None:
    text = render([record("a\x1b[2Jb\nc\u202ed", [0, 1, 2, 3])], form)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "b\nc" not in text
