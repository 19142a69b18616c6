"""The page as a parser reads it, and the drawing library's script as the committed page has it."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

COMMITTED = Path(__file__).parents[2] / "results" / "ml-100k" / "report.html"
_VOID = {"meta", "link", "input", "br", "img"}


def committed_library() -> str:
    """Return the drawing library's script, which takes seconds to make."""
    return library_of(COMMITTED)


@cache
def library_of(page: Path) -> str:
    """Return the drawing library's script as a page has it."""
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(scripts) == 2
    return str(scripts[0])


class Parsed(HTMLParser):
    """Tags with their attributes, and texts by the tag that holds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are closed in order"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        found: dict[str, Any] = json.loads(self.texts["script"][0])
        return found
