"""What a terminal shows: no wider than it is, the least important columns left out in a fixed order, and named."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from hand_made import ALS, EASE, RECORDS, record
from rich.cells import cell_len

from bench.analysis.summary import summarise
from bench.records.store import Store
from bench.tables.columns import columns_of, drop_order
from bench.tables.results import make_sheet, render
from bench.writing.brief import MOST_LINES
from bench.writing.screen import is_styled, screen_width
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.terminal import terminal_text

ROOT = Path(__file__).parents[3]

VIEWS = ("sampled", "expected", "full")

OPTIONS: list[dict[str, Any]] = [
    {"ks": (10,)},
    {"ks": (10, 5), "views": VIEWS},
    {"ks": (5, 10, 20), "beyond_accuracy": True},
    {"ks": (10,), "metrics": ("HR", "NDCG", "MRR", "AUC"), "views": VIEWS},
    {"ks": (10, 5), "metrics": ("AUC", "MRR")},
]


def left_out(text: str) -> list[str]:
    """Return the columns that a table names as left out."""
    found = re.search(r"Left out +(.*?), because this terminal has only", " ".join(text.split()))
    return found[1].split(", ") if found else []


def heads_of(text: str) -> list[str]:
    """Return the first line of a table's header, as words."""
    return next(line.split() for line in text.splitlines() if line.startswith("recommender"))


@pytest.mark.parametrize("options", OPTIONS)
def test_nothing_is_wider_than_the_terminal(options: dict[str, Any]) -> None:
    options = dict(options)
    users = [0, 1, 2, 30]
    rows = [
        *RECORDS,
        record("neumf:embedding_size=32,layers=64-32-16,learning_rate=0.001", users, full=users),
        record("協調フィルタリング推薦器" * 3, users),
        record("x" * 70, users),
    ]
    sheet = make_sheet(summarise(rows, options.pop("ks"), metrics=options.pop("metrics", None)), **options)
    for width in (60, 80, 100, 160):
        for line in terminal_text(sheet, width=width).splitlines():
            assert cell_len(line) <= width or line.startswith("Task")


def test_columns_go_in_the_documented_order_and_are_named() -> None:
    summary = summarise(RECORDS, (10, 5))
    columns, sheet = columns_of(summary, "table", VIEWS), make_sheet(summary, VIEWS)
    documented = [" ".join(columns[place].header).strip() for place in drop_order(columns)]
    assert "peak MiB" in documented
    assert documented[-3:] == ["full NDCG@10", "expected NDCG@10", "HR@10"]
    gone = [left_out(terminal_text(sheet, width=width)) for width in range(200, 19, -1)]
    assert gone[0] == []
    assert gone[-1] == documented
    assert all(names == documented[: len(names)] for names in gone)
    assert [len(names) for names in gone] == sorted(len(names) for names in gone)


def test_what_selection_took_goes_before_what_fitting_took() -> None:
    rows = [record("ease", [0, 0, 1, 20], full=[0, 1, 2, 3], tuning=2.5), ALS]
    gone = left_out(render(rows, width=30))
    assert gone.index("score µs/user") < gone.index("select s") < gone.index("fit s")


def test_what_is_left_out_is_not_shown_and_the_rest_is() -> None:
    text = render(RECORDS, width=60)
    gone = [name.split()[0] for name in left_out(text)]
    assert {"peak", "score"} <= set(gone)
    heads, every = heads_of(text), heads_of(render(RECORDS))
    assert heads[:5] == ["recommender", "NDCG@10", "▼", "HR@10", "full"]
    assert heads == [head for head in every if head not in gone]
    assert re.search(rf"^als +timed out( +-){{{len(heads) - 3}}}$", text, re.MULTILINE)


def test_columns_that_cannot_be_apart_go_at_once() -> None:
    heads = (("name", ""), ("won", ""), ("ties", ""), ("lost", ""), ("mean", ""))
    block = Block(heads, (Line("one", (Cell("1"),) * 4),), expendable=(2, 1, 3), inseparable=frozenset((1, 3)))
    sheet = Sheet("t", (block,), (("Note", "n"),))
    gone = {tuple(left_out(terminal_text(sheet, width=width))) for width in range(40, 5, -1)}
    assert gone == {(), ("ties",), ("ties", "won", "lost")}


