"""Results show themselves as a table: printed, in a notebook, in another way, as a file."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jobs_here import jobs_here

import bench
from bench.cli.main import main
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "synthetic:60x80x900"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> bench.Results:
    folder = tmp_path_factory.mktemp("results")
    with jobs_here():
        return bench.run(DATASET, ["popularity", "ease:reg=500"], negatives=20, threads=1, out=folder, quiet=True)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_what_is_printed_is_what_the_command_prints(results: bench.Results, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{results}\n" == printed(capsys, "table", str(results.folder))
    assert f"{results!r}\n" == f"{results}\n", "where there is no terminal, nothing is left out"


def test_at_a_prompt_the_table_fits_the_terminal(results: bench.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, repr(results).splitlines())) <= 80 < max(map(len, str(results).splitlines()))


def test_a_notebook_shows_the_table(results: bench.Results) -> None:
    page = ET.fromstring(results._repr_html_())
    (table,) = page.iter("table")
    rows = [row.findtext("th") for row in table.iter("tr")]
    assert rows[1:] == ["ease:reg=500", "popularity"]
    comparison = bench.compare(results, "ease:reg=500", "popularity")
    assert comparison._repr_html_().startswith('<figure class="recbench">')


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"k": 5}, ["--k", "5"]),
        ({"k": (5, 10), "views": "full"}, ["--k", "5,10", "--view", "full"]),
        ({"views": ["full", "expected"]}, ["--view", "full,expected"]),
        ({"baseline": "popularity", "beyond_accuracy": True}, ["--baseline", "popularity", "--beyond-accuracy"]),
    ],
)
@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_another_table_of_the_same_results(
    results: bench.Results, form: Any, options: dict[str, Any], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = printed(capsys, "table", str(results.folder), "--format", form, "--notes", *arguments)
    assert bench.render(results, form, **options) == expected
    assert bench.render(results.folder, form, **options) == expected
    assert bench.table(results, **options).render(form) == expected


def test_options_stay_until_others_are_given(results: bench.Results) -> None:
    table = bench.table(results, k=(5, 20), views="full", beyond_accuracy=True)
    assert list(table.frame.columns)[:4] == ["full_NDCG@5", "full_HR@5", "full_NDCG@20", "full_HR@20"]
    assert "novelty@5" in table.frame
    other = bench.table(table, k=20, beyond_accuracy=False)
    assert list(other.frame.columns)[:3] == ["full_NDCG@20", "full_HR@20", "distinguishable"]
    assert results.frame.columns[0] == "NDCG@10", "results are not changed"


def test_a_frame_of_every_figure(results: bench.Results) -> None:
    every = bench.table(results, k=5).to_frame(every_figure=True)
    compared = bench.compare(results, "ease:reg=500", "popularity", k=5).frame
    assert compared.index[0] == "all"
    assert {"activity", "popularity"} <= set(compared.index)
    assert compared["difference"].iloc[0] == pytest.approx(
        every.loc["ease:reg=500", "NDCG@5"] - every.loc["popularity", "NDCG@5"]
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda results: bench.table(results, k="x"), "k: 'x' is no list of cut-offs"),
        (lambda results: bench.table(results, views="half"), "views: 'half' is no list of views"),
        (lambda results: bench.table(results, baseline="als"), "no row is called 'als'"),
        (lambda results: bench.render(results, "pdf"), "unknown table format 'pdf'; there are terminal, github"),
        (lambda results: bench.plot("pie", results, "a.svg"), "unknown chart 'pie'; there are pareto, curves"),
        (lambda results: bench.plot("pareto", results, "a.gif"), "a.gif ends in '.gif'"),
        (lambda results: bench.plot("pareto", results, "a.svg", k=0), "k: 0|0 is no list of cut-offs"),
        (lambda results: bench.compare(results, "als", "popularity"), "no row is called 'als'"),
        (lambda results: bench.table("nowhere"), "nowhere"),
        (lambda results: bench.cite("nowhere"), "nowhere"),
    ],
)
def test_a_wrong_option_is_named(results: bench.Results, call: Any, expected: str) -> None:
    with pytest.raises(RecbenchError, match=expected.replace("(", r"\(")):
        call(results)


def test_a_report_a_chart_and_what_to_cite(
    results: bench.Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.report(results, tmp_path / "page.html") == tmp_path / "page.html"
    assert printed(capsys, "report", str(results.folder)) == f"{results.folder / 'report.html'}\n"
    assert (results.folder / "report.html").read_bytes() == (tmp_path / "page.html").read_bytes()
    assert bench.plot("pareto", results, tmp_path / "a.svg") == tmp_path / "a.svg"
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert bench.cite(results) == printed(capsys, "cite", str(results.folder))
    assert bench.cite() == printed(capsys, "cite")
    with pytest.raises(ProtocolError, match="no row is called 'als'"):
        bench.report(results, tmp_path / "none.html", baseline="als")
    assert not (tmp_path / "none.html").exists()


@pytest.mark.parametrize(
    "ask",
    [
        lambda results: bench.table(results, baseline=3),
        lambda results: bench.compare(results, 3, "popularity"),
        lambda results: bench.run(DATASET, "popularity", baseline=3, out=results.folder / "none"),
    ],
)
def test_a_row_that_is_no_text_is_no_row(results: bench.Results, ask: Any) -> None:
    with pytest.raises(ProtocolError, match="no row is called 3; there are "):
        ask(results)
    assert not (results.folder / "none").exists()


def test_a_page_shows_half_a_surrogate_pair_by_its_number(results: bench.Results, tmp_path: Path) -> None:
    """Such as the name of a file has that is not UTF-8."""
    named = [
        replace(one, document={**one.document, "recommender": {**one.document["recommender"], "label": "odd\udcff"}})
        for one in results.records[:1]
    ]
    page = bench.report(replace(results, records=(*named, *results.records[1:])), tmp_path / "page.html")
    assert r"odd\udcff" in page.read_text(encoding="utf-8")
