"""An address keeps what is chosen, so that a link shows the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from chromium import opened
from shown_table import headers, names
from two_orders import FULL, SAMPLED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def seen(tab: Any) -> tuple[Any, ...]:
    return names(tab), headers(tab), tab.locator("#marks").inner_text(), tab.locator("#filter").input_value()


def test_what_is_chosen_is_in_the_address_and_a_link_shows_the_same(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        tab.locator("#view-choice input[value=full]").check()
        tab.locator("#k-choice").select_option("5")
        tab.locator("#metric-choice").select_option("HR")
        tab.locator("#filter").fill("e")
        tab.locator("#main thead button", has_text="fit").press("Enter")
        tab.locator("#columns summary").press("Enter")
        tab.get_by_label("seeds", exact=True).check()
        first, address = seen(tab), tab.evaluate("location.hash")
    assert address.startswith("#view=full&metric=HR&k=5&filter=e&sort=fit_s&columns=")
    with opened(browser, small, address) as tab:
        assert seen(tab) == first
        assert tab.locator("#view-choice input:checked").get_attribute("value") == "full"
        tab.wait_for_function("document.getElementById('chart-pareto').textContent.includes('full HR@5')")


def test_an_address_that_changes_is_followed_and_a_section_is_no_choice(browser: Any, small: Path) -> None:
    with opened(browser, small) as tab:
        tab.evaluate("location.hash = 'view=full'")
        tab.wait_for_function("document.getElementById('marks').textContent.includes('full')")
        assert names(tab) == FULL
        tab.locator("nav a", has_text="Protocol").click()
        assert names(tab) == FULL
        assert tab.evaluate("location.hash") == "#protocol"


@pytest.mark.parametrize("address", ["#view=none&k=7&metric=x&sort=y&columns=z", "#table", "#%E0%A4%A=&&=", "#filter"])
def test_a_wrong_address_shows_the_page_as_it_is(browser: Any, small: Path, address: str) -> None:
    with opened(browser, small, address) as tab:
        assert names(tab) == SAMPLED
