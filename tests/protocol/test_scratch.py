"""Scratch folders are removed by the process that made them or, if it was killed, by a later one."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from protocol.scratch import PREFIX, clear_abandoned, scratch_folder

if TYPE_CHECKING:
    from pathlib import Path

HOLDS = "import sys\nfrom protocol.scratch import scratch_folder\nwith scratch_folder() as folder:\n"
HOLDS += " (folder / 'task').touch()\n print(folder, flush=True)\n sys.stdin.read()\n"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a temporary folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_after_its_block(temporary: Path) -> None:
    with scratch_folder() as folder:
        (folder / "inner").mkdir()
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o077 == 0
    assert list(temporary.iterdir()) == []


def test_only_what_no_living_process_holds_is_cleared(temporary: Path) -> None:
    command = [sys.executable, "-c", HOLDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        held = holder.stdout.readline().strip()
        with scratch_folder() as ours:
            assert clear_abandoned() == 0
            assert sorted(map(str, temporary.iterdir())) == sorted([held, str(ours)])
        holder.kill()
    assert [str(path) for path in temporary.iterdir()] == [held]
    assert clear_abandoned() == 1
    assert list(temporary.iterdir()) == []


def test_what_is_no_scratch_folder_stays(temporary: Path) -> None:
    (temporary / "recbench-results").mkdir()
    (temporary / f"{PREFIX}file").write_text("no folder")
    (temporary / f"{PREFIX}link").symlink_to(temporary / "recbench-results")
    assert clear_abandoned() == 0
    assert len(list(temporary.iterdir())) == 3


def test_folders_of_other_users_stay(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (temporary / f"{PREFIX}theirs").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: (temporary / f"{PREFIX}theirs").stat().st_uid + 1)
    assert clear_abandoned() == 0


def test_a_folder_that_is_cleared_before_it_is_locked_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, cleared = fcntl.flock, []

    def clear_first(*given: Any) -> None:
        if not cleared:
            cleared.extend(temporary.iterdir())
            cleared[0].rmdir()
        lock(*given)

    monkeypatch.setattr(fcntl, "flock", clear_first)
    with scratch_folder() as folder:
        assert folder.is_dir()
        assert folder != cleared[0]
