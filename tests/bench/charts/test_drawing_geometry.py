"""Drawn charts: no text overprints another or leaves the picture, however few or many the rows; widths are as asked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from drawn_texts import collisions, outside, size_of, texts_of
from hand_made import record
from many_records import many_records

from bench.charts.drawing import draw
from bench.charts.library import image
from bench.charts.style import print_style

if TYPE_CHECKING:
    from bench.records.store import Record

COLUMN, PAGE = 240, 504
ROWS = {"pareto": (1, 2, 3, 12, 40), "curves": (1, 2, 3, 12), "views": (2, 3, 12, 40), "forest": (2, 3, 12, 40)}


@cache
def records_of(n_rows: int) -> tuple[Record, ...]:
    return tuple(many_records(n_rows, 2, n_epochs=3))


def drawn(name: str, records: tuple[Record, ...], points: int = COLUMN) -> bytes:
    return image(draw(name, records, style=print_style(points)), "svg")


def check_geometry(svg: bytes, points: int) -> None:
    texts, size = texts_of(svg), size_of(svg)
    assert collisions(texts) == []
    assert outside(texts, size) == []
    assert size[0] == pytest.approx(points / 0.75, abs=8)


@pytest.mark.parametrize(("name", "n_rows"), [(name, n_rows) for name, numbers in ROWS.items() for n_rows in numbers])
def test_no_text_overprints_another_or_leaves_a_column(name: str, n_rows: int) -> None:
    check_geometry(drawn(name, records_of(n_rows)), COLUMN)


@pytest.mark.parametrize("name", ROWS)
def test_a_chart_is_as_wide_as_asked(name: str) -> None:
    svg = drawn(name, records_of(3), PAGE)
    check_geometry(svg, PAGE)
    texts = " ".join(each.text for each in texts_of(svg))
    assert "model_1:embedding_size=1" in texts, "there is room for whole names"
    assert "\N{HORIZONTAL ELLIPSIS}" not in texts


def test_points_without_a_name_are_counted() -> None:
    svg = drawn("pareto", records_of(40))
    texts = [each.text for each in texts_of(svg)]
    n_named = sum(text.startswith("model_") for text in texts)
    assert n_named < 40
    assert f"{40 - n_named} not labelled" in texts
    assert not [each.text for each in texts_of(drawn("pareto", records_of(3))) if "not labelled" in each.text]


def test_rows_far_below_the_others_are_named_at_the_edge() -> None:
    """NDCG@10 of the others is 1, .63, .63 and .63: `far`, with 0, is further below .63 than 1 is above it."""
    records = tuple(record(name, [name > "a"] * 12, fit=1.0 + number) for number, name in enumerate("abcd"))
    far = record("far", [50] * 12, fit=0.001)
    texts = [each.text for each in texts_of(drawn("pareto", (*records, far)))]
    assert "far .00, outside" in texts
    assert "0.001" not in texts, "its time does not stretch the axis of times either"
    two = [each.text for each in texts_of(drawn("pareto", (records[0], far)))]
    assert "far" in two
    assert "far .00, outside" not in two


def test_a_forest_names_rows_far_below_the_others_at_its_edge() -> None:
    near = [record(name, [0] * (40 - number) + [50] * number) for number, name in enumerate("abcd")]
    svg = drawn("forest", (*near, record("far", [50] * 40)))
    check_geometry(svg, COLUMN)
    texts = [each.text for each in texts_of(svg)]
    assert "-1.0000, outside" in texts
    assert [text for text in texts if text in ("b", "c", "d", "far")] == ["b", "c", "d", "far"]
    assert not [text for text in texts if "0.5" in text], "the axis is that of the others"


def test_what_all_panels_have_is_said_once() -> None:
    texts = [each.text for each in texts_of(drawn("curves", records_of(2)))]
    assert "loss" not in texts
    assert "Lines: loss, means" in " ".join(texts)


def test_epochs_are_whole_numbers_and_none_is_there_twice() -> None:
    texts = [each.text for each in texts_of(drawn("curves", tuple(many_records(1, 2, n_epochs=3))))]
    assert [text for text in texts if text.isdecimal()] == ["1", "2", "3"]


def test_a_forest_names_its_reference_and_has_one_zero() -> None:
    texts = [each.text for each in texts_of(drawn("forest", records_of(3)))]
    assert "NDCG@10 minus that of model_0:embedding_size=0" in texts
    assert texts.count("0") == 1
    assert not [text for text in texts if text.strip("+\N{MINUS SIGN}-0.") == "" and text != "0"]
    assert "Filled: distinguishable" in " ".join(texts)
