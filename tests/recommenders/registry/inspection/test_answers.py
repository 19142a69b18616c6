"""Answers of an inspecting process: only those with its token count, whatever else is in their file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from recommenders.registry.inspection.answers import read_answers, write_answer
from recommenders.registry.inspection.outcome import Inspection, to_json

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND = Inspection("not found", problem="no such class"), Inspection("not imported", problem="broken")


def test_the_last_answer_about_each_class_counts(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    file.touch()
    for number, inspection in ((0, FIRST), (1, FIRST), (0, SECOND)):
        write_answer(file, "token", number, inspection)
    assert read_answers(file, "token") == {0: SECOND, 1: FIRST}


FORGED = json.dumps([0, to_json(SECOND)]).encode()


@pytest.mark.parametrize(
    "junk",
    [
        FORGED,
        b"other " + FORGED,
        b'{"event": "finished", "NDCG": 1.0}',
        b"\x00\xff junk {[1,",
        b"token",
        b"token null",
        b"token [0]",
        b'token {"event": "finished", "NDCG": 1.0}',
        b'token [0, {"outcome": "described"}]',
        b'token [0, {"outcome": "splendid", "description": null, "space": null, "used": null}]',
        b'token [0, {"outcome": "not found", "description": null, "used": null, "space": {"table": {"table": 5}}}]',
        b"token " + b"[" * 100_000,
    ],
    ids=lambda junk: junk[:40],
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_what_is_no_answer_is_passed_over_and_breaks_none(tmp_path: Path, junk: bytes, end: bytes) -> None:
    file = tmp_path / "answers"
    file.write_bytes(junk + end)
    write_answer(file, "token", 0, FIRST)
    with file.open("ab") as answers:
        answers.write(junk)
    assert read_answers(file, "token") == {0: FIRST}


def test_without_the_file_there_is_no_answer(tmp_path: Path) -> None:
    assert read_answers(tmp_path / "gone", "token") == {}
