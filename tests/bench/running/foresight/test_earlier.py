"""Earlier records say what a job will need: about as much, at least as much, or at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.machine.environment import describe_environment
from bench.records.store import Store
from bench.running.foresight.need import Need, needs_of
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from protocol.data.loading import load_dataset
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

pytestmark = pytest.mark.usefixtures("jobs_here")

SOURCE = """
class Plain:
    deterministic = True
    def __init__(self, size: int = 1):
        self.size = size
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items * 1.0
"""


def job_on(plan: Plan, plugin: Plugin, size: str, name: str = "plain") -> Job:
    task = build_task(load_dataset(f"synthetic:{size}"), n_negatives=20)
    plugins = [plugin(SOURCE)] if name.startswith("plain") else []
    (job,) = plan([name], plugins, task=task, environment=describe_environment())
    return job


def stored(job: Job, folder: Path) -> float:
    """Run a job into a folder of results; return its peak in bytes."""
    (record,) = run_jobs([job], Store(folder), timeout=60.0, progress=Silence())
    assert record.memory is not None
    assert record.usage is not None
    return max(record.memory.peak_mib, record.usage.scoring_peak_mib + record.usage.ranking_mib) * 2**20


def need(job: Job, *folders: Path) -> Need:
    (found,) = needs_of([job], folders).values()
    return found


def test_without_records_nothing_is_known(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    found = need(job_on(plan, plugin, "60x80x900"), tmp_path)
    assert (found.n_bytes, found.source) == (None, "it has no method resources")


def test_the_same_sizes_say_it_and_others_bound_it(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    small, middle, large = (job_on(plan, plugin, size) for size in ("50x70x800", "60x80x900", "70x90x1000"))
    peak = stored(small, tmp_path / "runs" / "small")
    found = need(middle, tmp_path)
    assert (found.bound, found.n_bytes) == ("at least", pytest.approx(peak, abs=1))
    assert "small" in found.source
    peak = stored(large, tmp_path / "runs" / "large")
    assert need(middle, tmp_path / "runs" / "large").bound == "at most"
    assert need(middle, tmp_path / "runs" / "large").least_bytes is None
    assert need(large, tmp_path).n_bytes == pytest.approx(peak, abs=1)
    assert need(large, tmp_path).bound == "about"
    earlier = need(large, tmp_path).earlier
    assert earlier is not None
    assert earlier.seconds is not None


def test_other_parameters_and_other_code_say_nothing(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    stored(job_on(plan, plugin, "50x70x800"), tmp_path)
    assert need(job_on(plan, plugin, "60x80x900", "plain:size=2"), tmp_path).n_bytes is None


def test_larger_in_one_way_and_smaller_in_another_says_nothing(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    stored(job_on(plan, plugin, "50x90x800"), tmp_path)
    assert need(job_on(plan, plugin, "60x80x900"), tmp_path).n_bytes is None


def test_a_declared_need_comes_first_and_the_time_is_from_the_record(
    plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    job = job_on(plan, plugin, "60x80x900", "popularity")
    stored(job, tmp_path)
    found = need(job, tmp_path)
    assert found.source == "declared"
    assert found.earlier is not None
    assert found.earlier.bound == "about"


def test_a_damaged_record_is_passed_over(plan: Plan, plugin: Plugin, tmp_path: Path) -> None:
    job = job_on(plan, plugin, "60x80x900")
    stored(job, tmp_path)
    (document,) = tmp_path.glob("records/*/record.json")
    document.write_text("{")
    assert need(job, tmp_path).n_bytes is None
