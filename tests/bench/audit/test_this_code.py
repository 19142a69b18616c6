"""What a record says of a recommender is compared with the recommender of the same source, if it is here."""

from __future__ import annotations

import copy
from dataclasses import replace
from importlib import metadata
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import bench
from bench.audit.this_code import ThisCode
from bench.data import Data
from recommenders import registry
from recommenders.registry.inspection import asking

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.store import Record

pytestmark = pytest.mark.usefixtures("jobs_here")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """Return one that learns in epochs, after a selection, and two that do neither."""
    recommenders = ["bpr:epochs=3,embedding_size=4", "ease:reg=7", "popularity"]
    data, folder = Data("synthetic:60x80x900", negatives=20), tmp_path_factory.mktemp("made")
    made = bench.run(data, recommenders, patience=2, threads=1, out=folder, quiet=True).records
    return {record.recommender.name: record for record in made}


def changed(record: Record, changes: dict[str, Any]) -> Record:
    """Return a record whose document says something else of its recommender."""
    document = copy.deepcopy(dict(record.document))
    document["recommender"].update(changes)
    return replace(record, document=document)


def test_what_a_run_leaves_is_so(records: dict[str, Record]) -> None:
    code = ThisCode()
    assert [code.misdescriptions(record) for record in records.values()] == [[], [], []]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"deterministic": True}, "its deterministic is True, and by the source with its SHA-256 False"),
        ({"iterative": False}, "its iterative is False"),
        ({"reference": "elsewhere:BPR"}, "its reference is 'elsewhere:BPR'"),
        ({"parameters": {"epochs": 3}}, "its parameters is ['epochs']"),
    ],
)
def test_what_is_not_so_is_found(records: dict[str, Record], changes: dict[str, Any], expected: str) -> None:
    found = ThisCode().misdescriptions(changed(records["bpr"], changes))
    assert found is not None
    assert any(expected in problem for problem in found)


@pytest.mark.parametrize("changes", [{"source_sha256": "0" * 64}, {"name": "no_such"}, {"origin": "file"}])
def test_other_code_is_not_compared(records: dict[str, Record], changes: dict[str, Any]) -> None:
    assert ThisCode().misdescriptions(changed(records["bpr"], changes)) is None


def test_each_recommender_is_looked_at_once(records: dict[str, Record], monkeypatch: pytest.MonkeyPatch) -> None:
    digested, described = [], []
    digest, describe = registry.source_digest, registry.description_of
    monkeypatch.setattr(registry, "source_digest", lambda entry: digested.append(entry.name) or digest(entry))
    monkeypatch.setattr(registry, "description_of", lambda entry: described.append(entry.name) or describe(entry))
    code = ThisCode()
    for record in [*records.values()] * 3:
        code.misdescriptions(record)
    assert sorted(digested) == sorted(described) == ["bpr", "ease", "popularity"]


@pytest.mark.parametrize(
    ("source", "outcome", "seconds"),
    [("import os\nos._exit(3)\n", "ended", 100.0), ("import time\ntime.sleep(600)\n", "timed out", 1.0)],
)
def test_a_package_that_ends_or_stops_its_process_is_not_compared(
    records: dict[str, Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    outcome: str,
    seconds: float,
) -> None:
    (tmp_path / "their_model.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(asking, "TIMEOUT_S", seconds)
    point = SimpleNamespace(name="theirs", value="their_model:Theirs", dist=SimpleNamespace(name="their-pack"))
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point])
    entry = registry.entries()["theirs"]
    said = {"name": "theirs", "origin": entry.origin, "source_sha256": registry.source_digest(entry)}
    code = ThisCode()
    assert code.misdescriptions(changed(records["ease"], said)) is None
    assert asking.inspect_plugin(entry).outcome == outcome
    assert code.misdescriptions(records["ease"]) == []
