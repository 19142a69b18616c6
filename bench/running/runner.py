"""A run: stored records are used again, and the other jobs run at a place."""

from __future__ import annotations

import logging
import warnings
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Required, TypedDict

from bench.machine.interrupting import one_interrupt
from bench.machine.processes import keep_exit_codes
from bench.records.groups import check_same_task
from bench.records.inputs import recorded_task
from bench.running.feed import GivenJobs
from bench.running.folder_view import FolderView
from bench.running.foresight.room import without_room
from bench.running.intake import Admission, Intake
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
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    from bench.records.outcome import Failure
    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.feed import Feed
    from bench.running.places.place import Place
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from protocol.tasks.task import Task


_LOG = logging.getLogger(__name__)


class RunOptions(TypedDict, total=False):
    """How jobs are run.

    Parameters
    ----------
    timeout
        Seconds after which a job is stopped.
    progress
        Receives what happens.
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
    """

    timeout: Required[float]
    progress: Required[Progress]
    memory: int | None
    jobs: int | None
    place: Place | None
    refit: bool
    keep_models: bool
    go_on: bool


def run_jobs(planned: Sequence[Job], store: Store, **options: Unpack[RunOptions]) -> list[Record]:
    """Return the record of each planned job: the stored one, or what a process makes of it now.

    A failure is stored, too, and tried again the next time.

    Raises
    ------
    RecbenchError
        As `run_feed`.
    """
    given = GivenJobs(list({job.key: job for job in planned}.values()))
    run_feed(given, store, **options)
    return given.kept


def run_feed(
    feed: Feed,
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
) -> None:
    """Run what a feed gives, each job as soon as there is a place for it.

    Parameters
    ----------
    timeout, progress, memory, jobs, place, refit, keep_models
        See `RunOptions`.
    go_on
        The same, of the jobs that the feed gives first; a later one that cannot fit always becomes a failure.

    Raises
    ------
    NoRoomError
        If jobs cannot fit into the free memory (see `bench.running.foresight.room`); nothing has run.
    ProtocolError
        If the store has records of another task or schema: no table could be made of both.
    PlaceLostError
        If the engine of the place is gone; what is finished is stored.
    """
    documents = store.documents()
    check_tasks(store, documents, feed.tasks)
    store.prepare()
    where, shown = place or LocalPlace(jobs or 1), Orderly(progress)

    def at_once() -> int:
        return min((n for n in (jobs, where.n_at_once) if n), default=1)

    def stored(some: Sequence[Job]) -> Stored:
        if refit:
            return Stored()
        return stored_records(store, some, documents, with_models=keep_models, of_any_machine=where.is_elsewhere)

    def unfit(some: Sequence[Job], *, go_on: bool = True) -> dict[str, Failure]:
        return {} if where.is_elsewhere else without_room(some, limit=memory, at_once=at_once(), go_on=go_on)

    intake = Intake(feed, stored, at_once, shown)
    first = intake.take()
    refused = unfit(first, go_on=go_on)
    if not keep_models:
        warn_of_lost_models(first, documents)
    n_cleared = clear_abandoned()
    keep_exit_codes()
    # Before there is a folder for models: one in the user's folder would be shown, too.
    view = FolderView.of(Path.cwd(), store.folder)
    with one_interrupt(), drafts(store.folder) if keep_models else nullcontext() as models:
        where.open(RunOfJobs(first, Limits(timeout, memory), shown, view, store.folder, models, refit))
        with closing(where), shown:
            shown.begin(first, n_stored=intake.n_stored, folder=store.folder, n_more=feed.n_more)
            intake.explain()
            settling = Settling(OneRow(store, documents), where, shown)
            admission = Admission(intake, settling, unfit, shown)
            settling.run(admission.of(first, refused), jobs, admission.after)
    if n_cleared:
        _LOG.info("scratch folders of killed runs: removed %d", n_cleared)
    if intake.n_made:
        for record in feed.kept:
            _read_back(store, record)


def check_tasks(store: Store, documents: Iterable[Record], tasks: Iterable[Task]) -> None:
    """Refuse to store records of some tasks beside those of another one.

    Parameters
    ----------
    documents
        The records of the store, without their arrays.

    Raises
    ------
    ProtocolError
        Naming what differs.
    """
    what = f"the records in {store.folder}, and those that are to be made,"
    check_same_task(f"{what} would be", [*(record.task for record in documents), *map(recorded_task, tasks)])


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
