"""A run on a cluster of dask, as the driver sees it: each worker gets one job after another.

The driver names the worker of each job. If dask chose it, it would run a job again unasked when the worker dies. Here
the task of a dead worker waits for ever, and the driver, who sees which workers there are, sends the job elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.places.dask_errands import Errands, LostWorkerError
from bench.running.places.dask_pauses import Pauses
from bench.running.places.dask_roster import Roster
from bench.running.places.place import PlaceLostError, Returned
from bench.running.places.unless import end, unless
from bench.running.places.waiting import Waiting, WaitingLine
from bench.running.travel.acceptance import accepted
from bench.running.travel.answer import Answer
from bench.running.travel.bundle import BundleError
from bench.running.travel.parcel import Packing
from bench.running.travel.visiting import BEGUN
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from distributed import Client

    from bench.running.places.dask_errands import Listener
    from bench.running.places.dask_member import Member
    from bench.running.places.place import RunOfJobs
    from bench.running.travel.blobs import Blobs
    from bench.running.travel.parcel import Parcel

LOOKING_SECONDS = 0.5
"""How often the scheduler is asked which workers there are."""

ALONE_SECONDS = 60.0
"""For how long jobs wait for a worker when there is none."""

RESTING_SECONDS = 10.0
"""For how long a worker that could not run a job gets none."""

MOST_UNFIT = 3
"""A worker that cannot run so many jobs in a row gets no more."""

STOPPING_SECONDS = 4.0
"""The most that stopped jobs may take to end; a worker that does not answer ends its job once dask tells it."""


class Crew:
    """The workers of a run; all methods are called in the loop of the client.

    Parameters
    ----------
    address
        Of the scheduler.
    blobs
        The files of the jobs.
    same_machine
        See `Session`.
    """

    def __init__(self, client: Client, address: str, run: RunOfJobs, blobs: Blobs, *, same_machine: bool) -> None:
        self._run, self._address = run, address
        self._packing, self._packs = Packing(blobs, run.limits, keeps_models=run.models is not None), asyncio.Lock()
        self._errands = Errands(client, blobs)
        self._roster = Roster(client, same_machine=same_machine, welcome=self._welcome, explain=run.progress.explained)
        self._pauses = Pauses(address, run.progress.explained)
        self._line = WaitingLine()
        self._attending: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    @property
    def n_at_once(self) -> int:
        """How many workers may run jobs."""
        return len(self._roster.members)

    async def open(self) -> None:
        """Meet the workers.

        Raises
        ------
        PlaceLostError
            If there is none that may run jobs.
        """
        await self._roster.open()
        if not self._roster.members:
            raise PlaceLostError(self._why_alone())

    async def serve(self) -> None:
        """Give jobs to workers until this is cancelled; the running ones then end.

        Raises
        ------
        PlaceLostError
            If the scheduler is gone, or jobs have waited too long for a worker.
        """
        try:
            await self._keep_looking()
        finally:
            await end(self._attending)

    async def all_ended(self) -> None:
        """Wait until jobs have ended that no worker should run any more, with all that they started."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOPPING_SECONDS):
                await self._errands.all_ended()

    def join(self, waiting: Waiting) -> None:
        """Let a job wait for a worker."""
        self._line.join(waiting)
        self._tell()

    async def _keep_looking(self) -> None:
        """Look which workers there are, again and again."""
        seen = time.monotonic()
        while True:
            await self._roster.look()
            self._pauses.look(self._roster.members.values(), len(self._line))
            self._tell()
            for task in [task for task in self._attending if task.done()]:
                self._attending.remove(task)
                task.result()
            if self._roster.members or not self._line:
                seen = time.monotonic()
            elif time.monotonic() - seen > ALONE_SECONDS:
                raise PlaceLostError(self._why_alone())
            await asyncio.sleep(LOOKING_SECONDS)

    def _tell(self) -> None:
        """Wake the workers that wait for a job."""
        self._news.set()
        self._news = asyncio.Event()

    def _welcome(self, member: Member) -> None:
        self._attending.add(asyncio.create_task(self._attend(member)))

    async def _attend(self, member: Member) -> None:
        """Give a worker one job after another until it is gone."""
        while member.address in self._roster.members and not member.gone.is_set():
            waiting = self._line.next_for(member.about.process, self._present()) if member.takes_jobs else None
            if waiting is None:
                await self._news.wait()
            else:
                await self._give(member, waiting)

    async def _give(self, member: Member, waiting: Waiting) -> None:
        """Let a worker run a job; if it cannot, the job waits for another one."""
        job, progress = waiting.job, self._run.progress
        member.has_begun = False
        member.recalled.clear()

        def listen(event: dict[str, Any]) -> None:
            if event == BEGUN:
                member.has_begun = True
                progress.started(job)
            else:
                progress.reported(job, event)

        try:
            async with self._packs:
                parcel = await asyncio.to_thread(self._packing.parcel, job)
        except RecbenchError as error:
            waiting.returned.set_result(Returned(failed_record(job.document, Failure("raised", str(error)))))
            return
        answer = await self._answer(member, parcel, listen)
        if answer is not None and answer.kind == "done":
            try:
                back = await asyncio.to_thread(accepted, answer.bundle, job, self._run.models)
            except BundleError as error:
                answer = Answer(kind="unfit", reason=str(error))
            else:
                member.n_unfit = 0
                waiting.returned.set_result(Returned(*back))
                return
        await self._give_back(member, waiting, answer)

    async def _answer(self, member: Member, parcel: Parcel, listen: Listener) -> Answer | None:
        """Return what a worker answers; None if it is lost, or its job recalled."""
        try:
            errand = self._errands.run(member, parcel, self._n_on(member.about.host), listen)
            return await unless(member.recalled, errand)
        except (LostWorkerError, OSError):
            return None
        except CancelledError:
            await self._roster.look()  # If the scheduler is gone, this raises.
            return None
        except RecbenchError as error:
            return Answer(kind="unfit", reason=str(error))
        except Exception as error:  # noqa: BLE001 - whatever a worker, or dask there, does costs a retry at most
            return Answer(kind="unfit", reason=f"it cannot run a job ({type(error).__name__}: {error})")

    async def _give_back(self, member: Member, waiting: Waiting, answer: Answer | None) -> None:
        """Let a job wait for another worker, and see to the one that did not run it."""
        if answer is None and member.recalled.is_set() and not member.gone.is_set():
            self._line.rejoin(waiting)
        elif answer is None:
            self._roster.forget(member.address)
            self._lose(member, waiting, "died, or left the cluster")
        elif answer.kind == "refused":
            self._roster.leave_out(member, answer.reason)
            self._line.rejoin(waiting)
        elif answer.kind == "stopped":
            member.takes_jobs = False  # Until the scheduler says again that it is running.
            self._lose(member, waiting, "is being closed")
        else:
            self._lose(member, waiting, f"could not run it: {answer.reason}")
            await self._rest(member, answer.reason)
        self._tell()

    def _lose(self, member: Member, waiting: Waiting, what: str) -> None:
        """Let a job that a worker has lost wait for another one."""
        reason = f"its {member} {what}"
        if self._line.lost(waiting, member.about.process, reason):
            self._run.progress.explained(f"{waiting.job.title} is tried again: {reason}")
        self._tell()

    async def _rest(self, member: Member, reason: str) -> None:
        """Give a worker that could not run a job no other one for a while, and none at all if that comes again."""
        member.n_unfit += 1
        if member.n_unfit < MOST_UNFIT:
            await unless(member.gone, asyncio.sleep(RESTING_SECONDS))
        else:
            self._roster.leave_out(member, f"it could not run {MOST_UNFIT} jobs in a row: {reason}")

    def _n_on(self, host: str) -> int:
        """Return how many workers on a machine may run jobs."""
        return sum(member.about.host == host for member in self._roster.members.values())

    def _why_alone(self) -> str:
        """Return that there is no worker, and what to do."""
        left_out = [f"{address}: {reason}" for address, reason in self._roster.left_out.items()]
        if left_out:
            return f"no worker of dask may run jobs: {'; '.join(left_out)}"
        return f"there is no worker; start some with `dask worker {self._address}`, and run the same command again"

    def _present(self) -> list[str]:
        return [member.about.process for member in self._roster.members.values()]
