"""Names that are not UTF-8, or that a terminal would obey, get through every output, and none obeys them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hand_made
import pytest

import bench
from bench.records.store import Record, Store

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN = ["a\udcffb", "\ud800", "a\x1b[2Jb", "a\x9b2Jb", "a\u202eb"]


def record(text: str) -> Record:
    """Return a record with a text wherever others may have written it."""
    made = hand_made.record(
        f"mine:p={text}", [0, 9, 3, 1], full=[0, 900, 7, 2], of=hand_made.task(dataset=f"{text}.csv", facts=facts(text))
    )
    document = json.loads(json.dumps(made.document))
    document["recommender"] |= {"parameters": {"p": text, text: [text]}, "origin": "file", "reference": f"{text}.py:A"}
    document["environment"] |= {"cpu": text, "versions": {text: text}}
    return Record(document, made.ranks, made.full_ranks, made.top_items, made.counts)


def facts(text: str) -> dict[str, object]:
    return {**hand_made.FACTS, "notes": [text]}


@pytest.fixture(params=HIDDEN, ids=ascii)
def results(request: pytest.FixtureRequest, tmp_path: Path) -> bench.Results:
    records = (record(request.param), hand_made.record("ease", [1, 2, 3, 4], of=record(request.param).document["task"]))
    return bench.Results(records, tmp_path)


def is_shown(text: str) -> bool:
    return text.replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_each_format_of_the_table_shows_every_character(results: bench.Results, form: str) -> None:
    assert is_shown(results.render(form))


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_what_show_prints_shows_every_character(results: bench.Results, form: str) -> None:
    name = str(results.records[0].document["environment"]["cpu"])
    failure = {"kind": "raised", "message": name, "detail": f"Traceback\n  {name}\n"}
    failed = hand_made.record(f"broken:p={name}", [], failure=failure, of=results.records[0].document["task"])
    found = bench.Results((*results.records, failed), results.folder)
    assert is_shown(bench.show(found).render(form))
    for group in found.groups:
        assert is_shown(bench.show(found, group.label).render(form))


def test_a_data_frame_can_be_made(results: bench.Results) -> None:
    assert len(results.to_frame(every_figure=True)) == 2


def test_the_page_shows_every_character(results: bench.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.page.page.javascript", lambda: "")
    assert is_shown(bench.report(results).read_text(encoding="utf-8"))


def test_records_keep_such_texts(results: bench.Results) -> None:
    document = {**results.records[0].document, "key": "0" * 64, "status": "failed", "failure": hand_made.TIMEOUT}
    Store(results.folder).add(Record(document))
    (found,) = Store(results.folder).records()
    assert found.recommender == results.records[0].recommender