def test_no_terminal_no_limit() -> None:
    text = render(RECORDS, ks=(5, 10, 20), views=VIEWS, beyond_accuracy=True)
    assert left_out(text) == []
    assert max(map(len, text.splitlines())) > 160


def test_where_nothing_helps_the_sorting_figure_stays() -> None:
    heads = render(RECORDS, width=10).splitlines()
    assert any(re.fullmatch("recommender +NDCG@10 ▼", line) for line in heads)


def test_lists_lose_the_last_cutoff_first() -> None:
    gone = left_out(render(RECORDS, ks=(10, 5), beyond_accuracy=True, width=60))
    lists = [name for name in gone if name.startswith(("novelty", "popularity", "Gini", "coverage"))]
    assert lists[:4] == ["novelty@5 bits", "popularity@5 in train", "Gini@5 0 to 1", "coverage@5 of items"]


def test_wide_characters_keep_columns_in_line() -> None:
    block = Block((("name", ""), ("figure", "")), (Line("推薦", (Cell("1.00"),)), Line("plain", (Cell("2.00"),))))
    lines = terminal_text(Sheet("t", (block,), (("Note", "n"),))).splitlines()
    assert lines[2:6] == ["name   figure", "-----  ------", "推薦     1.00", "plain    2.00"]
    assert "\0" not in "".join(lines)


def test_the_screen_is_as_wide_as_the_terminal_and_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert screen_width() == 70
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert screen_width() is None


def in_a_terminal(width: int, *arguments: str) -> str:
    """Return what a command writes to a terminal of its own."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    environment |= {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen([sys.executable, "-m", "bench", *arguments], stdout=theirs, cwd=ROOT, env=environment)
    os.close(theirs)
    written = b""
    # Linux answers with an error where the other end is closed, macOS with nothing.
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert process.wait() == 0
    return written.decode().replace("\r\n", "\n")


def test_a_real_terminal_of_60_columns() -> None:
    text = in_a_terminal(60, "table", "results/ml-100k", "--notes")
    assert left_out(text) == left_out(render(Store(ROOT / "results" / "ml-100k").records(), width=60))
    assert {"peak MiB", "score µs/user", "select s"} <= set(left_out(text))
    assert "\x1b[1m" in text
    plain = re.sub(r"\x1b\[[01]m", "", text)
    assert "\x1b" not in plain
    assert all(len(line) <= 60 for line in plain.splitlines() if not line.startswith("Task"))


@pytest.mark.parametrize(
    ("variables", "styled"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_bold_type_is_for_terminals_that_have_it(
    variables: dict[str, str], styled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://no-color.org: a variable that is there and not empty."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_styled() == styled


def test_a_real_terminal_has_few_lines_below_the_table() -> None:
    plain = re.sub(r"\x1b\[[01]m", "", in_a_terminal(60, "table", "results/ml-100k"))
    assert all(len(line) <= 60 for line in plain.splitlines())
    below = plain.rstrip("\n").split("\n\n")[-1].splitlines()
    assert len(below) <= MOST_LINES
    assert below[0].startswith("Result   Highest NDCG@10: gmf.")
    assert "4 pairs that the tests tell apart" in " ".join(" ".join(below).split())


def test_what_is_left_out_is_a_warning_of_the_few_lines() -> None:
    narrow = " ".join(render([EASE], width=50, brief=True).split())
    ((wide, gone),) = re.findall(r"Warning left out, as they need (\d+) columns: ([^.]*)\.", narrow)
    assert gone == "peak MiB, score µs/user and fit s"
    assert left_out(render([EASE], width=50)) == ["peak MiB", "score µs/user", "fit s"]
    assert left_out(render([EASE], width=int(wide))) == []
    assert left_out(render([EASE], width=int(wide) - 1)) != []
