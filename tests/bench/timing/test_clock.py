"""Time without what other processes took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.timing import clock

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_lost_turns_do_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Eight seconds by the wall, of which five were spent without a core, are three."""
    schedule = tmp_path / "schedstat"
    monkeypatch.setattr(clock, "_SCHEDULE", schedule)
    monkeypatch.setattr("time.perf_counter", lambda: 100.0)
    schedule.write_text("7 2000000000 1\n")

    def work() -> None:
        schedule.write_text("9 7000000000 2\n")
        monkeypatch.setattr("time.perf_counter", lambda: 108.0)

    assert clock.duration(work) == 3.0


def test_a_turn_lost_between_the_readings_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([0, 1_000_000_000, 1_000_000_000])
    monkeypatch.setattr(clock, "_waited", lambda: next(readings))
    times = iter([10.0, 11.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    assert clock.seconds() == 10.0


def test_without_a_schedule_it_is_a_wall_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "_SCHEDULE", tmp_path / "missing")
    monkeypatch.setattr("time.perf_counter", lambda: 100.0)
    assert clock.seconds() == 100.0


def test_nothing_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "seconds", lambda: 100.0)
    assert clock.duration(lambda: None) == clock.LEAST > 0
