"""Every command and example of the README and the documentation runs, on small data; outputs are as shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here
from markdown_pages import COMMANDS, DATA, ROOT, blocks_of
from page_runs import PageFolder, comparable

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [
    "README.md",
    "bench/timing/README.md",
    "recommenders/adapters/COMMAND.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = blocks_of(ROOT / page)
    if not blocks:
        return
    folder = PageFolder(tmp_path, monkeypatch)
    with jobs_here():
        for block in blocks:
            try:
                folder.run(block)
            except BaseException as error:
                error.add_note(f"{page}, line {block.line}")
                raise


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_has_a_reason(page: str) -> None:
    for block in blocks_of(ROOT / page):
        place = f"{page}, line {block.line}"
        assert block.language in (*COMMANDS, *DATA, "python", "text"), place
        assert block.mark or not block.comment, f"{place}: {block.comment}"
        if block.mark:
            assert block.mark["reason"], place
            assert block.mark["path"] is None or (ROOT / block.mark["path"]).exists(), place
            assert (block.mark["what"] == "not compared") == (block.language == "text"), place


def test_words_and_accuracy_are_compared_and_times_are_not() -> None:
    shown = "data: 9 users\n\nname  NDCG@10   fit\n----  -------  ----\nease  .3764 ±.022  0.11\n\nResult  ease\n"
    assert comparable(shown) == [["data:", "users"], ["ease", ".3764", "±.022"], ["Result", "ease"]]
