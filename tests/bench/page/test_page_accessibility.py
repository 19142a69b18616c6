"""Pages without findings of axe-core, on wide and narrow screens, light and dark; and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from accessibility import findings
from chromium import opened

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SCREENS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_stands_in_a_reader_s_way(browser: Any, small: Path, width: int, scheme: str) -> None:
    with opened(browser, small, color_scheme=scheme, viewport={"width": width, "height": 844}) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert findings(tab) == []


def test_a_finding_is_found(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        tab.evaluate("document.querySelector('#marks').style.color = 'var(--grid)'")
        assert [each for each in findings(tab) if each.startswith("color-contrast: ")]


def test_paper_has_the_table_and_no_controls(browser: Any, small: Path) -> None:
    """A4 without its margins is 718 CSS pixels wide."""
    with opened(browser, small, viewport={"width": 718, "height": 1000}) as tab:
        tab.emulate_media(media="print")
        for hidden in ("nav", "#controls", "#shown", "button.plain"):
            assert not tab.locator(hidden).first.is_visible(), hidden
        assert tab.locator("#main tbody tr").count() == 5
        assert tab.locator("#main").bounding_box()["width"] <= 718
        assert tab.locator("#chart-pareto svg").is_visible()
        assert len(tab.pdf(format="A4")) > 10_000


def test_table_and_chart_share_the_first_sheet(browser: Any, ml_100k: Path) -> None:
    """A sheet of Letter without its margins, the shorter one, is 980 CSS pixels high."""
    with opened(browser, ml_100k, viewport={"width": 718, "height": 980}) as tab:
        tab.emulate_media(media="print")
        box = tab.locator("#cost-of-accuracy").bounding_box()
        assert box["y"] + box["height"] <= 980
