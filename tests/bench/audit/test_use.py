"""Records that used what is different here are named, and not called damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hand_made import record as made

from bench.audit.use import names_use, use_judged
from bench.records.record import Record
from recommenders.registry.source import digest_of_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Return a record of a plug-in that is in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugin.py").write_text("SIGN = 1.0")
    found = made("mine", [0, 1, 2, 3])
    recommender = {**found.document["recommender"], "origin": "file"}
    used = {"folder": ".", "files": {"plug-in": {"plugin.py": digest_of_file(tmp_path / "plugin.py")}}}
    return Record({**found.document, "recommender": recommender, "used": used})


def judged(record: Record, **changes: Any) -> tuple[str, str]:
    return use_judged({"mine": Record({**record.document, **changes})})


def test_what_is_here_and_the_same_is_in_order(record: Record) -> None:
    assert judged(record) == ("ok", "1 record used files and libraries as they are here")


def test_an_edited_plugin_is_named(record: Record, tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text("SIGN = -1.0")
    assert judged(record) == ("warn", "mine: plugin.py has changed")


def test_a_record_of_another_machine_is_not_compared(record: Record, tmp_path: Path) -> None:
    (tmp_path / "plugin.py").unlink()
    status, message = judged(record)
    assert status == "warn"
    assert message.startswith("mine: not compared with the files that it used, as its plug-in is not here")


def test_a_record_that_does_not_say_what_it_used_is_named(record: Record) -> None:
    assert judged(record, used=None) == ("warn", "mine: it does not say which files and libraries it used")


@pytest.mark.parametrize("origin", ["built-in", "library implicit", "external"])
def test_those_whose_key_names_all_need_not_say_it(record: Record, origin: str) -> None:
    recommender = {**record.document["recommender"], "origin": origin}
    assert names_use(Record({**record.document, "used": None}))
    assert not names_use(Record({**record.document, "used": None, "recommender": recommender}))
