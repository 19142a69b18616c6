"""A real browser for tests: the Chromium that is installed, driven without a network."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_MS = 120_000
"""How long a busy machine may take."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser of Playwright's, with an empty profile; skip where no Chromium is installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser on the PATH: {', '.join(NAMES)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS), timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser: Any, page: Path, address: str = "", **options: Any) -> Iterator[Any]:
    """Give an opened page, all charts drawn; complaints on its console and requests for anything else fail.

    Parameters
    ----------
    address
        Behind the page's own: ``"#view=full"``.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    tab, found = context.new_page(), []
    tab.on("console", lambda message: found.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: found.append(f"error: {error}"))
    tab.on("request", lambda request: found.append(f"request: {request.url}"))
    try:
        tab.goto(page.as_uri() + address)
        if options.get("java_script_enabled", True):
            tab.wait_for_selector("html[data-drawn]", state="attached")
        yield tab
        assert [each for each in found if not _is_of_page(each, page)] == []
    finally:
        context.close()


def _is_of_page(found: str, page: Path) -> bool:
    """Return whether it is a request for the page itself, or for what is in it or made by it."""
    return found.startswith((f"request: {page.as_uri()}", "request: data:,", "request: blob:"))
