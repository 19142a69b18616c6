"""A run: stored records are used again, and the other jobs run, several at once if asked for."""

from __future__ import annotations

import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine.interrupting import one_interrupt
from bench.machine.processes import keep_exit_codes
from bench.records.groups import check_same_task
from bench.records.inputs import recorded_task
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.folder_view import FolderView
from bench.running.handing import TrainingData
from bench.running.stored import Stored, stored_records, warn_of_lost_models
from bench.running.supervisor import Limits, Supervisor
from protocol.drafts import drafts
from protocol.errors import ProtocolError, RecbenchWarning, RecommenderError
from protocol.scratch import clear_abandoned
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record
    from bench.records.store import Store
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
    jobs: int = 1,
    refit: bool = False,
    keep_models: bool = False,
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
        How many run at once; more than one disturb each other's times.
    refit
        Whether to run all jobs, in place of the records that are stored.
    keep_models
        Whether to store the fitted models, too; a job whose stored record has none runs again.

    Raises
    ------
    ProtocolError
        If the store has records of another task or schema: no table could be made of both.
    """
    what = f"the records in {store.folder}, and those that are to be made,"
    documents = store.documents()
    tasks = [*(record.task for record in documents), *(recorded_task(job.task) for job in planned)]
    check_same_task(f"{what} would be", tasks)
    store.prepare()
    planned = list({job.key: job for job in planned}.values())
    stored = Stored() if refit else stored_records(store, planned, documents, with_models=keep_models)
    records = dict(stored.records)
    missing = [job for job in planned if job.key not in records]
    if not keep_models:
        warn_of_lost_models(missing, documents)
    unprepared = _prepare(missing)
    n_cleared = clear_abandoned()
    keep_exit_codes()
    # Before there is a folder for models: one in the user's folder would be shown, too.
    view = FolderView.of(Path.cwd(), store.folder)
    with (
        one_interrupt(),
        closing(TrainingData()) as training,
        drafts(store.folder) if keep_models else nullcontext() as models,
        progress,
    ):
        progress.begin(missing, n_stored=len(records), folder=store.folder)
        for reason in stored.reasons:
            progress.explained(reason)
        supervisor = Supervisor(training, Limits(timeout, memory), progress, view, models)

        def run(job: Job) -> Record:
            failure = unprepared.get(job.choice.entry.reference)
            progress.started(job)
            record = failed_record(job.document, failure) if failure else _of_known(job, supervisor.run(job))
            model = models / job.key if models and record.model and record.model.files else None
            store.add(record, model=model, stopped=lambda: supervisor.stopped)
            progress.ended(job, record)
            _say_what_is_left_out(record)
            return record

        executor = ThreadPoolExecutor(jobs)
        try:
            for job, record in zip(missing, executor.map(run, missing), strict=True):
                records[job.key] = record
        except BaseException:
            supervisor.stop()
            raise
        finally:
            executor.shutdown(cancel_futures=True)
    if n_cleared:
        _LOG.info("scratch folders of killed runs: removed %d", n_cleared)
    if missing:
        for record in records.values():
            _read_back(store, record)
    return [records[job.key] for job in planned]


def _of_known(job: Job, record: Record) -> Record:
    """Return a job's record; a failure where the job was planned without knowing what its recommender can do.

    It would lack a full ranking, or seeds, without a word. That happens where a plug-in could be imported by its
    job and not before, as when the system killed the process that looked at it.
    """
    if job.is_described or record.failed:
        return record
    problem = registry.inspect_plugins([job.choice.entry])[0].problem
    return failed_record(
        job.document, Failure("raised", f"{problem}; its job could import it: run again", detail=problem)
    )


def _say_what_is_left_out(record: Record) -> None:
    """Warn that a record holds only a part of a learning curve."""
    for what, curve in (("fitting", record.curve), ("selection", record.selection.curve if record.selection else ())):
        if curve and curve[-1].epoch > len(curve):
            warnings.warn(
                f"the record of {record.recommender.label} keeps {len(curve):,} of the {curve[-1].epoch:,} epochs of "
                f"the curve of {what}, evenly spread",
                RecbenchWarning,
                stacklevel=2,
            )


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


def _prepare(jobs: Sequence[Job]) -> dict[str, Failure]:
    """Let programs prepare what they need, once and off the clock.

    Returns
    -------
    dict
        The failures of those that cannot, by the reference of the recommender's class.
    """
    failures = {}
    for entry in {job.choice.entry.reference: job.choice.entry for job in jobs}.values():
        try:
            registry.prepare(entry)
        except RecommenderError as error:
            failures[entry.reference] = Failure("raised", str(error), detail=str(error))
    return failures
