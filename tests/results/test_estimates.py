"""The page of estimates: from measured lines alone, and one built-in at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripts import RESULTS, load_script

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def estimates() -> ModuleType:
    return load_script("estimates.py")


def line(size: str, recommender: str, estimated: int = 120, measured: int | None = 100) -> dict[str, Any]:
    return {"size": size, "recommender": recommender, "estimated": estimated, "measured": measured}


def test_the_committed_page_is_of_its_figures_and_all_are_within_the_factor(estimates: ModuleType) -> None:
    lines = json.loads((RESULTS / "estimates.json").read_text())
    assert estimates.page(lines) == (RESULTS / "estimates.md").read_text()
    for each in lines:
        assert 1 / estimates.WITHIN <= each["estimated"] / each["measured"] <= estimates.WITHIN, each


def test_one_built_in_is_measured_again_in_its_place(estimates: ModuleType) -> None:
    small, large, _ = estimates.SIZES
    lines = [line(small, "random"), line(small, "ease"), line(large, "ease"), line(small, "gone")]
    found = estimates.with_measured(lines, [line(small, "ease", 150), line(small, "popularity")])
    expected = [line(small, "random"), line(small, "popularity"), line(small, "ease", 150), line(large, "ease")]
    assert found == expected
    assert [*estimates.chosen(["slim", "random"])] == ["random", "slim:max_iter=2"]


def test_what_is_beyond_the_factor_or_failed_is_said(estimates: ModuleType) -> None:
    small = estimates.SIZES[0]
    page = estimates.page([line(small, "random", 160), line(small, "ease", measured=None), line(small, "als")])
    assert "1 of 3 estimates are within" in page
    rows = {row.split("|")[1].strip(): row for row in page.splitlines() if row.startswith("| ")}
    assert " NO " in rows["random"]
    assert " failed " in rows["ease"]
    assert " yes " in rows["als"]
