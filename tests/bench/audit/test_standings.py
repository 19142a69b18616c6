"""How far each record could be verified: what is wrong with one record is said of it alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here
from resealed import reseal
from small_board import ONE, change, place_of, run

from bench.audit.standings import verified
from bench.data import Data
from bench.records.store import DOCUMENT, MANIFEST, Store
from bench.studies.board.standing import CHECKED, FAULTY, OPEN

if TYPE_CHECKING:
    from bench.records.record import Record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "results"
    with jobs_here():
        run(folder, Data(ONE, negatives=20), ["popularity", "random"], "0-1")
    return folder


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def kinds(results: Path) -> dict[str, str]:
    found = verified(results, Data())
    return {name.rpartition("-")[0]: standing.kind.words for name, standing in found.standings.items()}


def test_what_a_run_leaves_is_checked(results: Path) -> None:
    assert {one.kind for one in verified(results, Data()).standings.values()} == {CHECKED}


def test_a_record_that_cannot_be_read_is_there_with_the_reason(results: Path) -> None:
    place = place_of(results, "popularity")
    (place / DOCUMENT).write_text("{")
    found = verified(results, Data())
    assert place.name not in found.records
    assert found.standings[place.name].kind is FAULTY
    assert any("record.json" in reason for reason in found.standings[place.name].reasons)
    assert kinds(results)["random"] == CHECKED.words


def test_a_record_of_another_task_accuses_no_other(results: Path) -> None:
    """The folder then has two tasks, and without this record it has one."""
    change_task = place_of(results, "popularity")
    reseal(change_task, lambda document: document["task"].update(digest="0" * 64))
    assert kinds(results) == {"popularity": FAULTY.words, "random": CHECKED.words}


def test_a_lost_manifest_is_against_all(results: Path) -> None:
    (results / MANIFEST).unlink()
    found = verified(results, Data())
    assert {one.kind for one in found.standings.values()} == {FAULTY}
    assert all("manifest" in " ".join(one.reasons) for one in found.standings.values())


def test_data_that_are_not_here_leave_a_record_open(results: Path) -> None:
    for place in (results / "records").iterdir():
        reseal(place, lambda document: document["task"].update(dataset="mine.csv"))
    (results / MANIFEST).unlink()
    with pytest.warns(match="made again from the"):
        Store(results).prepare()
    found = verified(results, Data())
    assert {one.kind for one in found.standings.values()} == {OPEN}
    assert {one.reasons for one in found.standings.values()} == {
        ("the records are of mine.csv; say where it is with --dataset",)
    }


def test_damage_of_several_is_said_of_each(results: Path) -> None:
    for place in (results / "records").glob("random-*"):
        change(place)
    assert kinds(results) == {"popularity": CHECKED.words, "random": FAULTY.words}
    assert json.loads((place_of(results, "popularity") / DOCUMENT).read_text())["status"] == "ok"


def test_a_check_that_breaks_after_it_found_a_fault_proves_nothing_of_the_rest(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contradictions(record: Record) -> list[str]:
        if record.recommender.name == "random":
            raise ValueError("no sense")
        return ["it contradicts itself"]

    monkeypatch.setattr("bench.audit.verification.contradictions", contradictions)
    found = {name.rpartition("-")[0]: one for name, one in verified(results, Data()).standings.items()}
    assert {name: one.kind for name, one in found.items()} == {"popularity": FAULTY, "random": FAULTY}
    assert found["popularity"].reasons[0] == "it contradicts itself"
    assert "no sense" in " ".join(found["random"].reasons)
