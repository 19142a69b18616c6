"""The table as it is shown, as Markdown, LaTeX and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from chromium import opened
from many_records import HARM, harmful_records
from report_page import committed_library

from bench.page.page import page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def copied(tab: Any, button: str) -> str:
    """Press a button, and return what it copied."""
    tab.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    tab.locator("#export summary").press("Enter")
    tab.locator(f"#{button}").press("Enter")
    tab.wait_for_function("document.getElementById('shown').textContent.startsWith('Copied')")
    return str(tab.evaluate("window.copied"))


def downloaded(tab: Any) -> tuple[str, str]:
    tab.locator("#export summary").press("Enter")
    with tab.expect_download() as found:
        tab.locator("#download-csv").press("Enter")
    with open(found.value.path(), encoding="utf-8", newline="") as file:  # noqa: PTH123
        return found.value.suggested_filename, file.read()


def test_markdown_is_of_what_is_shown(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        tab.locator("#view-choice input[value=full]").check()
        tab.locator("#filter").fill("w")
        lines = copied(tab, "copy-markdown").splitlines()
    assert lines[:2] == [
        "| recommender | NDCG@10 | HR@10 | fit s | score µs/user | peak MiB |",
        "| :--- | ---: | ---: | ---: | ---: | ---: |",
    ]
    assert lines[2] == "| low | **1.0000** ±.000 | **1.0000** ±.000 | 4.00 | 12.5 | 234 |"
    assert lines[3].startswith("| wide † | .9692 ±.068 | **1.0000** ±.000 | 3.00 |")
    assert lines[4] == ""
    assert "by full NDCG@10" in lines[6]
    assert lines[7] == f"Task {'a' * 64}."


def test_latex_is_of_what_is_shown(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        text = copied(tab, "copy-latex")
    assert r"\begin{tabular}{@{}lrrrrr@{}}" in text
    assert r"steady & \textbf{1.0000} $\pm$.000 & \textbf{1.0000} $\pm$.000 & 1.00 & 12.5 & 234 \\" in text
    assert r"near \dag{} & " in text
    assert "broken & failed: stopped after 60 s, in epoch 3 of 30" in text


def test_csv_has_every_column_of_the_rows_that_are_shown(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        tab.locator("#filter").fill("w")
        name, text = downloaded(tab)
    assert name == "ml-100k.csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["recommender"] for row in rows] == ["wide", "low"]
    assert (rows[0]["NDCG@10"], rows[1]["full_NDCG@10"]) == ("0.43068", "1")
    assert float(rows[0]["full_NDCG@10_low"]) < float(rows[0]["full_NDCG@10"]) < float(rows[0]["full_NDCG@10_high"])
    assert rows[0]["failure"] == ""


def test_names_that_others_wrote_break_nothing(browser: Any, tmp_path: Path) -> None:
    place = tmp_path / "harm.html"
    place.write_text(page(harmful_records(), library=committed_library()), encoding="utf-8")
    with opened(browser, place) as tab:
        _, text = downloaded(tab)
        tab.keyboard.press("Escape")
        markdown = copied(tab, "copy-markdown")
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + 2 * len(HARM)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    assert "<img" not in markdown
    widths = {line.replace("\\|", "").count("|") for line in markdown.splitlines() if line.startswith("|")}
    assert len(widths) == 1
