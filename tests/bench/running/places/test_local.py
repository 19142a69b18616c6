"""Jobs on this machine: in turn, or several at once on cores of their own; their records say how many there were."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from bench.records.store import Store
from bench.running.places.local import LocalPlace
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

MEETING = """
import os, time
from pathlib import Path

class Meeting:
    def __init__(self, here: str = ""):
        self.here = here
    def fit(self, train, *, rng):
        mine = Path(self.here, str(os.getpid()))
        mine.write_text(",".join(map(str, os.sched_getaffinity(0))) + "\\n")
        end = time.monotonic() + 100
        while sum(path.read_text().endswith("\\n") for path in Path(self.here).iterdir()) < 2:
            assert time.monotonic() < end, "the other job did not start"
            time.sleep(0.02)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system holds no process to cores")
@pytest.mark.usefixtures("free_cores")
def test_two_at_once_have_cores_of_their_own_and_say_that_they_were_two(
    plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("two jobs at once need two cores")
    here = tmp_path / "here"
    here.mkdir()
    jobs = plan([f"meeting:here={here}"], [plugin(MEETING)], seeds=(0, 1))
    records = run_jobs(jobs, Store(tmp_path / "out"), timeout=200, progress=Silence(), place=LocalPlace(2, 1))
    assert [record.failure for record in records] == [None, None]
    assert [record.usage and record.usage.at_once for record in records] == [2, 2]
    one, two = (set(path.read_text().strip().split(",")) for path in here.iterdir())
    assert len(one) == len(two) == 1
    assert one != two


def test_a_job_begins_once_the_record_of_the_one_before_is_stored(
    plan: Plan, tmp_path: Path, in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    lock = threading.Lock()

    class Told(Silence):
        def started(self, job: Job) -> None:
            with lock:
                happened.append(f"start {job.choice.label}")

    class Slow(Store):
        def add(self, record: Record, **how: object) -> None:
            super().add(record, **how)  # type: ignore[arg-type]
            threading.Event().wait(0.1)
            with lock:
                happened.append(f"stored {record.recommender.label}")

    records = run_jobs(plan(["popularity", "ease"]), Slow(tmp_path), timeout=60, progress=Told())
    assert happened == ["start popularity", "stored popularity", "start ease", "stored ease"]
    assert [record.usage and record.usage.at_once for record in records] == [1, 1]


def test_a_place_can_be_used_for_one_run_after_the_other(plan: Plan, tmp_path: Path, in_this_process: None) -> None:
    place = LocalPlace(2, 1)
    for name in ("popularity", "ease"):
        (record,) = run_jobs(plan([name]), Store(tmp_path), timeout=60, progress=Silence(), place=place)
        assert record.recommender.name == name


def test_no_more_are_asked_for_than_the_user_says(plan: Plan, tmp_path: Path, in_this_process: None) -> None:
    """``--jobs``."""
    waiting: list[int] = []

    class Counting(LocalPlace):
        n_submitted = n_settled = 0

        def submit(self, job: Job) -> object:  # type: ignore[override]
            self.n_submitted += 1
            waiting.append(self.n_submitted - self.n_settled)
            return super().submit(job)

        def settled(self, job: Job) -> None:
            self.n_settled += 1
            super().settled(job)

    jobs = plan(["popularity", "ease", "als:epochs=1"], seeds=(0, 1))
    for most, seen in ((2, 2), (None, 4)):
        waiting.clear()
        run_jobs(jobs, Store(tmp_path / str(most)), timeout=60, progress=Silence(), jobs=most, place=Counting(2, 1))
        assert max(waiting) == seen
