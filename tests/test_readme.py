"""The README is short, and its table is that of the committed records. That it runs: `tests/docs/test_pages.py`."""

from __future__ import annotations

import re
from pathlib import Path

from bench.records.store import Store
from bench.tables.results import render

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_it_is_read_in_minutes() -> None:
    assert len(README.splitlines()) < 150


def test_every_page_of_the_documentation_is_linked() -> None:
    """The index is a page for the built documentation, and the list of recommenders is empty before it is built."""
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - {"docs/index.md", "docs/recommenders.md"}
    assert sorted(page for page in pages if f"]({page})" not in README) == []


def test_the_accuracy_shown_is_that_of_the_committed_records() -> None:
    """Times are the machine's; hit rate and NDCG of the first training seed must be those in ``results/``."""
    first = [record for record in Store(ROOT / "results" / "ml-100k").records() if record.document["seed"] == 0]
    pattern = re.compile(r"^ *([\w.]+(?: †)?)  +(\.\d{4} ±\.\d{3})  +(\.\d{4} ±\.\d{3})  +(\.\d{4}) ", re.MULTILINE)
    shown = pattern.findall(README)
    assert len(shown) == len(first)
    assert shown == pattern.findall(render(first))
