"""What watches a job notices that it did not run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.store import Store
from bench.running import standstill
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.standstill import Standstill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]


def test_time_without_work_that_was_not_waited_for_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = worked = 100.0
    monkeypatch.setattr(standstill.time, "monotonic", lambda: now)
    monkeypatch.setattr(standstill.time, "thread_time", lambda: worked)
    watching = Standstill()
    steps = (
        (0.5, 0.0, 0.0),
        (4.0, 0.0, 0.0),
        (30.5, 0.0, 30.0),
        (30.5, 30.0, 30.0),
        (0.5, 0.0, 30.0),
        (12.5, 2.0, 40.0),
    )
    for passed, work, seconds in steps:
        now, worked = now + passed, worked + work
        watching.look(0.5)
        assert watching.seconds == seconds


def test_a_standstill_is_in_the_record_and_in_no_limit(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Standstill, "look", lambda self, _: setattr(self, "seconds", 60.0))
    (record,) = run_jobs(plan(["popularity"]), Store(tmp_path), timeout=0.1, progress=Silence())
    assert record.failure is None
    assert record.usage is not None
    assert record.usage.standstill_seconds == 60.0
