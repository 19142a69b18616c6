"""Every format escapes names that come from outside: HTML, Markdown, CSV, terminals."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hand_made import EASE, record

from bench.tables.results import render
from bench.writing.sheet import MARK


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
    assert reader.rows[0][3:] == ["full NDCG@10", "fit s", "score µs/user", "peak MiB"]
    assert [row[0] for row in reader.rows[1:]] == ["ease:reg=500", f"{evil} {MARK}"]
    assert all(len(row) == 7 for row in reader.rows)


def test_markdown_cells_cannot_break_out() -> None:
    text = render([record("a|b*c*<i>_d_", [0, 1, 2, 3]), EASE], "github")
    row = next(line for line in text.splitlines() if line.startswith("| a"))
    assert r"a\|b\*c\*&lt;i&gt;\_d\_" in row
    assert len(re.split(r"(?<!\\)\|", row)) == 9
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
