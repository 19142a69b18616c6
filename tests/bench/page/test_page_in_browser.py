"""The page in Chromium: it draws without complaint or network, sorts, filters, switches, and runs no strange code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from chromium import chromium, opened
from many_records import HARM, harmful_records, many_records
from report_page import COMMITTED, committed_library
from study_folders import rows_of
from timed_on import timed

from bench.charts.chart import shown
from bench.page.page import page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

MOST_BYTES = 2 * 1024 * 1024


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def names(tab: Any) -> list[str]:
    return [text.removesuffix(" †") for text in tab.locator("#main tbody th").all_inner_texts()]


def headers(tab: Any) -> list[str]:
    return [" ".join(text.split()) for text in tab.locator("#main thead th").all_inner_texts()]


def test_the_table_sorts_filters_and_switches(browser: Any) -> None:
    with opened(browser, COMMITTED) as tab:
        every = names(tab)
        assert len(every) == 12
        assert headers(tab)[:3] == ["recommender", "HR@10", "NDCG@10"]
        tab.locator("#main thead button", has_text="fit").press("Enter")
        assert names(tab)[:2] == ["random", "popularity"]
        assert tab.locator("#main th[aria-sort]").get_attribute("aria-sort") == "ascending"
        tab.locator("#main thead button", has_text="NDCG").press("Enter")
        assert names(tab) == every, "by NDCG, the best first, as it was"
        assert tab.locator("#main th[aria-sort]").get_attribute("aria-sort") == "descending"
        tab.locator("#view-choice input[value=full]").check()
        tab.locator("#k-choice").select_option("5")
        assert headers(tab)[:3] == ["recommender", "HR@5", "NDCG@5"]
        figures = [float(text.split()[0]) for text in tab.locator("#main tbody td:nth-of-type(2)").all_inner_texts()]
        assert figures == sorted(figures, reverse=True)
        tab.locator("#filter").fill("MLP")
        assert set(names(tab)) == {"mlp", "mlp_post", "torch.mlp_post"}
        assert tab.locator("#shown").inner_text() == "3 of 12 rows"
        tab.locator("#filter").fill("")
        tab.locator("#on-par").check()
        assert set(names(tab)) < set(every)
        tab.locator("#columns summary").press("Enter")
        tab.get_by_label("parameters", exact=True).check()
        assert headers(tab)[-1] == "parameters"
        assert "embedding_size=" in tab.locator("#main tbody td.about").first.inner_text()
        tab.keyboard.press("Escape")
        assert tab.locator("#columns").get_attribute("open") is None


def test_charts_are_drawn_say_what_they_are_and_tell_more_when_pointed_at(browser: Any) -> None:
    with opened(browser, COMMITTED) as tab:
        charts = tab.locator("[data-chart]")
        assert charts.count() >= 8
        for number in range(charts.count()):
            assert charts.nth(number).locator("svg").count() == 1
            assert len(charts.nth(number).get_attribute("aria-label")) > 40
        tab.locator("#chart-pareto").scroll_into_view_if_needed()
        tab.locator("#chart-pareto .mark-symbol path").first.hover()
        tip = tab.locator("#tip")
        tip.wait_for(state="visible")
        assert re.search(r"NDCG@10\s+\.\d{4} ±\.\d{3}", tip.inner_text())
        assert "embedding_size=" in tip.inner_text()
        before = tab.locator("#chart-forest").inner_html()
        tab.locator("#baseline").select_option("ease")
        tab.wait_for_function("before => document.getElementById('chart-forest').innerHTML !== before", arg=before)
        assert "gmf" in tab.locator("#chart-forest").text_content()
        numbers = tab.locator("figure:has(#chart-forest) .numbers table")
        assert numbers.locator("thead th").nth(1).text_content() == "minus ease"
        assert "ease" not in numbers.locator("tbody th").all_text_contents()
        assert numbers.locator("tbody tr").count() == 11
        assert "minus that of ease" in tab.locator("#chart-forest").get_attribute("aria-label")
        tab.locator("#view-choice input[value=full]").check()
        tab.wait_for_function("document.getElementById('chart-pareto').textContent.includes('full NDCG@10')")


def test_settings_are_below_a_head_until_a_column_sorts_the_rows(browser: Any, tmp_path: Path) -> None:
    place = tmp_path / "settings.html"
    place.write_text(page(rows_of("one"), library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        assert names(tab) == ["ease", "mf, varied: a", "mf:a=4", "mf:a=2", "mf:a=1", "als"]
        assert tab.locator("#main tr.setting").count() == 3
        assert tab.locator("#shown").inner_text() == "5 rows"
        tab.locator("#filter").fill("a=1")
        assert names(tab) == ["mf, varied: a", "mf:a=1"]
        tab.locator("#filter").fill("")
        tab.locator("#main thead button", has_text="fit").press("Enter")
        assert names(tab) == ["ease", "mf:a=4", "mf:a=2", "mf:a=1", "als"]
        assert tab.locator("#main tr.head").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_a_phone_scrolls_in_one_direction_only(browser: Any, scheme: str) -> None:
    """WCAG AA asks for 4.5 to 1 for text."""
    with opened(browser, COMMITTED, color_scheme=scheme, viewport={"width": 390, "height": 844}) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        colours = {
            role: tab.evaluate("role => getComputedStyle(document.documentElement).getPropertyValue(role)", f"--{role}")
            for role in ("ink", "muted", "accent", "second", "surface", "raised", "tint")
        }
        for text in ("ink", "muted", "accent", "second"):
            for ground in ("surface", "raised", "tint"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour.strip()[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("guarded", [True, False], ids=["with its policy", "without its policy"])
def test_no_text_that_others_wrote_runs(browser: Any, tmp_path: Path, guarded: bool) -> None:
    """Not even where the content policy, which would stop it, is taken away."""
    text = page(harmful_records(), library=committed_library())
    if not guarded:
        text, n_removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        assert n_removed == 1
    place = tmp_path / "harm.html"
    place.write_text(text, encoding="utf-8")
    with opened(browser, place) as tab:
        tab.locator("#columns summary").click()
        tab.get_by_label("parameters", exact=True).check()
        tab.locator("#columns summary").click()
        tab.locator("#chart-pareto .mark-symbol path").first.hover(force=True)
        tab.locator("#tip").wait_for(state="visible")
        told = tab.locator("#tip").inner_text().split("\n")[0].strip()
        assert re.sub(r" \([a-z]+\)$", "", told) in set(map(shown, HARM))  # A letter says how it was timed.
        assert set(names(tab)) >= set(map(shown, HARM))
        assert tab.evaluate("typeof window.harmed") == "undefined"
        assert tab.locator("img").count() == 0
        assert tab.locator("script").count() == 3


def test_two_hundred_recommenders_with_five_seeds_fit_in_two_mebibytes(browser: Any, tmp_path: Path) -> None:
    """Tested against a baseline, because all 19,900 pairs take a while and nothing of them is on the page."""
    text = page(many_records(200, 5), baseline="model_0:embedding_size=0", library=committed_library())
    assert len(text.encode()) < MOST_BYTES
    place = tmp_path / "many.html"
    place.write_text(text, encoding="utf-8")
    with opened(browser, place) as tab:
        assert len(names(tab)) == 200
        tab.locator("#filter").fill("embedding_size=17")
        assert len(names(tab)) == 11, "17 and 170 to 179"


def test_a_time_shows_its_letter_and_a_point_too(browser: Any, tmp_path: Path) -> None:
    place = tmp_path / "unequal.html"
    records = [timed("bpr"), timed("als", cores=4)]
    place.write_text(page(records, library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        at = headers(tab).index("fit s")
        assert tab.locator(f"#main tbody td:nth-of-type({at})").all_inner_texts() == ["1.00 a", "1.00 b"]
        for _ in ("as the page has it", "as the script draws it"):
            tab.wait_for_function("document.getElementById('chart-pareto').textContent.includes('bpr (b)')")
            tab.locator("#filter").fill("bpr")
