"""The pages of a board: links lead somewhere, nothing is loaded, what is not verified says why; in Chromium, too."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

import pytest
from accessibility import findings
from chromium import opened
from many_records import HARM
from report_page import Parsed, committed_library
from small_board import place_of, write_board

import bench
from bench.charts.chart import shown
from bench.studies.board.standing import CHECKED, FAULTY, OPEN
from bench.writing.text import accuracy_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.actions.site import Site


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_board(tmp_path_factory.mktemp("board") / "board")


@pytest.fixture(scope="module")
def site(board: Path) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.charts.library.javascript", lambda _: committed_library())
        yield bench.site(sorted(board.iterdir()), board.parent / "site", quiet=True)


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Parsed]:
    """Return each page by its place."""
    folder = site.place.parent
    return {
        path.relative_to(folder).as_posix(): Parsed(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }


def text_of(site: Site, place: str) -> str:
    """Return what a page says, without its scripts, styles and tags."""
    text = (site.place.parent / place).read_text(encoding="utf-8")
    text = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def place_of_record(site: Site, source: str, name: str) -> str:
    """Return the page of the first record of a recommender in a folder."""
    index = Parsed(site.place.read_text(encoding="utf-8")).data["index"]
    return next(href for kind, _, href, about in index if kind == "record" and source in about and f" {name}-" in about)


def test_there_is_a_page_for_each_thing(site: Site, pages: dict[str, Parsed]) -> None:
    number = Counter(place.partition("/")[0] for place in pages)
    assert number == {"index.html": 1, "datasets": 3, "reports": 4, "recommenders": 2, "records": len(site.entries)}
    assert {(entry.source, entry.standing.kind) for entry in site.entries} >= {
        ("ann/one", CHECKED),
        ("bob/own", OPEN),
        ("bob/one", FAULTY),
        ("bob/one", CHECKED),
        ("eve", FAULTY),
    }


def test_every_link_leads_somewhere(site: Site, pages: dict[str, Parsed]) -> None:
    ids = {place: {attributes.get("id") for _, attributes in page.tags} for place, page in pages.items()}
    followed = set()
    for place, page in pages.items():
        hrefs = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a"}
        hrefs |= {href for _, _, href, _ in page.data.get("index", [])}
        for href in hrefs:
            address, fragment = urldefrag(href)
            target = (site.place.parent / place).parent.joinpath(address).resolve() if address else None
            leads_to = target.relative_to(site.place.parent.resolve()).as_posix() if target else place
            assert leads_to in pages, (place, href)
            assert not fragment or fragment in ids[leads_to], (place, href)
            followed.add(leads_to)
    assert followed == set(pages), "no page is lost"


def test_nothing_is_loaded(pages: dict[str, Parsed]) -> None:
    for place, page in pages.items():
        assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object", "embed", "base")], place
        loading = {"src", "srcset", "action", "data"}
        assert not [attributes for _, attributes in page.tags if loading & attributes.keys()], place
        assert [attributes["href"] for tag, attributes in page.tags if tag == "link"] == ["data:,"], place
        assert not re.search(r"url\(|@import", "".join(page.texts["style"])), place
        (policy,) = (str(a["content"]) for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'; ")
        assert "http" not in policy


def test_each_cell_has_a_head(site: Site) -> None:
    for path in site.place.parent.rglob("*.html"):
        for table in re.findall(r"<table.*?</table>", path.read_text(encoding="utf-8"), re.DOTALL):
            if path.parent.name == "reports":  # Failures and heads of settings span columns there.
                continue
            widths = {len(re.findall(r"<t[hd][ >]", line)) for line in re.findall(r"<tr.*?</tr>", table, re.DOTALL)}
            assert len(widths) == 1, (path, widths)


def test_only_pages_with_charts_have_the_drawing_library(site: Site) -> None:
    sizes = {path.parent.name: path.stat().st_size for path in site.place.parent.rglob("*.html")}
    assert sizes["records"] < 50_000
    assert sizes["recommenders"] < 50_000
    assert sizes["datasets"] > 500_000


def test_a_changed_record_is_shown_as_not_verified_and_counts_nowhere(site: Site, board: Path) -> None:
    name = place_of(board / "bob" / "one", "item_knn").name
    (entry,) = (one for one in site.entries if one.name == name)
    assert entry.standing.kind is FAULTY
    assert f"{name}/ranks.npz has changed since it was written" in "; ".join(entry.standing.reasons)
    said = text_of(site, f"records/{name}.html")
    assert "✗ (not verified)" in said
    assert "has changed since it was written" in said
    index = text_of(site, "index.html")
    assert "has changed since it was written" in index[index.index("Not verified, and why") :]
    assert "item_knn" not in text_of(site, "datasets/synthetic-60x80x900.html")
    (other,) = (one for one in site.entries if one.source == "bob/one" and one is not entry)
    assert other.standing.kind is CHECKED, "the other record of the folder"


def test_data_that_are_not_here_are_a_reason(site: Site) -> None:
    said = text_of(site, place_of_record(site, "bob/own", "popularity"))
    assert "? (not checked)" in said
    assert "say where it is with --dataset" in said
    assert re.search(r"popularity \? \(not checked\) \.\d{4}", text_of(site, "index.html"))


def test_figures_are_those_of_the_table(site: Site, board: Path) -> None:
    frame = bench.table(board / "ann" / "one").frame
    said = text_of(site, "datasets/synthetic-60x80x900.html")
    for label, row in frame.iterrows():
        assert accuracy_text(row["NDCG@10"]) in said, label
        assert accuracy_text(row["HR@10"]) in said, label
    assert re.search(rf"popularity {accuracy_text(frame.loc['popularity', 'NDCG@10'])} ✓ \(checked\) ±\.\d{{3}}", said)
    assert "checked ✓ (checked) seeds 0 , 1" in said
    record = text_of(site, place_of_record(site, "ann/one", "popularity"))
    assert f"NDCG@10 {accuracy_text(frame.loc['popularity', 'NDCG@10'])}" in record


def test_a_job_of_two_people_counts_once(site: Site) -> None:
    said = text_of(site, "recommenders/popularity.html")
    rows = said[said.index("Results") : said.index("± is half")]
    assert rows.count("last, 20 negatives") == 3, "of two synthetic datasets, and the file"
    assert rows.count("random:3, 20 negatives") == 1
    assert "the same job, of bob/one" in text_of(site, place_of_record(site, "ann/one", "popularity"))
    assert "1 record of jobs that another folder has, too" in text_of(site, "index.html")


def test_splits_are_side_by_side_and_ranks_are_over_datasets(site: Site) -> None:
    said = text_of(site, "datasets/synthetic-60x80x900.html")
    beside = said[said.index("Side by side") : said.index("The full report")]
    assert re.search(r"recommender last, 20 negatives random:3, 20 negatives popularity \.\d{4} ✓ \.\d{4} ✓", beside)
    index = text_of(site, "index.html")
    assert "Ranks over datasets: last, 20 negatives" in index
    assert "Ranks over datasets: random:3" not in index, "one dataset has it"


def test_names_of_strangers_are_texts(site: Site, pages: dict[str, Parsed]) -> None:
    for text in HARM[:2]:
        assert shown(text) in {
            one.record.recommender.label for one in site.entries if one.record is not None and one.source == "eve"
        }
    for path in site.place.parent.rglob("*.html"):
        assert "<img src=x" not in path.read_text(encoding="utf-8")
    assert any(HARM[0] in "".join(page.texts.get("h1", [])) for page in pages.values())


def test_the_pages_are_a_pure_function_and_old_ones_go(
    site: Site, board: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.charts.library.javascript", lambda _: committed_library())
    folder = tmp_path / "site"
    bench.site(board / "bob", folder, quiet=True)
    first = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.html")}
    (folder / "own.txt").write_text("mine")
    bench.site(board / "ann" / "two", folder, quiet=True)
    assert not list(folder.rglob("item_knn*"))
    assert (folder / "own.txt").read_text() == "mine"
    bench.site(board / "bob", folder, quiet=True)
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.html")} == first


@pytest.mark.slow
def test_the_search_finds_what_it_is_asked_for(site: Site, browser: Any) -> None:
    with opened(browser, site.place) as tab:
        assert not tab.locator("#found").is_visible()
        tab.locator("#search").fill("random seed 1")
        found = tab.locator("#found a")
        assert found.first.inner_text() == "random, seed 1, on synthetic:60x80x900: last, 20 negatives"
        href = found.first.get_attribute("href")
        assert (site.place.parent / href).is_file()
        tab.locator("#search").fill("POPULARITY bob")
        assert tab.locator("#found a").count() == 3
        assert tab.locator("#found-number").inner_text() == "3 found"
        tab.locator("#search").fill("<img")
        assert tab.locator("#found a").first.inner_text().startswith("<img src=x")
        tab.locator("#search").fill("nothing of the kind")
        assert tab.locator("#found-number").inner_text() == "0 found"
        assert tab.evaluate("window.harmed") is None


@pytest.mark.slow
def test_pages_are_complete_wide_and_narrow(site: Site, browser: Any) -> None:
    places = ["index.html", "datasets/synthetic-60x80x900.html", "recommenders/popularity.html"]
    places += [place_of_record(site, "bob/one", "item_knn"), "reports/synthetic-60x80x900-last.html"]
    for place in places:
        page = site.place.parent / place
        with opened(browser, page, viewport={"width": 390, "height": 844}) as tab:
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390, place
            assert findings(tab) == [], place
            if place != "index.html":
                assert tab.locator(".brand a").get_attribute("href") == "../index.html"


@pytest.mark.slow
def test_without_scripts_all_is_there_but_the_search(site: Site, browser: Any) -> None:
    with opened(browser, site.place, java_script_enabled=False) as tab:
        assert not tab.locator("#search-form").is_visible()
        assert tab.locator("#table tbody tr").count() == 4
