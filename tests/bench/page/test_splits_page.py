"""The page over repeated splits: how the order changes, by hand; links, names as text, and in Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from accessibility import findings
from chromium import opened
from many_records import HARM
from report_page import Parsed, committed_library
from splits_by_hand import hits, table

from bench.analysis.over_splits import summarise_splits
from bench.charts.chart import shown
from bench.page.splits_page import splits_page

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = "window.vegaEmbed = null;"
SPLITS = ("random:0", "random:1", "random:2")
SWAPPED = {
    "first": [hits(11), hits(11), hits(10)],
    "second": [hits(7), hits(4), hits(6)],
    "third": [hits(5), hits(6), hits(3)],
}
"""In the second split, the second and the third row change their places: one of three pairs."""


def page_of(rows: dict[str, Any], **options: Any) -> str:
    return splits_page(summarise_splits(table(SPLITS, **rows)), {"random:1": "one.html"}, library=LIBRARY, **options)


def body_of(page: Parsed, text: str, name: str) -> list[list[str]]:
    """Return the cells of the body of a table, line by line."""
    body = text.split(f'<table id="{name}" class="heat">')[1].split("</table>")[0].split("<tbody>")[1]
    found = Parsed(f"<table>{body.replace('</tbody>', '')}</table>")
    n_lines = len(found.texts["th"])
    cells = found.texts["td"]
    width = len(cells) // n_lines
    return [[label, *cells[width * i : width * (i + 1)]] for i, label in enumerate(found.texts["th"])]


def test_the_page_says_how_the_order_changes() -> None:
    """Kendall's tau of three rows with one pair swapped is (2 - 1) / 3."""
    text = page_of(SWAPPED)
    page = Parsed(text)
    assert body_of(page, text, "taus") == [
        ["random:0", "1.00", ".33", "1.00"],
        ["random:1", ".33", "1.00", ".33"],
        ["random:2", "1.00", ".33", "1.00"],
    ]
    assert body_of(page, text, "moves") == [["second", "2", "3", "2", "2", "3"], ["third", "3", "2", "3", "2", "3"]]
    assert "2 of 3 rows do not have the same place in every split." in text
    assert [attributes.get("class") for tag, attributes in page.tags if tag == "td"].count("h20") == 5
    assert "places" in page.data["charts"]
    assert "change their place: second (2 to 3) and third (2 to 3)" in text, "the note below the table"
    (link,) = [str(made["href"]) for tag, made in page.tags if tag == "a" and not str(made["href"]).startswith("#")]
    assert link == "one.html"


def test_where_no_place_changes_the_page_says_so() -> None:
    text = page_of({"first": [hits(11)] * 3, "second": [hits(4), hits(5), hits(6)]})
    assert "None: each row has the same place in every split." in text
    assert "no row changes its place" in text


def test_a_reverse_order_has_its_sign_and_no_colour() -> None:
    text = page_of({"first": [hits(11), hits(2), hits(11)], "second": [hits(4)] * 3})
    assert '<td class="h0">-1.00</td>' in text


def test_one_row_alone_has_a_page_without_an_order() -> None:
    page = Parsed(page_of({"alone": [hits(4)] * 3}))
    assert page.data["charts"] == {}
    assert "order" not in [attributes.get("id") for _, attributes in page.tags]


def test_names_of_others_are_text_and_nothing_is_loaded() -> None:
    page = Parsed(page_of({harm: [hits(place), hits(11 - place), hits(5)] for place, harm in enumerate(HARM)}))
    assert not [tag for tag, _ in page.tags if tag in ("img", "svg")]
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    texts = " ".join(text for tag, every in page.texts.items() if tag not in ("script", "style") for text in every)
    assert all(shown(harm) in texts for harm in HARM)
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag


@pytest.mark.slow
def test_the_chart_is_drawn_and_a_phone_scrolls_in_one_direction_only(browser: Any, tmp_path: Path) -> None:
    rows = SWAPPED | {harm: [hits(1), hits(2), hits(0)] for harm in HARM[:2]}
    place = tmp_path / "page.html"
    text = splits_page(summarise_splits(table(SPLITS, **rows)), {}, library=committed_library())
    place.write_text(text, encoding="utf-8")
    for width in (1440, 390):
        with opened(browser, place, viewport={"width": width, "height": 900}) as tab:
            assert tab.locator("#chart-places svg").count() == 1
            assert "2 of 5 rows" in tab.locator("#chart-places").get_attribute("aria-label")
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.evaluate("typeof window.harmed") == "undefined"
            assert findings(tab) == []
