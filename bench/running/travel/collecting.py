"""Collect a plan: vet the records that came, and store them in a folder of results."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.machine.environment import describe_environment
from bench.records.groups import check_same_task
from bench.records.inputs import recorded_task
from bench.records.reading import read_file
from bench.records.store import Store
from bench.running.one_row import OneRow
from bench.running.travel.acceptance import accepted
from bench.running.travel.bundle import BundleError
from bench.running.travel.identity import check_same, identity
from bench.running.travel.parcel import Unpacking, read_parcel
from protocol.drafts import drafts
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.travel.plan_folder import PlanFolder


@dataclass
class Collected:
    """What a plan has brought.

    Parameters
    ----------
    records
        By index.
    missing
        By index, what is wrong with the record that came, as a message continues; empty where none came.
    """

    records: dict[int, Record] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)


def collect_into(plan: PlanFolder, folder: Path) -> Collected:
    """Store the records of a plan in a folder of results; those that cannot be what was planned are missing.

    Raises
    ------
    OtherCodeError
        If this process has other code than what made the plan.
    ProtocolError
        If the results are of another task, or a specification is damaged.
    """
    check_same(plan.contents.identity, identity(), roles=("where the plan was made", "here"))
    unpacking, found = Unpacking(plan.blobs, describe_environment(), runs_here=False), Collected()
    rows: dict[str, OneRow] = {}
    plan.clear_drafts()
    for index, planned in enumerate(plan.jobs):
        parcel = read_parcel(plan.parcel(index))
        job = unpacking.job(parcel)
        if planned.folder not in rows:
            rows[planned.folder] = _prepared(folder / planned.folder, job)
        try:
            content = read_file(plan.place_of(index))
            found.records[index] = _stored(content, job, rows[planned.folder], keeps_model=parcel.keeps_model)
        except ValueError:
            found.missing[index] = ""
        except BundleError as error:
            plan.refuse(index)
            found.missing[index] = f": {error}"
    return found


def _prepared(folder: Path, job: Job) -> OneRow:
    """Return the rows of a folder that may take the records of a job's task."""
    store = Store(folder)
    documents = store.documents()
    tasks = [*(record.task for record in documents), recorded_task(job.task)]
    check_same_task(f"the records in {folder}, and those of the plan, would be", tasks)
    store.prepare()
    return OneRow(store, documents)


def _stored(content: bytes, job: Job, rows: OneRow, *, keeps_model: bool) -> Record:
    """Store the record of a bundle unless it is there already, and return the job's row."""
    with drafts(rows.store.folder) if keeps_model else nullcontext() as models:
        # The jobs saw the current folder of `recbench work`, and not that of this process.
        record, model = accepted(content, job, models, sees_our_folder=False)
        found = rows.found(record.key)
        if found is not None and job.choice.display_name is None:
            record = record.named(found.recommender.display_name)
        if found is not None and record.failed and not found.failed:
            warnings.warn(
                f"{job.title} failed in the plan ({record.failure.message if record.failure else ''}), and "
                f"{rows.store.folder} has its figures of an earlier run: these are kept",
                RecbenchWarning,
                stacklevel=5,
            )
            return found
        if found is None or found.document != record.document:
            return rows.add(job, record, model=model)
    return record
