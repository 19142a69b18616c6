"""Fixtures of the tests of pages: one browser for all of them, and the page of the committed results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from chromium import chromium
from report_page import COMMITTED, committed_library
from two_orders import two_orders

from bench.page.page import page
from bench.records.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser; it ends with the module, because its event loop would meet those of other tests."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def ml_100k(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the committed results, made now."""
    place = tmp_path_factory.mktemp("ml-100k") / "report.html"
    place.write_text(page(Store(COMMITTED.parent).records(), library=committed_library()), encoding="utf-8")
    return place


@pytest.fixture(scope="package")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of five rows, one of which failed, whose order and marks depend on the view."""
    place = tmp_path_factory.mktemp("small") / "report.html"
    place.write_text(page(two_orders(), library=committed_library()), encoding="utf-8")
    return place
