"""Records of one task say the same of it; those that used different files or versions are no seeds of one model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hand_made
import pytest

from bench.records.groups import check_one_task, group_records
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from protocol.errors import ProtocolError

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


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {**hand_made.FACTS, "n_negatives": 0}},
        {"purpose": "validation"},
        {"parts": {**hand_made.task()["parts"], "split": "imported"}},
    ],
)
def test_one_digest_for_two_tasks_is_refused(change: dict[str, object]) -> None:
    records = [hand_made.record(name, [0], of=hand_made.task()) for name in ("ease", "als")]
    check_one_task(records)
    with pytest.raises(ProtocolError, match="of one task by its digest, and differ in its parts; `recbench verify`"):
        check_one_task([*records, hand_made.record("mine", [0], of=hand_made.task(**change))])
