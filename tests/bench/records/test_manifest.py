"""The manifest and the records agree at every moment of a writer's work, and after a kill at any of them."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from hand_made import record as made
from stepping import stops

from bench.audit.verification import verify_results
from bench.data import Data
from bench.records.inputs import SCHEMA
from bench.records.manifest import Manifest, read_manifest
from bench.records.store import ARRAYS, MANIFEST, Record, Store, file_digest
from protocol.drafts import drafts
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def record(better: int = 0, *, seconds: float = 1.5, tuning: float | None = None) -> Record:
    return made("ease", [better, 2], fit=seconds, tuning=tuning, counts=([1, 2], [0, 1], [0, 1, 2]))


FAILED = made("ease", [], failure={"kind": "raised", "message": "no luck"})


def said(record: Record | None) -> dict[str, object] | None:
    """Return what a record says, without what is computed when it is written."""
    if record is None:
        return None
    return {name: value for name, value in record.document.items() if name not in ("files", "seal")}


def state(folder: Path) -> list[tuple[str, int, int]]:
    paths = sorted(folder.rglob("*"))
    return [(str(path), path.lstat().st_ino, path.lstat().st_size) for path in paths]


def problems(folder: Path) -> list[str]:
    """Return what `recbench verify` finds wrong with the files."""
    findings = itertools.islice(verify_results(folder, Data(), offline=True), 3)
    return [one.message for one in findings if one.status != "ok"]


def check_settled(folder: Path) -> None:
    """The manifest lists exactly the files that there are, and nothing else was left."""
    files = {path.relative_to(folder).as_posix(): file_digest(path) for path in folder.rglob("records/*/*")}
    manifest = read_manifest(folder) if (folder / MANIFEST).exists() else Manifest(SCHEMA, {})
    assert (dict(manifest.files), dict(manifest.writing)) == (files, {})
    assert {path.name for path in folder.iterdir()} <= {".lock", MANIFEST, "records"}
    assert all(any(place.iterdir()) for place in folder.glob("records/*"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (record(), record(tuning=3.0)),
        (record(), record(1, seconds=2.5)),
        (None, record()),
    ],
    ids=["tuning time", "ranks", "new"],
)
def test_a_writer_stopped_at_any_system_call_leaves_the_old_record_or_the_new_one(
    tmp_path: Path, old: Record | None, new: Record
) -> None:
    """What is on the disk when the writer stands still is what a kill leaves; it is also what a reader finds."""
    store, seen, before = Store(tmp_path / "results"), [], None
    store.prepare()
    if old is not None:
        store.add(old)
    for _ in itertools.islice(stops(lambda: store.add(new)), 0, None, 2):
        if (now := state(store.folder)) == before:
            continue
        before, left = now, tmp_path / "left"
        seen.append(said(store.find(new.key)))
        shutil.copytree(store.folder, left)
        if not store.is_empty:
            assert problems(left) == []
        Store(left).prepare()
        assert said(Store(left).find(new.key)) == seen[-1]
        check_settled(left)
        shutil.rmtree(left)
    check_settled(store.folder)
    n_old = seen.index(said(new))
    assert seen == [said(old)] * n_old + [said(new)] * (len(seen) - n_old)
    assert 5 < n_old < len(seen)


def test_a_record_is_whole_or_gone_wherever_the_process_that_removes_it_is_killed(tmp_path: Path) -> None:
    store, seen, before = Store(tmp_path / "results"), [], None
    other, old = made("other", [0, 2], counts=([1, 2], [0, 1], [0, 1, 2])), record()
    for one in (other, old):
        store.add(one)
    found = store.find(old.key)
    for _ in itertools.islice(stops(lambda: store.remove(found)), 0, None, 2):
        if (now := state(store.folder)) == before:
            continue
        before, left = now, tmp_path / "left"
        seen.append(store.find(old.key) is not None)
        shutil.copytree(store.folder, left)
        assert problems(left) == []
        Store(left).prepare()
        assert (Store(left).find(old.key) is not None) == seen[-1]
        check_settled(left)
        shutil.rmtree(left)
    check_settled(store.folder)
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {True, False}
    assert [one.key for one in store.documents()] == [other.key]


def test_a_record_that_another_one_has_replaced_is_not_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(FAILED)
    found = store.find(FAILED.key)
    store.add(record())
    store.remove(found)
    assert not store.find(FAILED.key).failed
    check_settled(tmp_path)


def add_for_ever(folder: Path, records: Sequence[Record]) -> int:
    """Add records in turn, in a process of its own, until it is killed; return its number."""
    process = os.fork()
    if process == 0:
        try:
            for one in itertools.cycle(records):
                Store(folder).add(one)
        finally:
            os._exit(99)
    return process


def test_readers_beside_writers_find_every_record_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    others = [made(f"other{number}", [number, 2], counts=([1, 2], [0, 1], [0, 1, 2])) for number in range(3)]
    for one in (record(), *others):
        store.add(one)
    writers = [add_for_ever(tmp_path, [record(tuning=3.0), record(1), FAILED, record(better)]) for better in (2, 3)]
    seen = set()
    try:
        # At least 60 reads, and more on a busy machine, until two states of the record were seen.
        for number in range(20_000):
            found = store.find(record().key)
            seen.add("failed" if found.failed else int(found.ranks.n_better[0]))
            if number % 30 == 0 and number < 60:
                assert len(store.records()) == 4
                assert problems(tmp_path) == []
            if number >= 60 and len(seen) > 1:
                break
    finally:
        for writer in writers:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
    assert len(seen) > 1, "the writers wrote"
    store.prepare()
    check_settled(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{}",
        b'{"files": []}',
        b'{"schema": 1, "files": {"a": 1}}',
        b"[" * 100_000,
        b"\xff",
        None,
    ],
)
def test_a_damaged_manifest_is_made_again_from_the_records_with_a_word(tmp_path: Path, damage: bytes | None) -> None:
    store, place = Store(tmp_path), tmp_path / MANIFEST
    store.add(record())
    store.add(made("als", [], failure={"kind": "raised", "message": "no luck"}))
    whole = place.read_bytes()
    place.unlink() if damage is None else place.write_bytes(damage)
    with pytest.warns(RecbenchWarning, match=r"manifest\.json is damaged .* made again from the 2 records there"):
        store.prepare()
    assert place.read_bytes() == whole
    check_settled(tmp_path)


def test_a_pipe_in_place_of_the_manifest_is_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record())
    (tmp_path / MANIFEST).unlink()
    os.mkfifo(tmp_path / MANIFEST)
    with pytest.warns(RecbenchWarning, match="it is no regular file"):
        store.add(record(tuning=3.0))
    check_settled(tmp_path)


def test_a_damaged_record_is_left_out_of_a_manifest_that_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record())
    next(tmp_path.rglob(ARRAYS)).write_bytes(b"")
    (tmp_path / MANIFEST).write_bytes(b"")
    with pytest.warns(RecbenchWarning, match=r"without those that are damaged \(ease-ease"):
        store.prepare()
    assert read_manifest(tmp_path).files == {}
    store.add(record())
    assert problems(tmp_path) == []


def test_the_manifest_of_a_newer_recbench_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).prepare()
    (tmp_path / MANIFEST).write_text('{"schema": 2, "files": {}}')
    with pytest.raises(ProtocolError, match=r"manifest\.json has schema 2, expected 1: a newer recbench wrote it"):
        Store(tmp_path).add(record())
    assert not list((tmp_path / "records").iterdir())


def test_a_folder_of_drafts_that_a_killed_writer_left_is_cleared_and_that_of_a_living_one_is_not(
    tmp_path: Path,
) -> None:
    """Earlier versions left such folders, too."""
    store = Store(tmp_path)
    (tmp_path / ".writing-old" / "new").mkdir(parents=True)
    with drafts(tmp_path) as living:
        store.add(record())
        assert living.exists()
        assert not (tmp_path / ".writing-old").exists()
    check_settled(tmp_path)
