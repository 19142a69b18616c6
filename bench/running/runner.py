"""A run: stored records are used again, and the other jobs run, several at once if asked for."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bench.records.groups import check_same_task
from bench.records.inputs import recorded_task
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.measuring import MESSAGE_LENGTH
from bench.running.stored import Stored, stored_records
from bench.running.supervisor import Limits, Supervisor
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record
    from bench.records.store import Store
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress


def run_jobs(
    planned: Sequence[Job],
    store: Store,
    *,
    timeout: float,
    progress: Progress,
    memory: int | None = None,
    jobs: int = 1,
    refit: bool = False,
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
    stored = Stored() if refit else stored_records(store, planned, documents)
    records = dict(stored.records)
    missing = [job for job in planned if job.key not in records]
    unprepared = _prepare(missing)
    with tempfile.TemporaryDirectory(prefix="recbench-") as scratch, progress:
        progress.begin(missing, n_stored=len(records), folder=store.folder)
        for reason in stored.reasons:
            progress.explained(reason)
        folders = _save_tasks(missing, Path(scratch, "tasks"))
        supervisor = Supervisor(Path(scratch), folders, Limits(timeout, memory), progress)

        def run(job: Job) -> Record:
            failure = unprepared.get(job.choice.entry.reference)
            progress.started(job)
            record = failed_record(job.document, failure) if failure else supervisor.run(job)
            store.add(record)
            progress.ended(job, record)
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
    return [records[job.key] for job in planned]


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
            failures[entry.reference] = Failure("raised", str(error)[:MESSAGE_LENGTH], detail=str(error))
    return failures


def _save_tasks(jobs: Sequence[Job], folder: Path) -> dict[str, Path]:
    """Save the tasks of some jobs; return where each is, by its digest."""
    tasks = {task.digest: task for job in jobs for task in (job.task, job.validation) if task is not None}
    for digest, task in tasks.items():
        task.save(folder / digest)
    return {digest: folder / digest for digest in tasks}
