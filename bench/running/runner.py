"""A run: stored records are used again, and the other jobs run at a place."""

from __future__ import annotations

import logging
import warnings
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine.interrupting import one_interrupt
from bench.machine.processes import keep_exit_codes
from bench.records.groups import check_same_task
from bench.records.inputs import recorded_task
from bench.running.folder_view import FolderView
from bench.running.foresight.room import without_room
from bench.running.one_row import OneRow
from bench.running.places.local import LocalPlace
from bench.running.places.place import RunOfJobs
from bench.running.progress.orderly import Orderly
from bench.running.settling import Settling
from bench.running.stored import Stored, stored_records, warn_of_lost_models
from bench.running.supervisor import Limits
from protocol.drafts import drafts
from protocol.errors import ProtocolError, RecbenchWarning
from protocol.scratch import clear_abandoned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.places.place import Place
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress


_LOG = logging.getLogger(__name__)


def run_jobs(
    planned: Sequence[Job],
    store: Store,
    *,
    timeout: float,
    progress: Progress,
    memory: int | None = None,
    jobs: int | None = None,
    place: Place | None = None,
    refit: bool = False,
    keep_models: bool = False,
    go_on: bool = False,
) -> list[Record]:
    """Return the record of each planned job: the stored one, or what a process makes of it now.

    A failure is stored, too, and tried again the next time.

    Parameters
    ----------
    timeout
        Seconds after which a job is stopped.
    memory
        Bytes; a job whose processes are seen to hold more is stopped. None for no limit.
    jobs
        The most that the place is asked for at once; None for all. Without a place, how many run at once here.
    place
        Where they run; None for this machine.
    refit
        Whether to run all jobs, in place of the records that are stored.
    keep_models
        Whether to store the fitted models, too; a job whose stored record has none runs again.
    go_on
        Whether jobs that cannot fit into the free memory become failures, and the others run.

    Raises
    ------
    NoRoomError
        If jobs cannot fit into the free memory (see `bench.running.foresight.room`); nothing has run.
    ProtocolError
        If the store has records of another task or schema: no table could be made of both.
    PlaceLostError
        If the engine of the place is gone; what is finished is stored.
    """
    what = f"the records in {store.folder}, and those that are to be made,"
    documents = store.documents()
    tasks = [*(record.task for record in documents), *(recorded_task(job.task) for job in planned)]
    check_same_task(f"{what} would be", tasks)
    store.prepare()
    where = place or LocalPlace(jobs or 1)
    planned = list({job.key: job for job in planned}.values())
    stored = (
        Stored()
        if refit
        else stored_records(store, planned, documents, with_models=keep_models, of_any_machine=where.is_elsewhere)
    )
    records = dict(stored.records)
    missing = [job for job in planned if job.key not in records]
    unfit = (
        without_room(missing, limit=memory, at_once=jobs or where.n_at_once, go_on=go_on)
        if isinstance(where, LocalPlace)
        else {}
    )
    if not keep_models:
        warn_of_lost_models(missing, documents)
    n_cleared = clear_abandoned()
    keep_exit_codes()
    # Before there is a folder for models: one in the user's folder would be shown, too.
    view = FolderView.of(Path.cwd(), store.folder)
    shown = Orderly(progress)
    with one_interrupt(), drafts(store.folder) if keep_models else nullcontext() as models:
        where.open(RunOfJobs(missing, Limits(timeout, memory), shown, view, store.folder, models, refit))
        with closing(where), shown:
            shown.begin(missing, n_stored=len(records), folder=store.folder)
            for reason in stored.reasons:
                shown.explained(reason)
            settling = Settling(OneRow(store, documents), where, shown)
            settling.refuse([job for job in missing if job.key in unfit], unfit)
            records.update(settling.run([job for job in missing if job.key not in unfit], jobs))
    if n_cleared:
        _LOG.info("scratch folders of killed runs: removed %d", n_cleared)
    if missing:
        for record in records.values():
            _read_back(store, record)
    return [records[job.key] for job in planned]


def _read_back(store: Store, record: Record) -> None:
    """Make sure that the store still has a record, with its ranks; a job may have removed or changed what is there."""
    try:
        found = store.find(record.key)
    except ProtocolError:
        found = None
    if found is None or _outcome(found) != _outcome(record):
        what = "is gone from" if found is None else "was changed in"
        warnings.warn(
            f"the record of {record.recommender.label} {what} {store.folder} since it was stored, or was damaged; it "
            "is stored again now; look for a recommender that writes where it should not",
            RecbenchWarning,
            stacklevel=3,
        )
        store.add(record)


def _outcome(record: Record) -> tuple[bool, set[str]]:
    """Return whether a record is a failure, and the digests of its arrays, whose names are the store's."""
    return record.failed, set(record.contents.files.values())
