"""Every clause of the protocol is held by a test, and nothing cites a clause that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLAUSES = set(re.findall(r"^- \*\*(P\d+) ", (ROOT / "protocol" / "README.md").read_text(), re.MULTILINE))


def cited_in(*folders: str) -> set[str]:
    texts = (path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {clause for text in texts for clause in re.findall(r"\bP[1-9]\d?\b", text)}


def test_clauses_are_numbered_without_gaps() -> None:
    assert {f"P{number}" for number in range(1, len(CLAUSES) + 1)} == CLAUSES


def test_every_clause_is_cited_by_a_test() -> None:
    assert sorted(CLAUSES - cited_in("tests")) == []


def test_no_clause_is_cited_that_does_not_exist() -> None:
    assert sorted(cited_in("tests", "protocol", "bench", "recommenders") - CLAUSES) == []
