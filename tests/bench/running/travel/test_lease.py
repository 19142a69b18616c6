"""A worker's job ends when its driver is gone."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from bench.running.travel import lease
from bench.running.travel.lease import FileLease, FileRenewal, NoDriver, ParentLease, ending_with

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_renewed_file_is_held_and_a_stale_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    path.write_text("1 0\n")
    held = FileLease(path, patience=0.2)
    for number in range(1, 4):
        time.sleep(0.1)
        path.write_text(f"1 {number}\n")
        assert held.is_held()
    time.sleep(0.25)
    assert not held.is_held()


def test_a_file_that_is_gone_ends_it_at_once(tmp_path: Path) -> None:
    held = FileLease(tmp_path / "lease", patience=100.0)
    assert not held.is_held()


def test_a_driver_renews_and_withdraws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_SECONDS", 0.02)
    renewal = FileRenewal(tmp_path / "lease")
    held = FileLease(tmp_path / "lease", patience=5.0)
    first = (tmp_path / "lease").read_bytes()
    while (tmp_path / "lease").read_bytes() == first:
        time.sleep(0.01)
    assert held.is_held()
    renewal.withdraw()
    assert not held.is_held()
    time.sleep(0.1)
    assert not (tmp_path / "lease").exists()


def test_a_job_without_a_driver_and_one_of_a_living_parent_go_on() -> None:
    assert NoDriver().is_held()
    assert ParentLease().is_held()


def test_what_runs_is_ended_once_and_only_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.01)

    class Lost:
        def is_held(self) -> bool:
            return False

    calls: list[int] = []
    ended = threading.Event()

    def end() -> None:
        calls.append(1)
        ended.set()

    with ending_with(Lost(), end):
        assert ended.wait(5.0)
    with ending_with(NoDriver(), end):
        time.sleep(0.05)
    assert calls == [1]
