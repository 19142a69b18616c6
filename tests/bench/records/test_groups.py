"""Records that used different files or versions are no seeds of one model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bench.records.groups import group_records
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

pytestmark = pytest.mark.usefixtures("jobs_here")


@pytest.fixture
def records(plan: Callable[..., list[Job]], tmp_path: Path) -> list[Record]:
    return run_jobs(plan(["random"], seeds=(0, 1, 2)), Store(tmp_path), timeout=60.0, progress=Silence())


def seeds_of_groups(records: list[Record], *used: dict[str, Any]) -> list[tuple[int, ...]]:
    """Return the seeds of each group of records that used these files and versions."""
    noted = [
        replace(record, document={**record.document, "used": one}) for record, one in zip(records, used, strict=True)
    ]
    groups = group_records(noted)
    assert len({group.label for group in groups}) == len(groups)
    return sorted(group.seeds for group in groups)


def test_the_same_files_are_pooled_and_others_stay_apart(records: list[Record]) -> None:
    old, new = ({"files": {"plug-in": {"core.py": digest}}} for digest in ("a", "b"))
    assert seeds_of_groups(records, old, old, old) == [(0, 1, 2)]
    assert seeds_of_groups(records, old, new, old) == [(0, 2), (1,)]


def test_versions_count_like_files(records: list[Record]) -> None:
    old, new = ({"distributions": {"example": version}} for version in ("1.0", "1.1"))
    assert seeds_of_groups(records, old, new, new) == [(0,), (1, 2)]


def test_a_seed_may_use_a_file_that_others_do_not_use(records: list[Record]) -> None:
    code = {"plug-in": {"core.py": "a"}}
    made = {**code, "current": {"made.npy": "c"}}
    assert seeds_of_groups(records, {"files": code}, {"files": made}, {"files": made}) == [(0, 1, 2)]
