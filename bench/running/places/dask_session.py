"""One run on a cluster of dask: a thread with an event loop, in which the client and the crew live."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from distributed import Client

from bench.running.places.dask_crew import Crew
from bench.running.places.place import PlaceLostError, Returned
from bench.running.places.unless import unless
from bench.running.places.waiting import Waiting
from bench.running.travel.blobs import Blobs
from protocol.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.running.places.place import RunOfJobs
    from bench.running.plan import Job

_LOG = logging.getLogger(__name__)

CONNECTING_SECONDS = 15.0
"""For how long the scheduler may not answer at the beginning."""

CLOSING_SECONDS = 2.0

_READABLE = ["msgpack", "error"]
"""The forms in which the driver reads what workers send. A pickle, which would be run, is none of them."""

_LOGGERS = ("distributed", "distributed.client", "distributed.core", "tornado.application")
"""What dask prints with. The run says itself what matters to it."""


class Session:
    """Serves one run.

    Parameters
    ----------
    address
        Of the scheduler.
    same_machine
        Whether workers on other kinds of machine than most get no jobs.
    """

    def __init__(self, address: str, run: RunOfJobs, *, same_machine: bool) -> None:
        self._address, self._run, self._same_machine = address, run, same_machine
        self._lock = threading.Lock()
        self._unsettled: set[Future[Returned]] = set()
        self._over: BaseException | None = None
        self._opened: Future[Crew] = Future()
        self._loop, self._ends = asyncio.new_event_loop(), asyncio.Event()
        self._loop.set_exception_handler(_note)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def open(self) -> Crew:
        """Connect, and meet the workers.

        Raises
        ------
        PlaceLostError
            If no scheduler answers, or there is no worker that may run jobs.
        """
        self._thread.start()
        return self._opened.result()

    def submit(self, job: Job) -> Future[Returned]:
        """Let a job wait for a worker."""
        crew, returned = self._opened.result(), Future[Returned]()
        with self._lock:
            over = self._over
            if over is None:
                self._unsettled.add(returned)
                returned.add_done_callback(self._forget)
                self._loop.call_soon_threadsafe(crew.join, Waiting(job, returned))
        if over is not None:
            returned.set_exception(over)
        return returned

    def end(self, error: BaseException) -> None:
        """End the running jobs with all that they started, and disconnect; what has not returned ends with an error."""
        with self._lock:
            if self._over is None:
                self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._settle(error)

    def _settle(self, error: BaseException) -> None:
        """Let this be over: all that has not returned, and all that is submitted from now on, ends with an error."""
        with self._lock:
            self._over = self._over or error
            unsettled, self._unsettled = self._unsettled, set()
        for returned in unsettled:
            if not returned.done():
                returned.set_exception(self._over)

    def _forget(self, returned: Future[Returned]) -> None:
        """Let go of what has returned: a record holds arrays."""
        with self._lock:
            self._unsettled.discard(returned)

    def _serve(self) -> None:
        with _silence(), asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._work())

    async def _work(self) -> None:
        try:
            with scratch_folder() as folder:
                client = await unless(self._ends, connected(self._address))
                if client is not None:
                    await self._work_with(client, Blobs(folder / "blobs"))
        except BaseException as error:  # noqa: BLE001 - the runner raises it
            self._settle(error)
            if not self._opened.done():
                self._opened.set_exception(error)

    async def _work_with(self, client: Client, blobs: Blobs) -> None:
        crew = Crew(client, self._address, self._run, blobs, same_machine=self._same_machine)
        try:
            await unless(self._ends, self._open_and_serve(crew))
            await crew.all_ended()
        finally:
            await client.close(CLOSING_SECONDS)

    async def _open_and_serve(self, crew: Crew) -> None:
        await crew.open()
        self._opened.set_result(crew)
        await crew.serve()


async def connected(address: str) -> Client:
    """Return a client of a scheduler.

    Raises
    ------
    PlaceLostError
        If it does not answer.
    """
    client = Client(
        address,
        asynchronous=True,
        set_as_default=False,
        name="recbench",
        timeout=CONNECTING_SECONDS,
        deserializers=_READABLE,
    )
    try:
        await client
        return client
    except Exception as error:
        # A client that is left to itself prints that it was not closed.
        with contextlib.suppress(Exception):
            await client.close(CLOSING_SECONDS)
        # Of any type: without a configuration for tls:// it is a TypeError.
        raise PlaceLostError(
            f"no scheduler of dask answers at {address} ({error}); start one with `dask scheduler`, and workers with "
            f"`dask worker {address}`"
        ) from error


def _note(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Note what nobody waits for; dask leaves an error behind where what waits for a task of its own is cancelled."""
    _LOG.debug("%s", context["message"], exc_info=context.get("exception"))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let dask print nothing until the block ends."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
