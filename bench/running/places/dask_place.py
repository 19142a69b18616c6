"""A cluster of dask: a scheduler that runs already, and its workers, which need no disk in common with the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.running.places.place import PlaceLostError, Returned
from protocol.errors import ProtocolError, RecbenchError
from protocol.installation import how_to_add

try:
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    from bench.running.places.dask_session import Session
except ModuleNotFoundError as error:
    if error.name != "distributed":
        raise
    raise RecbenchError(f"--on dask needs the library distributed; {how_to_add('dask')}") from error

if TYPE_CHECKING:
    from concurrent.futures import Future

    from bench.running.places.dask_crew import Crew
    from bench.running.places.place import RunOfJobs
    from bench.running.plan import Job


def read(text: str) -> DaskPlace:
    """Return the place whose address is behind ``dask:``.

    Raises
    ------
    ProtocolError
        If there is no address, or it has no port or a kind of transport that dask does not know.
    """
    if not text:
        raise ProtocolError("--on dask lacks the address of a scheduler; write --on dask:tcp://HOST:8786")
    try:
        scheme, location = parse_address(text)
        get_backend(scheme)
        host, _ = parse_host_port(location)
    except ValueError:
        host = ""
    if not host:
        raise ProtocolError(f"--on dask:{text} names no scheduler; write --on dask:tcp://HOST:8786, with its own port")
    return DaskPlace(text)


class DaskPlace:
    """A cluster of dask.

    Parameters
    ----------
    address
        Of the scheduler: ``"tcp://10.0.0.1:8786"``.
    """

    is_elsewhere = True
    threads = 1
    same_machine = False

    def __init__(self, address: str) -> None:
        self._address = address
        self._session: Session | None = None
        self._crew: Crew | None = None

    @property
    def n_at_once(self) -> int | None:
        """How many workers may run jobs; None while it is not open."""
        return None if self._crew is None else self._crew.n_at_once

    def open(self, run: RunOfJobs) -> None:
        """Connect, and meet the workers; without any job, do nothing.

        Raises
        ------
        PlaceLostError
            If no scheduler answers, or there is no worker that may run jobs.
        """
        if run.jobs:
            self._session = Session(self._address, run, same_machine=self.same_machine)
            self._crew = self._session.open()

    def submit(self, job: Job) -> Future[Returned]:
        """Let a job wait for a worker."""
        assert self._session is not None  # noqa: S101 - it is open
        return self._session.submit(job)

    def settled(self, job: Job) -> None:
        """Do nothing: storing a record here disturbs no job there."""

    def stop(self) -> None:
        """End the running jobs with all that they started, and start no others."""
        if self._session is not None:
            self._session.end(KeyboardInterrupt())

    def close(self) -> None:
        """Disconnect."""
        if self._session is not None:
            self._session.end(PlaceLostError("this run has ended"))
            self._session = self._crew = None
