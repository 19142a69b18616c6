"""One job at one worker of dask: its files are sent, it runs, its answer comes back."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from typing import TYPE_CHECKING, Any

from distributed import KilledWorker

from bench.running.places import dask_worker
from bench.running.travel.answer import read_answer
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from distributed import Client

    from bench.running.places.dask_member import Member
    from bench.running.travel.answer import Answer
    from bench.running.travel.blobs import Blobs
    from bench.running.travel.parcel import Parcel

    Listener = Callable[[dict[str, Any]], None]

_CHUNK = 2**23
"""The most bytes of a file that one message holds."""

_ENDING_LOOKS = 0.02
"""How often, in seconds, it is looked whether stopped jobs have ended."""


class LostWorkerError(RecbenchError):
    """A worker died, with the job that it had."""


class UnfitWorkerError(RecbenchError):
    """A worker cannot run jobs now; the message says why."""


class Errands:
    """Lets workers run jobs.

    Parameters
    ----------
    blobs
        The files of the jobs.
    """

    def __init__(self, client: Client, blobs: Blobs) -> None:
        self._client, self._blobs = client, blobs
        self._token = secrets.token_hex(8)
        self._names = (f"recbench-{self._token}-{number}" for number in itertools.count())
        self._listeners: dict[str, Listener] = {}
        self._members: dict[str, Member] = {}
        self._at_work: dict[str, Member] = {}
        client.subscribe_topic(dask_worker.TOPIC, self._heard)

    async def run(self, member: Member, parcel: Parcel, at_once: int, listen: Listener) -> Answer:
        """Let a worker run a job, which ends when this is cancelled; return its answer.

        Parameters
        ----------
        at_once
            How many jobs may run on its machine.
        listen
            Is called with each event of the job (see `bench.running.travel.visiting.visit`).

        Raises
        ------
        LostWorkerError
            If the worker died.
        UnfitWorkerError
            If it cannot keep the files of the job.
        BundleError
            If the answer was damaged on its way.
        Exception
            If dask cannot run the job there.
        """
        content = parcel.encoded()
        answer = await self._ask(member, content, at_once, listen)
        if answer.kind == "missing":
            await self._send_files(member, answer.missing)
            answer = await self._ask(member, content, at_once, listen)
        return answer

    async def _ask(self, member: Member, parcel: bytes, at_once: int, listen: Listener) -> Answer:
        name = next(self._names)
        self._listeners[name], self._members[name] = listen, member
        future = self._client.submit(
            dask_worker.run,
            name,
            member.about.process,
            parcel,
            at_once,
            key=name,
            workers=[member.address],
            allow_other_workers=False,
            retries=0,
            pure=False,
        )
        try:
            content: bytes = await future
        except KilledWorker as error:
            raise LostWorkerError from error
        finally:
            # dask forgets the task; its worker sees that, and ends the job.
            future.release()
            del self._listeners[name], self._members[name]
        if not content:
            raise LostWorkerError
        return read_answer(content)

    async def all_ended(self) -> None:
        """Wait until no worker runs a job that was cancelled."""
        while any(not member.gone.is_set() for member in self._at_work.values()):
            await asyncio.sleep(_ENDING_LOOKS)

    def _heard(self, message: tuple[float, Any]) -> None:
        """Pass an event of a worker on; the topic has those of other drivers, too."""
        _, said = message
        name, event = said.get("job"), said.get("event")
        if event is None:
            self._at_work.pop(name, None)
        elif name in self._listeners and isinstance(event, dict):
            self._at_work[name] = self._members[name]
            self._listeners[name](event)

    async def _send_files(self, member: Member, digests: Iterable[str]) -> None:
        """Send files to a worker, in pieces."""
        for digest in digests:
            path = await asyncio.to_thread(self._blobs.get, digest)
            with path.open("rb") as file:
                while piece := file.read(_CHUNK):
                    await self._call(member, dask_worker.keep_piece, digest, self._token, piece)
            await self._call(member, dask_worker.keep, digest, self._token)

    async def _call(self, member: Member, function: Callable[..., Any], *arguments: object) -> None:
        """Call a function at a worker, outside of its tasks.

        Raises
        ------
        UnfitWorkerError
            If it returns a problem.
        """
        answers = await self._client.run(function, *arguments, workers=[member.address])
        if problem := answers[member.address]:
            raise UnfitWorkerError(problem)
