"""A file that is not there, or may not be read, has no digest; an edit changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.registry.used import digests
from recommenders.registry.used.digests import digest_now
from recommenders.registry.used.outcome import ABSENT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_digest_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "core.py"
    path.write_text("SIGN = 1")
    first = digest_now(path)
    path.write_text("SIGN = -1")
    assert digest_now(path) not in (first, ABSENT)
    path.write_text("SIGN = 1  # a comment")
    assert digest_now(path) == first
    path.unlink()
    assert digest_now(path) == digest_now(None) == ABSENT


def test_a_file_that_may_not_be_read_is_as_if_it_were_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> str:
        raise RecommenderError("it cannot be read: Permission denied")

    monkeypatch.setattr(digests, "digest_of_file", refuse)
    path = tmp_path / "secret.json"
    path.write_text("{}")
    assert digest_now(path) == ABSENT
