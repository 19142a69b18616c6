"""A job's record says what it used; one that does not is no answer for a plug-in, and is one for a built-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.used import changes_since
from recommenders.registry.used import changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

pytestmark = pytest.mark.usefixtures("jobs_here")

SOURCE = """
import msgspec

class Mine:
    deterministic = True
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return 1.0 * items
"""


def run(jobs: list[Job], folder: Path, **options: Any) -> list[Record]:
    return run_jobs(jobs, Store(folder), timeout=60.0, progress=Silence(), **options)


def test_a_library_counts_for_those_that_import_it(
    plan: Callable[..., list[Job]], plugin: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, mine = jobs = plan(["popularity"], [plugin(SOURCE)])
    popularity, imports = run(jobs, tmp_path / "results")
    assert popularity.used is None
    assert imports.used is not None
    version = imports.used.distributions["msgspec"]
    monkeypatch.setattr(changes, "version_of", lambda _: "99")
    assert changes_since(popularity, ours) == []
    assert changes_since(imports, mine) == [f"msgspec was {version} and is 99"]


def test_a_plugins_record_that_does_not_say_what_it_used_is_no_answer(
    plan: Callable[..., list[Job]], plugin: Callable[[str], str], tmp_path: Path
) -> None:
    (job,) = plan([], [plugin(SOURCE)])
    (record,) = run([job], tmp_path / "results")
    older = type(record)({name: value for name, value in record.document.items() if name != "used"})
    assert changes_since(older, job) == ["its record does not say what it used"]


def test_refit_runs_what_is_stored_and_keeps_one_record(plan: Callable[..., list[Job]], tmp_path: Path) -> None:
    jobs = plan(["popularity"])
    (first,) = run(jobs, tmp_path)
    (stored,) = run(jobs, tmp_path)
    (again,) = run(jobs, tmp_path, refit=True)
    assert stored.time == first.time
    assert again.time != first.time
    assert len(Store(tmp_path).records()) == 1
