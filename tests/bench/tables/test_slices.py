"""Slices of users as columns of the table, on request, in every format."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hand_made import record

from bench.actions.results import Results, TableOptions
from bench.analysis.slices import slice_accuracies
from bench.analysis.summary import groups_of, summarise
from bench.cli.main import main
from bench.names import FORMATS
from bench.page.main_table import main_table
from bench.records.store import Store
from bench.tables.results import render, to_frame
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_users")

COUNTS = ([1, 2, 3, 4], [0, 1, 1, 9], list(range(10)))
"""Of the four users, of their held-out items, and of all items; the first user's item is cold."""

TOP = [[1], [2], [3], [4]]

RECORDS = [
    record("first", [0, 0, 50, 50], full=[0, 0, 50, 50], counts=COUNTS, top=TOP),
    record("second", [50, 50, 0, 0], full=[50, 50, 0, 0], counts=COUNTS, top=TOP),
]
"""A user finds the item at the first place, NDCG 1, or never, NDCG 0."""

FULL = {"views": ("full",), "slices": True}
EXPECTED = {
    "activity 1": (1, 0), "activity 2": (1, 0), "activity 3": (0, 1), "activity 4": (0, 1),
    "cold": (1, 0), "popularity 1": (0.5, 0.5), "popularity 9": (0, 1),
}  # fmt: skip
"""By slice: the means of the two rows, computed by hand."""


def key(title: str) -> str:
    return f"full_NDCG@10_{title.replace(' ', '_')}"


def test_csv_and_frame_have_each_mean_with_its_bounds() -> None:
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", **FULL))))
    by_name = {row["recommender"]: row for row in rows}
    frame = to_frame(RECORDS, **FULL)
    for title, (first, second) in EXPECTED.items():
        found = tuple(float(by_name[name][key(title)]) for name in ("first", "second"))
        assert found == (first, second) == tuple(frame.loc[["first", "second"], key(title)])
        assert {f"{key(title)}_low", f"{key(title)}_high"} <= rows[0].keys()
    every = to_frame(RECORDS, every_figure=True, **FULL)
    assert f"{key('popularity 1')}_low" in every.columns


def test_json_has_them_and_says_how_many_users_each_has() -> None:
    document = json.loads(render(RECORDS, "json", **FULL))
    rows = {row["recommender"]: row for row in document["rows"]}
    assert {title: rows["first"][key(title)] for title in EXPECTED} == {
        title: one for title, (one, _) in EXPECTED.items()
    }
    (note,) = (each["text"] for each in document["notes"] if each["about"] == "Slices")
    assert "activity 1: 1, activity 2: 1, activity 3: 1, activity 4: 1, cold: 1, popularity 1: 2 and" in note


@pytest.mark.parametrize("form", FORMATS)
def test_they_are_shown_on_request_only(form: str) -> None:
    assert "activity" not in render(RECORDS, form, views=("full",))
    assert "activity" in render(RECORDS, form, **FULL)


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "html-fragment"])
def test_each_format_for_readers_has_two_more_blocks(form: str) -> None:
    text = render(RECORDS, form, **FULL)
    assert text.count("recommender") - render(RECORDS, form, views=("full",)).count("recommender") == 2
    assert text.index("activity") < text.index("cold") < text.rindex("popularity")


def test_a_terminal_of_80_columns_has_them_all() -> None:
    counts = ([1020, 2040, 4080, 9999], [0, 1150, 3300, 99_999], [0, 99_999])
    made = [record(name, [0, 0, 50, 50], full=[0, 0, 50, 50], counts=counts) for name in ("a" * 24, "b")]
    text = render(made, "terminal", width=80, **FULL)
    assert max(map(len, text.splitlines())) <= 80
    assert [f" {span}" in text for span in ("1020", "9999", "1150", "99999")] == [True] * 4
    assert "cold" in text


def test_the_best_of_each_slice_is_marked() -> None:
    text = render(RECORDS, "github", **FULL)
    lines = [line for line in text.splitlines() if line.startswith("| first")]
    assert [cell.strip() for cell in lines[1].split("|")[2:-1]] == ["**1.0000**", "**1.0000**", ".0000", ".0000"]
    assert [cell.strip() for cell in lines[2].split("|")[2:-1]] == ["**1.0000**", "**.5000**", ".0000"]


def test_they_are_the_slices_of_the_comparison() -> None:
    summary = summarise(RECORDS, slices=True)
    found = slice_accuracies(groups_of(RECORDS, summary), "NDCG", summary.primary_view, 10)
    assert list(map(repr, summary.slices or ())) == [repr(each) for each in found if each.kind != "all"]
    assert summarise(RECORDS).slices is None


def test_records_without_counts_are_named() -> None:
    old = record("old", [0, 0, 0, 0], full=[0, 0, 0, 0])
    text = render([*RECORDS, old], "github", **FULL)
    assert "The records of old do not have the slices." in text
    line = [line for line in text.splitlines() if line.startswith("| old")][1]
    assert {cell.strip() for cell in line.split("|")[2:-1]} == {"-"}
    alone = render([old], "github", **FULL)
    assert "Slices**: not known: no record holds the counts" in alone


def test_a_failure_has_no_slices() -> None:
    failed = record("third", [0] * 4, failure={"kind": "raised", "message": "no"})
    text = render([*RECORDS, failed], "github", **FULL)
    assert len([line for line in text.splitlines() if line.startswith("| third")]) == 1
    (row,) = (row for row in csv.DictReader(io.StringIO(render([*RECORDS, failed], "csv", **FULL)))
              if row["recommender"] == "third")  # fmt: skip
    assert row[key("cold")] == ""


def test_the_page_has_them_among_its_columns() -> None:
    table = main_table(summarise(RECORDS, view="full", slices=True), {})
    both = list(zip(table.data["columns"], table.heads, strict=True))
    added = [column for column, _ in both if column["group"] == "slices of users"]
    assert [(column["id"], column["view"]) for column in added] == [
        (f"full NDCG@10 {title}", "full") for title in EXPECTED
    ]
    assert [head.name for column, head in both if column in added] == list(EXPECTED)
    assert not [column for column in added if "metric" in column], "they do not sort the rows by themselves"
    plain = main_table(summarise(RECORDS, view="full"), {})
    assert not [column for column in plain.data["columns"] if column["group"] == "slices of users"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    for one in RECORDS:
        store.add(one)
    return tmp_path


def test_table_and_report_take_the_option(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.page.page.javascript", lambda: "window.vegaEmbed = null;")
    assert main(["table", str(folder), "--slices", "--view", "full"]) == 0
    assert "activity" in capsys.readouterr().out
    assert main(["report", str(folder), "--slices"]) == 0
    assert '"slices of users"' in (folder / "report.html").read_text(encoding="utf-8")
    assert main(["report", str(folder)]) == 0
    assert '"slices of users"' not in (folder / "report.html").read_text(encoding="utf-8")


def test_the_option_is_on_or_off() -> None:
    with pytest.raises(ProtocolError, match="slices: 'yes' is neither True nor False"):
        TableOptions().changed(slices="yes")
    assert not Results((), folder=None).options.slices  # type: ignore[arg-type]
