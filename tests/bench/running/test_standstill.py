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


class Watching:
    """A standstill whose clocks a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, threads: int = 1) -> None:
        self._now = self._worked = self._used = 100.0
        monkeypatch.setattr(standstill.time, "monotonic", lambda: self._now)
        monkeypatch.setattr(standstill.time, "thread_time", lambda: self._worked)
        self._standstill = Standstill(lambda: self._used, threads)

    def after(self, passed: float, worked: float = 0.0, used: float = 0.0) -> float:
        """Look after half a second of waiting; return for how long the job stood still so far."""
        self._now, self._worked, self._used = self._now + passed, self._worked + worked, self._used + used
        self._standstill.look(0.5)
        return self._standstill.seconds


def test_time_without_work_that_was_not_waited_for_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = Watching(monkeypatch)
    steps = (
        (0.5, 0.0, 0.0),
        (4.0, 0.0, 0.0),
        (30.5, 0.0, 30.0),
        (30.5, 30.0, 30.0),
        (0.5, 0.0, 30.0),
        (12.5, 2.0, 40.0),
    )
    for passed, worked, seconds in steps:
        assert watching.after(passed, worked) == seconds


def test_a_job_that_ran_on_meanwhile_did_not_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl-Z, which stops the run and not its jobs."""
    watching = Watching(monkeypatch)
    assert watching.after(30.5, used=30.4) == 0.0
    assert watching.after(30.5, used=0.5) == 30.0, "it was suspended: what it used it used in the other half second"
    assert watching.after(30.5, used=20.5) == 40.0, "it ran for 20 seconds of 30"


def test_the_threads_of_a_job_may_have_used_their_time_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watching = Watching(monkeypatch, threads=4)
    assert watching.after(30.5, used=122.0) == 0.0
    assert watching.after(30.5, used=62.0) == 15.0


def test_a_standstill_is_in_the_record_and_in_no_limit(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Standstill, "look", lambda self, _: setattr(self, "seconds", 60.0))
    (record,) = run_jobs(plan(["popularity"]), Store(tmp_path), timeout=0.1, progress=Silence())
    assert record.failure is None
    assert record.usage is not None
    assert record.usage.standstill_seconds == 60.0
