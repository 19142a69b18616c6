"""The page in Chromium: it draws without complaint or network, sorts, marks, filters, and runs no strange code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from chromium import opened
from hand_made import ALS
from many_records import HARM, harmful_records, many_records
from report_page import committed_library
from shown_table import headers, names
from study_folders import rows_of
from timed_on import timed
from two_orders import FULL, SAMPLED

from bench.charts.chart import shown
from bench.page.page import page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

MOST_BYTES = 2 * 1024 * 1024


def marked(tab: Any) -> list[str]:
    return tab.locator("#main tbody tr:has(.mark:not([hidden])) th > span").all_inner_texts()


def reference(tab: Any) -> list[str]:
    return tab.locator("#main tbody tr.best th > span").all_inner_texts()


def test_choosing_a_view_sorts_and_marks_by_it(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        assert (names(tab), reference(tab), marked(tab)) == (SAMPLED, ["steady"], ["near"])
        assert "the best row, steady, by NDCG@10" in tab.locator("#marks").inner_text()
        tab.locator("#view-choice input[value=full]").check()
        assert (names(tab), reference(tab), marked(tab)) == (FULL, ["low"], ["wide"])
        assert "the best row, low, by full NDCG@10" in tab.locator("#marks").inner_text()
        assert tab.locator("#main th[aria-sort]").inner_text().split()[0] == "NDCG@10"
        assert tab.locator("#main td:not([hidden]) b").all_inner_texts() == ["1.0000"] * 4, "HR thrice, NDCG once"
        tab.locator("#on-par").check()
        assert names(tab) == ["low", "wide"]


def test_choosing_a_metric_sorts_and_marks_by_it(browser: Any, small: Path) -> None:
    """Full HR@10 is 1 for three rows, which are told apart from near alone."""
    with opened(browser, small) as tab:
        tab.locator("#view-choice input[value=full]").check()
        tab.locator("#metric-choice").select_option("HR")
        assert names(tab)[:4] == ["steady", "wide", "low", "near"], "equal ones as they were"
        assert (reference(tab), marked(tab)) == (["low"], ["steady", "wide"])
        assert tab.locator("#main th[aria-sort]").inner_text().split()[0] == "HR@10"


def test_a_mark_that_was_not_tested_is_not_shown(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.analysis.significance_by_mean.MOST_ROWS", 3)
    place = tmp_path / "report.html"
    place.write_text(page(many_records(4, 3), library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        assert len(reference(tab)) == 1
        tab.locator("#k-choice").select_option("5")
        assert (reference(tab), marked(tab)) == ([], [])
        assert "No row is marked by NDCG@5" in tab.locator("#marks").inner_text()
        assert tab.locator("#on-par").is_disabled()


def test_the_table_sorts_filters_and_switches(browser: Any, ml_100k: Path) -> None:
    with opened(browser, ml_100k) as tab:
        every = names(tab)
        assert len(every) == 12
        assert headers(tab)[:3] == ["recommender", "NDCG@10", "HR@10"]
        tab.locator("#main thead button", has_text="fit").press("Enter")
        assert names(tab)[:2] == ["random", "popularity"]
        assert tab.locator("#main th[aria-sort]").get_attribute("aria-sort") == "ascending"
        tab.locator("#main thead button", has_text="NDCG@10").locator("visible=true").press("Enter")
        assert names(tab) == every, "by NDCG, the best first, as it was"
        assert tab.locator("#main th[aria-sort]").get_attribute("aria-sort") == "descending"
        tab.locator("#view-choice input[value=full]").check()
        tab.locator("#k-choice").select_option("5")
        assert headers(tab)[:3] == ["recommender", "NDCG@5", "HR@5"]
        figures = [
            float(text.split()[0])
            for text in tab.locator("#main td:has(> .bar)").locator("visible=true").all_inner_texts()
        ]
        assert figures[::2] == sorted(figures[::2], reverse=True), "NDCG, before HR"
        tab.locator("#filter").fill("MLP")
        assert set(names(tab)) == {"mlp", "mlp_post", "torch.mlp_post"}
        assert tab.locator("#shown").inner_text() == "3 of 12 rows"
        tab.locator("#filter").fill("")
        tab.locator("#columns summary").press("Enter")
        tab.get_by_label("parameters", exact=True).check()
        assert headers(tab)[-1] == "parameters"
        assert "neighbors=" in tab.locator("#main tbody td.about").first.inner_text()
        tab.keyboard.press("Escape")
        assert tab.locator("#columns").get_attribute("open") is None


def test_the_first_screen_has_the_result_ten_rows_and_the_chart(browser: Any, ml_100k: Path) -> None:
    with opened(browser, ml_100k, viewport={"width": 1280, "height": 720}) as tab:
        assert tab.locator(".verdict .result").inner_text().startswith("gmf has the highest NDCG@10, .")
        assert "No baseline was named" in tab.locator(".verdict").inner_text()
        assert "No row failed." in tab.locator(".verdict").inner_text()
        for what in (tab.locator(".verdict"), tab.locator("#main tbody tr").nth(9), tab.locator("#chart-pareto svg")):
            box = what.bounding_box()
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 720
            assert box["x"] + box["width"] <= 1280


def test_charts_are_drawn_say_what_they_are_and_tell_more_when_pointed_at(browser: Any, ml_100k: Path) -> None:
    with opened(browser, ml_100k) as tab:
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
        tab.locator("#k-choice").select_option("5")
        assert names(tab)[1] == "mf, varied: a", "together again"


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
    text = page(many_records(200, 5), library=committed_library())
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
        at = headers(tab).index("fit s") - 1
        cells = [line.locator("td").locator("visible=true").nth(at) for line in tab.locator("#main tbody tr").all()]
        assert [cell.inner_text() for cell in cells] == ["1.00 a", "1.00 b"]
        for _ in ("as the page has it", "as the script draws it"):
            tab.wait_for_function("document.getElementById('chart-pareto').textContent.includes('bpr (b)')")
            tab.locator("#filter").fill("bpr")


def test_where_all_rows_failed_the_page_still_says_why(browser: Any, tmp_path: Path) -> None:
    place = tmp_path / "failed.html"
    place.write_text(page([ALS], library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        assert names(tab) == ["als"]
        assert "failed: stopped after 60 s" in tab.locator("#main td.fail").inner_text()
        assert "No row has NDCG@10 that counts." in tab.locator(".verdict").inner_text()
