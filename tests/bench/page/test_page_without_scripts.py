"""The page where no script runs: the table, the sentences and the numbers of the charts are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from chromium import opened
from shown_table import headers, names
from two_orders import SAMPLED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_the_table_is_there(browser: Any, small: Path) -> None:
    with opened(browser, small, java_script_enabled=False) as tab:
        assert names(tab) == SAMPLED
        assert headers(tab) == ["recommender", "NDCG@10", "HR@10", "fit s", "score µs/user", "peak MiB"]
        cells = tab.locator("#main tbody tr").first.locator("td").locator("visible=true").all_inner_texts()
        assert cells == ["1.0000 ±.000", "1.0000 ±.000", "1.00", "12.5", "234"]
        assert tab.locator("#main tbody tr.best .mark").count() == 0
        assert tab.locator("#main tbody tr", has_text="near").locator(".mark").inner_text() == "†"
        assert "failed: stopped after 60 s" in tab.locator("#main td.fail").inner_text()
        assert "steady has the highest NDCG@10" in tab.locator(".verdict").inner_text()
        assert not tab.locator("#controls").is_visible(), "it could do nothing"
        assert "need JavaScript" in tab.locator("noscript").first.inner_text()
        assert not tab.locator("figure:has(#chart-pareto) .numbers table").is_visible()
        tab.locator("figure:has(#chart-pareto) .numbers summary").click()
        assert tab.locator("figure:has(#chart-pareto) .numbers table").is_visible()
