"""A record that cannot be true costs its row: the run knows the job, the task and its own clock."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jobs_here import DataHere

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import write_record
from bench.running.measuring import run_job
from bench.running.vetting import vetted
from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]

LONG_AGO = {"spec": -1e6, "validation": -8e5, "train": -6e5, "candidates": -4e5}
"""When a job asked that had all the time it wanted."""


@pytest.fixture(scope="module")
def done() -> dict[str, tuple[Job, Record]]:
    """Hold each finished job, by its name: a job is run once."""
    return {}


@pytest.fixture
def finished(plan: Plan, tmp_path: Path, done: dict[str, tuple[Job, Record]]) -> tuple[Job, Record]:
    if "als" not in done:
        (job,) = plan(["als:epochs=3"], patience=1)
        done["als"] = job, run_job(json.loads(json.dumps(job.spec(tmp_path))), DataHere(job), lambda _: None)
    return done["als"]


def with_time(record: Record, **seconds: float) -> Record:
    return replace(record, document={**record.document, "time": {**record.document["time"], **seconds}})


def with_ranks(record: Record, change: Callable[[Any], Any], name: str = "ranks") -> Record:
    ranks: Any = getattr(record, name)
    parts = (ranks.n_better, ranks.n_tied, ranks.n_rivals)
    return replace(record, **{name: Ranks(*(change(part) for part in parts))})


def with_counts(record: Record) -> Record:
    assert record.counts is not None
    counts = record.counts
    return replace(record, counts=TrainCounts(counts.users, counts.heldout * 0, counts.items))


def vet(record: Record, job: Job, folder: Path, asked_at: Any = None) -> Record:
    folder.mkdir()
    write_record(record, folder)
    return vetted(folder, job, LONG_AGO if asked_at is None else asked_at)


def test_an_honest_record_is_believed(finished: tuple[Job, Record], tmp_path: Path) -> None:
    job, record = finished
    found = vet(record, job, tmp_path / "record")
    assert found.failure is None
    assert found.time == record.time


WRONG: dict[str, tuple[Callable[[Record], Record], str]] = {
    "another key": (lambda r: replace(r, document={**r.document, "key": "0" * 64}), "its key is not that of the job"),
    "another seed": (lambda r: replace(r, document={**r.document, "seed": 7}), "its seed is not"),
    "another task": (
        lambda r: replace(r, document={**r.document, "task": {**r.document["task"], "digest": "0" * 64}}),
        "its task is not",
    ),
    "a time that is too long": (lambda r: with_time(r, fit_seconds=3e5), "fitting took 300000 s by the record"),
    "scoring too long": (lambda r: with_time(r, score_seconds=3e9), "scoring took"),
    "fewer users": (lambda r: with_ranks(r, lambda part: part[1:]), "cannot be read|users"),
    "other rivals": (
        lambda r: replace(r, ranks=Ranks(r.ranks.n_better, r.ranks.n_tied, r.ranks.n_rivals + 1)),
        "not against the candidates",
    ),
    "all ranks doubled": (lambda r: with_ranks(r, lambda part: 2 * part, "full_ranks"), "untouched items"),
    "other counts": (with_counts, "counts of training interactions"),
    "lists of items that do not exist": (
        lambda r: replace(r, top_items=np.full_like(r.top_items, 80)),
        "items that do not exist",
    ),
    "short lists": (lambda r: replace(r, top_items=r.top_items[:, :5]), "expected \\(60, 80\\)"),
    "no selection": (lambda r: replace(r, document={**r.document, "selection": None}), "a choice of epochs"),
    "another schema": (lambda r: replace(r, document={**r.document, "schema": 99}), "cannot be read"),
    "no status": (
        lambda r: replace(r, document={k: v for k, v in r.document.items() if k != "status"}),
        "cannot be read: .* has no status",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_record_that_cannot_be_true_is_a_failure(finished: tuple[Job, Record], tmp_path: Path, wrong: str) -> None:
    job, record = finished
    change, reason = WRONG[wrong]
    failure = vet(change(record), job, tmp_path / "record").failure
    assert failure is not None
    assert failure.kind == "record"
    assert re.search(reason, failure.message), failure.message


def test_ranks_without_candidates_are_not_believed(finished: tuple[Job, Record], tmp_path: Path) -> None:
    job, record = finished
    asked_at = {part: at for part, at in LONG_AGO.items() if part != "candidates"}
    failure = vet(record, job, tmp_path / "record", asked_at).failure
    assert failure is not None
    assert "never asked for the candidates" in failure.message


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"schema": 1}', b"[" * 990])
def test_a_file_that_is_no_record_is_a_failure(finished: tuple[Job, Record], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.json").write_bytes(content)
    failure = vetted(tmp_path, finished[0], LONG_AGO).failure
    assert failure is not None
    assert "cannot be read" in failure.message


def test_a_failure_of_any_length_is_capped(finished: tuple[Job, Record], tmp_path: Path) -> None:
    job, record = finished
    said = {"kind": "raised", "message": "no", "detail": "x" * 10**7}
    document = {**record.document, "status": "failed", "failure": said, "time": None}
    found = vet(replace(record, document=document, ranks=None), job, tmp_path / "record")
    assert found.failure is not None
    assert found.failure.kind == "raised"
    assert len(found.failure.detail or "") < 30_000


def test_building_is_part_of_the_choice_of_epochs(finished: tuple[Job, Record], tmp_path: Path) -> None:
    """The first building, before the job asks for the validation task, may take longer than the second one."""
    job, record = finished
    now = time.monotonic()
    asked_at = {"spec": now - 100, "validation": now - 60, "train": now - 59, "candidates": now - 30}

    def with_selection(seconds: float) -> Record:
        selection = {**record.document["selection"], "seconds": seconds}
        return replace(record, document={**record.document, "selection": selection})

    assert vet(with_selection(30.0), job, tmp_path / "honest", asked_at).failure is None
    failure = vet(with_selection(50.0), job, tmp_path / "too long", asked_at).failure
    assert failure is not None
    assert "selecting took 50 s by the record, and 41 s" in failure.message


def test_a_job_that_was_refused_its_data_fails_for_its_own_reason(finished: tuple[Job, Record], tmp_path: Path) -> None:
    job, record = finished
    own = Failure("raised", "the run did not hand over what the job asked for: no memory is left")
    for name, found, expected in (
        ("failed", failed_record(job.document, own), own.message),
        ("ok", record, "no memory"),
    ):
        (tmp_path / name).mkdir()
        write_record(found, tmp_path / name)
        failure = vetted(tmp_path / name, job, LONG_AGO, "no memory is left").failure
        assert failure is not None
        assert expected in failure.message
        assert ("cannot be true" in failure.message) == (name == "ok")
