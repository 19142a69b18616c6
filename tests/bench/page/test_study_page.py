"""The page over datasets: its table, links and charts, nothing loaded, names as text; in Chromium, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from accessibility import findings
from chromium import opened
from hand_made import TIMEOUT, record
from many_records import HARM
from report_page import Parsed, committed_library
from studies import dataset_of, keyed, task_of
from study_folders import DATASETS, write_study

import bench
from bench.actions.report import page_names
from bench.actions.study_results import results_over
from bench.charts.chart import shown
from bench.cli.main import main
from bench.page.study_page import study_page
from bench.records.store import Store
from bench.studies.columns import Figure
from bench.studies.comparison import compare_over_datasets

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = "window.vegaEmbed = null;"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def place(folder: Path) -> Path:
    """The page with the real drawing library."""
    text = study_page(
        results_over([folder]).comparison, page_names("report.html", DATASETS), library=committed_library()
    )
    made = folder / "drawn.html"
    made.write_text(text, encoding="utf-8")
    return made


def test_the_command_writes_the_page_and_one_for_each_dataset(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("bench.charts.library.javascript", lambda: LIBRARY)
    assert main(["report", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'report.html'}\n"
    page = Parsed((folder / "report.html").read_text(encoding="utf-8"))
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a" and "href" in attributes}
    own = {link for link in links if not link.startswith("#")}
    assert own == {f"report-{name}.html" for name in DATASETS}
    for name in DATASETS:
        text = (folder / f"report-{name}.html").read_text(encoding="utf-8")
        assert f"<title>{name}: recommenders compared</title>" in text
    again = tmp_path / "page.html"
    made = bench.report([folder / name for name in ("one", "three", "two")], again, k=(10, 5, 20))
    assert made == again
    assert (tmp_path / "page-one.html").read_bytes() == (folder / "report-one.html").read_bytes()


def test_a_baseline_is_that_of_each_dataset(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """als has no row on the dataset two, whose page then tests all pairs."""
    monkeypatch.setattr("bench.charts.library.javascript", lambda: LIBRARY)
    bench.report(folder, tmp_path / "a.html", baseline="als")
    assert "not distinguishable from the baseline, als" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Baseline: als, " in (tmp_path / "a-one.html").read_text(encoding="utf-8")
    assert "No baseline was named" in (tmp_path / "a-two.html").read_text(encoding="utf-8")


def test_a_dataset_without_the_figure_of_the_study_has_a_page(folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """P7: no held-out item of the dataset has a training interaction; on the other one, all jobs failed."""
    monkeypatch.setattr("bench.charts.library.javascript", lambda: LIBRARY)
    of = task_of("cold", 12, notes=[])
    counts = ([5] * 12, [0] * 12, [2, 1])
    rows = [("ease", 0), ("als", 4)]
    for label, place in rows:
        ranks = [place] * 12
        made = record(label, ranks, full=ranks, of=of, deterministic=True, top=[[0]] * 12, counts=counts)
        Store(tmp_path / "cold").add(keyed(made))
    for label, _ in rows:
        Store(tmp_path / "failed").add(keyed(record(label, [], failure=TIMEOUT, of=task_of("failed", 12, notes=[]))))
    bench.report([folder / "one", tmp_path / "cold", tmp_path / "failed"], tmp_path / "report.html")
    cold = Parsed((tmp_path / "report-cold.html").read_text(encoding="utf-8"))
    assert cold.data["table"]["view"] == "full"
    assert "stopped after 60 s" in (tmp_path / "report-failed.html").read_text(encoding="utf-8")
    assert "it has no NDCG@10" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_bad_folders_are_an_error_before_anything_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = folder / "bad.html"
    assert main(["report", str(folder / "one"), str(folder / "one"), "-o", str(place)]) == 2
    assert "is given twice" in capsys.readouterr().err
    assert main(["report", str(folder), "--baseline", "eas", "-o", str(place)]) == 2
    assert "no row is called 'eas' (did you mean 'ease'?)" in capsys.readouterr().err
    assert not place.exists()


def test_names_of_pages_differ() -> None:
    names = page_names("report.html", ["a b", "a-b", "A-B", "x" * 300])
    assert len({name.lower() for name in names.values()}) == 4
    assert names["a b"] == "report-a-b.html"
    assert max(map(len, names.values())) < 100


def test_the_table_is_a_heat_map_without_a_script(folder: Path) -> None:
    found = results_over([folder]).comparison
    text = study_page(found, {}, library=LIBRARY)
    page = Parsed(text)
    assert text == study_page(results_over([folder]).comparison, {}, library=LIBRARY), "a pure function"
    cells = [attributes.get("class") for tag, attributes in page.tags if tag == "td"]
    # ease has the best figure of each of the three datasets: the whole colour.
    assert cells.count("h20") == 3
    # als on two; pop on one, two and three.
    assert cells.count("none") == 4
    assert "failed" in page.texts["td"]
    assert "mf, varied: a" in page.texts["th"]
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
    policy = next(str(attributes["content"]) for _, attributes in page.tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_names_of_others_are_text() -> None:
    rows = {harm: [number] * 12 for number, harm in enumerate(HARM)}
    found = compare_over_datasets(
        [dataset_of(harm, rows) for harm in HARM[:3]], Figure("NDCG", 10, "sampled"), lost={"x": HARM[0]}
    )
    page = Parsed(study_page(found, {}, library=LIBRARY))
    assert not [tag for tag, _ in page.tags if tag in ("img", "svg")]
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    texts = " ".join(text for tag, every in page.texts.items() if tag not in ("script", "style") for text in every)
    assert all(shown(harm) in texts for harm in HARM)


@pytest.mark.slow
def test_charts_are_drawn_and_a_phone_scrolls_in_one_direction_only(browser: Any, place: Path) -> None:
    for width, scheme in ((1440, "light"), (390, "dark")):
        with opened(browser, place, color_scheme=scheme, viewport={"width": width, "height": 900}) as tab:
            charts = tab.locator("[data-chart]")
            assert charts.count() == 4, "ranks, critical differences, accuracy by time, settings"
            for number in range(charts.count()):
                assert charts.nth(number).locator("svg").count() == 1
                assert len(charts.nth(number).get_attribute("aria-label")) > 40
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.locator("#means").bounding_box()["y"] < 900, "on the first screen"
            ground = tab.locator("#means td.h20").first.evaluate("cell => getComputedStyle(cell).backgroundColor")
            plain = tab.locator("#means td.none").first.evaluate("cell => getComputedStyle(cell).backgroundColor")
            assert ground != plain
            assert findings(tab) == []


@pytest.mark.slow
def test_a_chart_tells_more_when_pointed_at(browser: Any, place: Path) -> None:
    with opened(browser, place) as tab:
        tab.locator("#chart-ranks").scroll_into_view_if_needed()
        tab.locator("#chart-ranks .mark-symbol path").first.hover()
        tab.locator("#tip").wait_for(state="visible")
        assert "mean rank 1.00" in " ".join(tab.locator("#tip").inner_text().split())


@pytest.mark.slow
def test_no_text_that_others_wrote_runs(browser: Any, tmp_path: Path) -> None:
    rows = {harm: [number] * 12 for number, harm in enumerate(HARM)}
    found = compare_over_datasets([dataset_of(harm, rows) for harm in HARM[:3]], Figure("NDCG", 10, "sampled"))
    place = tmp_path / "harm.html"
    place.write_text(study_page(found, {}, library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        assert tab.evaluate("typeof window.harmed") == "undefined"
        assert tab.locator("img").count() == 0
