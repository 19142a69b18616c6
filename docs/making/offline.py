"""A build whose pages would load something from the network fails."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import SphinxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""What a browser loads without being asked, by element: the attribute with its address."""

NOT_LOADED = frozenset({"canonical", "next", "prev", "index", "search", "author", "copyright", "license"})
"""Values of a link's ``rel`` that only say something."""


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADED and not NOT_LOADED.intersection((values.get("rel") or "").split()):
            self.found.append(values.get(LOADED[tag]) or "")


def loaded_from_elsewhere(html: str) -> list[str]:
    """Return the addresses on the network that a page would load."""
    parser = _Addresses()
    parser.feed(html)
    return [address for address in parser.found if address.startswith(("http:", "https:", "//"))]


def _found_in(folder: Path) -> Iterator[str]:
    for page in sorted(folder.rglob("*.html")):
        for address in loaded_from_elsewhere(page.read_text(encoding="utf-8")):
            yield f"{page.relative_to(folder)} loads {address}"
    for sheet in sorted(folder.rglob("*.css")):
        if "url(http" in sheet.read_text(encoding="utf-8") or "url(//" in sheet.read_text(encoding="utf-8"):
            yield f"{sheet.relative_to(folder)} loads from the network"


def check(app: Sphinx, failure: Exception | None) -> None:
    """Fail where a page or a style sheet asks the network.

    Raises
    ------
    SphinxError
        Naming what it loads.
    """
    if failure is None and app.builder.format == "html":
        found = [*_found_in(Path(app.outdir))]
        if found:
            raise SphinxError("the pages must work without a network: " + "; ".join(found))


def setup(app: Sphinx) -> dict[str, bool]:
    """Let each build be checked."""
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
