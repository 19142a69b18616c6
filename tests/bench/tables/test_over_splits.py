"""The table over repeated splits: what is bold, what the note about the order names."""

from __future__ import annotations

import pytest
from splits_by_hand import hits, table

from bench.analysis.over_splits import summarise_splits
from bench.tables.over_splits import make_sheet, render
from protocol.errors import ProtocolError

SPLITS = ("random:0", "random:1", "random:2")
ROWS = {"a": [hits(9), hits(3), hits(9)], "b": [hits(5), hits(6), hits(4)], "c": [hits(1)] * 3}


def bold(k: int) -> dict[str, list[str]]:
    """Return the rows that are bold in each column."""
    summary = summarise_splits(table(SPLITS, **ROWS), (k,), metrics=("HR", "MRR"))
    (block,) = make_sheet(summary, ("sampled",)).blocks
    names = [" ".join(header) for header in block.headers[1:]]
    return {name: [line.label for line in block.lines if line.cells[place].best] for place, name in enumerate(names)}


def test_the_best_of_each_mean_and_of_each_split_is_bold() -> None:
    found = bold(10)
    assert (found["HR@10 mean"], found["MRR@10 mean"]) == (["a"], ["a"])
    assert [found[f"HR@10 {split}"] for split in SPLITS] == [["a"], ["b"], ["a"]]


def test_nothing_is_the_best_where_the_number_of_rivals_decides_the_figure() -> None:
    """Among 100 rivals, every item is in the first 101 places."""
    found = bold(101)
    assert found["HR@101 mean"] == []
    assert [found[f"HR@101 {split}"] for split in SPLITS] == [[], [], []]
    assert found["MRR@101 mean"] == ["a"]


def test_many_rows_that_change_their_place_are_counted() -> None:
    rows = {f"row{place}": [hits(place), hits(11 - place), hits(place)] for place in range(1, 11)}
    text = " ".join(render(table(SPLITS, **rows)).split())
    assert "10 of 10 rows change their place: row10 (1 to 10), row9 (2 to 9), " in text
    assert text.count(" to ") >= 8
    assert " and 2 more." in text


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(ProtocolError, match="unknown view 'sampeld'; there are sampled, expected, full"):
        render(table(SPLITS, **ROWS), views=("sampeld",))  # type: ignore[arg-type]
