"""The folder of a run on Slurm, and what a run that was killed left in one."""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING

import pytest

from bench.running.places.slurm.folder import RunFolder, abandoned, newest_answers, parcel_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.made(tmp_path)


def leave(folder: RunFolder, **about: object) -> None:
    """Let the driver of a folder be another process."""
    path = folder.path / "driver.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **about}))


def test_an_element_reads_its_own_parcel(folder: RunFolder) -> None:
    folder.write_array("a-1", [b'{"first": 1}', b'{"second": 2}'])
    folder.write_array("a-2", [b"{}"])
    assert folder.parcel("a-1", 1) == b'{"second": 2}'
    assert folder.arrays() == ["a-1", "a-2"]


def test_an_answer_is_found_by_the_parcel_of_its_job(folder: RunFolder) -> None:
    key = parcel_key(b"a parcel")
    folder.answer(key, b"what", 3, "node.of.a.cluster")
    (found,) = folder.answers().items()
    assert (found[0], found[1].n_at_once, found[1].node) == (key, 3, "node.of.a.cluster")
    assert found[1].path.read_bytes() == b"what"
    folder.forget(key)
    assert folder.answers() == {}


@pytest.mark.parametrize("name", [".0" * 32, "0" * 32, f"{'0' * 32}.x.node", f"{'0' * 31}.1.node", "note.txt"])
def test_what_is_no_answer_is_left_out(name: str, folder: RunFolder) -> None:
    (folder.part("done") / name).touch()
    assert folder.answers() == {}


def test_the_folder_of_a_run_that_lives_is_not_abandoned(folder: RunFolder, tmp_path: Path) -> None:
    assert list(abandoned(tmp_path)) == []
    leave(folder, host="another machine")
    assert list(abandoned(tmp_path)) == []


def test_the_folder_of_a_process_that_is_gone_is_abandoned(folder: RunFolder, tmp_path: Path) -> None:
    leave(folder, started=1.0)
    assert list(abandoned(tmp_path)) == [folder]


def test_the_folder_of_another_machine_is_abandoned_when_its_lease_is_old(folder: RunFolder, tmp_path: Path) -> None:
    leave(folder, host="another machine", pid=os.getpid())
    folder.lease.touch()
    os.utime(folder.lease, (1e9, 1e9))
    assert list(abandoned(tmp_path)) == [folder]


def test_a_folder_without_a_lease_is_as_old_as_itself(folder: RunFolder, tmp_path: Path) -> None:
    leave(folder, host="another machine")
    os.utime(folder.path, (1e9, 1e9))
    assert list(abandoned(tmp_path)) == [folder]


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"host": platform.node(), "pid": "x"})])
def test_a_damaged_note_of_the_driver_ends_nothing_that_may_live(text: str, folder: RunFolder, tmp_path: Path) -> None:
    (folder.path / "driver.json").write_text(text)
    assert list(abandoned(tmp_path)) == []


def test_answers_of_several_folders_are_found(folder: RunFolder, tmp_path: Path) -> None:
    other = RunFolder.made(tmp_path)
    folder.answer(parcel_key(b"a"), b"", 1, "n")
    other.answer(parcel_key(b"b"), b"", 1, "n")
    other.part("running").rmdir()
    assert set(newest_answers([folder, other])) == {parcel_key(b"a"), parcel_key(b"b")}
    other.remove()
    assert set(newest_answers([folder, other])) == {parcel_key(b"a")}


def test_the_end_of_what_was_printed_is_read(folder: RunFolder) -> None:
    assert folder.log("7_0") is None
    (folder.part("logs") / "7_0_0_log.err").write_text("No module named bench\n")
    assert folder.log("7_0") == "No module named bench\n"
